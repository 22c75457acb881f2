"""The host is asked for a person's fork once in a while, not at every look."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from olo_jupyter.backends.hosts.base import Fork, HostError
from olo_jupyter.config import Settings
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.promotion import fork as forks
from olo_jupyter.promotion.fork import find_fork, forget_fork
from olo_jupyter.promotion.repository import Repository


class Host:
    """A host that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Fork | None = Fork("bo/f", "https://git.example.org/bo/f.git", "git@git.example.org:bo/f.git")

    def fork(self) -> Fork | None:
        self.asked += 1
        if self.answer is not None and self.answer.path == "down":
            raise HostError("no answer")
        return self.answer

    def close(self) -> None: ...


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    address = "https://git.example.org/ana/f.git"
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", address], check=True)
    return Settings(root=tmp_path, user="bo", state=tmp_path / "state", git=GitSettings(fork="auto", host="gitea"))


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(forks, "_known", {})
    there = Host()
    monkeypatch.setattr(forks, "open_host", lambda repository, settings: there)
    return there


def _found(settings: Settings) -> Repository:
    repository = Repository(settings.root, settings.git, settings.user)
    find_fork(repository, settings)
    return repository


def test_asked_once_until_it_is_old_or_a_push_failed(
    settings: Settings, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert _found(settings).push_to == "https://git.example.org/bo/f.git"
    assert host.asked == 1
    forget_fork(_found(settings), settings)
    assert _found(settings).push_to == "https://git.example.org/bo/f.git"
    assert host.asked == 2
    monkeypatch.setattr(forks, "_SECONDS", 0.0)
    host.answer = None  # may push now
    assert _found(settings).push_to == "origin"
    assert host.asked == 3


def test_each_person_and_each_way_of_signing_in_has_an_answer(settings: Settings, host: Host) -> None:
    _found(settings)
    _found(settings.model_copy(update={"user": "cy"}))
    assert host.asked == 2
    ssh = "ssh://git@git.example.org/ana/f.git"
    subprocess.run(["git", "-C", str(settings.root), "remote", "set-url", "origin", ssh], check=True)
    assert _found(settings).push_to == "git@git.example.org:bo/f.git"


def test_what_failed_is_asked_again_and_that_no_fork_is_needed_is_known(settings: Settings, host: Host) -> None:
    host.answer = Fork("down", "", "")
    assert "no answer" in _found(settings).offline
    host.answer = None
    assert (_found(settings).offline, _found(settings).push_to) == ("", "origin")
    assert host.asked == 2
    host.answer = Fork("x/f", "https://elsewhere.example.org/x/f.git", "")
    forget_fork(_found(settings), settings)
    assert "another host" in _found(settings).offline
