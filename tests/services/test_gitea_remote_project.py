"""A project that is given by its address, of a private repository on a real Gitea: cloned, promoted from, updated."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx2 as httpx
import pytest

from olo_jupyter.cli import main
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.git import Git, GitError
from olo_jupyter.promotion.outcome import Promotion
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.promote import promote
from olo_jupyter.promotion.remote_project import brought
from tests.integration.promotion.notebooks import run
from tests.services.gitea import Gitea

from .test_gitea import SQL, api, git, place, project, repository, signed_in

__all__ = ["api", "project", "repository", "signed_in"]


@pytest.fixture
def address(
    api: httpx.Client, repository: str, project: tuple[Session, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The project's repository, which only who signs in may read; the lakehouse is where the checkout's is."""
    api.patch(f"/repos/{place(repository).path}", json={"private": True}).raise_for_status()
    monkeypatch.setenv("OLO_CACHE", str(tmp_path / "cache" / "olo"))
    return repository


def _promoted(root: Path, sql: str = SQL) -> Promotion:
    with Session(load_settings(root)) as session:
        ran = run([("c1", sql)], session, root)
        return promote(ran.request("delays", source="delays", open_pr=True, verify=False), session)


@pytest.mark.timeout(600)
def test_cloned_promoted_from_and_brought_up_to_date(
    api: httpx.Client, address: str, project: tuple[Session, Path], gitea: Gitea, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        main(["--project", address, "status", "--json"])
    assert ended.value.code == 0
    root = Path(os.environ["OLO_PROJECT"])
    assert root.is_relative_to(tmp_path / "cache")
    assert root.name == place(address).path.split("/")[1]
    bare = root.parent / "repository.git"
    assert git(bare, "config", "remote.origin.partialclonefilter") == "blob:none"
    _reach_the_lakehouse(root, project[1], monkeypatch)
    done = _promoted(root)
    assert done.pull_request is not None, done.findings
    assert done.folder is not None
    assert (done.folder / "models/gold/delays.sql").is_file()
    listed = api.get(f"/repos/{place(address).path}/pulls").json()
    assert [pull["number"] for pull in listed] == [done.pull_request.number]
    assert git(root, "status", "--porcelain") == ""

    # Somebody changes the default branch: the next look has it; what a person changed in the checkout stays.
    other = project[1]
    (other / "docs").mkdir(exist_ok=True)
    (other / "docs" / "new.md").write_text("new\n")
    git(other, "add", "docs")
    git(other, "commit", "-q", "-m", "docs: new")
    git(other, "push", "-q", token=gitea.token)
    assert brought(address) == root
    assert (root / "docs" / "new.md").read_text() == "new\n"
    again = _promoted(root, SQL.replace("AS flights", "AS all_flights"))
    assert again.pull_request is not None, again.findings
    assert again.pull_request.number == done.pull_request.number
    (root / "olo.yml").write_text((root / "olo.yml").read_text() + "# mine\n")
    (other / "docs" / "new.md").write_text("newer\n")
    git(other, "commit", "-qam", "docs: newer")
    git(other, "push", "-q", token=gitea.token)
    with pytest.warns(UserWarning, match="changed by hand"):
        assert brought(address) == root
    assert (root / "olo.yml").read_text().endswith("# mine\n")
    git(root, "checkout", "-q", "olo.yml")

    # Away: what is here counts, and it is said.
    api.patch(f"/repos/{place(address).path}", json={"name": "gone"}).raise_for_status()
    monkeypatch.setenv("OLO_GIT_TOKEN", "wrong")
    with pytest.warns(UserWarning, match="can't be reached"):
        assert brought(address) == root
    seen = "".join(capsys.readouterr())
    assert gitea.token not in seen
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and gitea.token.encode() in path.read_bytes()]
    assert kept == []


def _reach_the_lakehouse(root: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blueprint keeps its lakehouse beside the project's folder."""
    (root.parent / "lakehouse").symlink_to(checkout.parent / "lakehouse")
    monkeypatch.delenv("OLO_PROJECT")


@pytest.mark.timeout(600)
def test_cut_at_each_step_of_the_clone_the_same_call_finishes(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = Git.run
    for step in ("init", "config", "ls-remote", "fetch", "symbolic-ref", "worktree", "checkout"):

        def cut(self: Git, *arguments: str, step: str = step, **more: object) -> object:
            if step in arguments[:5]:
                raise GitError(f"git {step} was cut", code="git-timeout")
            return real(self, *arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setenv("OLO_CACHE", str(tmp_path / "cache" / step))
        with monkeypatch.context() as patched, pytest.raises((GitError, PromotionError)):
            patched.setattr(Git, "run", cut)
            brought(address)
        root = brought(address)
        assert (root / "olo.yml").is_file(), step
        assert git(root, "status", "--porcelain") == "", step


def test_addresses_that_can_t_be(address: str, gitea: Gitea, api: httpx.Client) -> None:
    for bad, code in (
        (address.replace("http://", f"http://ana:{gitea.token}@"), "secret-in-address"),
        (f"{gitea.uri}/ana/there-is-none.git", "no-clone"),
        ("http://127.0.0.1:9/a/b.git", "no-clone"),
        (f"{address}#subdirectory=data", "no-project"),
        (f"{address}#subdirectory=../..", "no-project"),
    ):
        with pytest.raises(PromotionError) as raised:
            brought(bad)
        assert raised.value.code == code
        assert gitea.token not in f"{raised.value.message}{raised.value.hint}{json.dumps(raised.value.code)}"
    api.post("/user/repos", json={"name": "hollow"}).raise_for_status()
    with pytest.raises(PromotionError) as empty:
        brought(f"{gitea.uri}/ana/hollow.git")
    assert empty.value.code == "no-commit"
