"""A token from each place that it may be in: a promotion to a real, private Gitea repository signs in by it, and it
appears in nothing that a promotion prints, logs, answers, commits, keeps or opens."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx2 as httpx
import keyring
import pytest
from keyrings.alt.file import PlaintextKeyring

from olo_jupyter import hub_token
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.promote import promote
from olo_jupyter.server.promotions import list_promotions
from olo_magics.promotion_view import PromotionView
from tests.integration.promotion.notebooks import run
from tests.services.gitea import Gitea

from .test_gitea import SQL, api, git, notebook_json, place, project, repository, signed_in

__all__ = ["api", "project", "repository", "signed_in"]
Plant = Callable[[str, Path, pytest.MonkeyPatch], str]


def _in_a_file(token: str, planted: Path, patch: pytest.MonkeyPatch) -> str:
    (planted / "token").write_text(token)
    return f"token: {{ file: {planted / 'token'} }}"


def _in_the_environment(token: str, planted: Path, patch: pytest.MonkeyPatch) -> str:
    patch.setenv("TEAM_TOKEN", token)
    return "token: { env: TEAM_TOKEN }"


def _in_the_keyring(token: str, planted: Path, patch: pytest.MonkeyPatch) -> str:
    ring = PlaintextKeyring()
    ring.file_path = str(planted / "keyring.cfg")
    keyring.set_keyring(ring)
    keyring.set_password("flights", "ana", token)
    return "token: { keyring: flights }"


def _in_a_credential_helper(token: str, planted: Path, patch: pytest.MonkeyPatch) -> str:
    helper = planted / "helper"
    helper.write_text(f'#!/bin/sh\n[ "$1" = get ] && echo username=ana && echo password={token}\n')
    helper.chmod(0o755)
    config = planted / "gitconfig"
    config.write_text(f"[user]\n\tname = Ana\n\temail = ana@example.org\n[credential]\n\thelper = {helper}\n")
    patch.setenv("GIT_CONFIG_GLOBAL", str(config))
    return "draft: false"


def _as_a_deploy_token(token: str, planted: Path, patch: pytest.MonkeyPatch) -> str:
    patch.setenv("DEPLOY_TOKEN", token)
    patch.setenv("API_TOKEN", token)
    return "token_env: API_TOKEN\n  push: { username: deploy-1, token: { env: DEPLOY_TOKEN } }"


def _from_the_hub(token: str, planted: Path, patch: pytest.MonkeyPatch) -> str:
    patch.setattr(hub_token, "OWN", hub_token.HubToken())
    patch.setenv("JUPYTERHUB_API_TOKEN", "of-the-server")
    return "token: { hub: access_token }"


PLANTS: dict[str, Plant] = {
    "file": _in_a_file, "environment": _in_the_environment, "keyring": _in_the_keyring,
    "helper": _in_a_credential_helper, "deploy": _as_a_deploy_token, "hub": _from_the_hub,
}  # fmt: skip


@contextmanager
def _hub(token: str) -> Iterator[str]:
    """What the Hub's token service answers to a server of its own."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "token of-the-server"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"access_token": token, "expires_at": time.time() + 600}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing: stderr is looked at."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.timeout(900)
def test_a_token_from_each_place_signs_in_and_stays_there(
    api: httpx.Client, repository: str, project: tuple[Session, Path], gitea: Gitea, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    _, root = project
    token, path = gitea.token, place(repository).path
    api.patch(f"/repos/{path}", json={"private": True}).raise_for_status()
    monkeypatch.delenv("OLO_GIT_TOKEN")
    caplog.set_level(logging.DEBUG)
    plain, ring = (root / "olo.yml").read_text(), keyring.get_keyring()
    notebook = root / "notebooks" / "flights.ipynb"
    notebook.parent.mkdir(exist_ok=True)
    seen = ""
    for kind, plant in PLANTS.items():
        planted = tmp_path / "planted" / kind
        planted.mkdir(parents=True)
        with monkeypatch.context() as patch, _hub(token) as hub:
            patch.setenv("OLO_HUB_TOKENS", hub)
            said = plant(token, planted, patch)
            (root / "olo.yml").write_text(f"{plain.rstrip()}\ngit:\n  {said}\n")
            with Session(load_settings(root)) as session:
                ran = run([("c1", SQL)], session, root)
                done = promote(ran.request(kind, source="delays", open_pr=True, verify=False), session)
                assert done.pull_request is not None, (kind, done.findings)
                data = PromotionView(done)._repr_mimebundle_()
                cell = {**notebook_json([("c1", SQL)])["cells"][0], "metadata": {"olo": {"promotion": done.state}}}
                notebook.write_text(json.dumps({**notebook_json([]), "cells": [cell], "metadata": {"outputs": data}}))
                answered = list_promotions(session.settings, root, host=True)
                assert answered.unasked == "", kind
        keyring.set_keyring(ring)
        pull = api.get(f"/repos/{path}/pulls/{done.pull_request.number}").text
        seen += json.dumps(done.as_json()) + repr(PromotionView(done)) + answered.model_dump_json() + pull
    seen += git(root, "log", "--all", "-p") + git(root, "config", "--list") + caplog.text + "".join(capfd.readouterr())
    assert token not in seen
    kept = [file for file in tmp_path.rglob("*") if file.is_file() and token.encode() in file.read_bytes()]
    assert [file for file in kept if "planted" not in file.parts] == []
