"""A token from each place that it may be in: a promotion to a real, private Gitea repository signs in by it, and it
appears in nothing that a promotion prints, logs, answers, commits, keeps or opens."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2 as httpx
import jwt
import keyring
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
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


class _Front(ThreadingHTTPServer):
    """GitHub's two answers to an app before a Gitea, to which everything else is handed on: git and the API."""

    def __init__(self, gitea: Gitea, key: RSAPrivateKey) -> None:
        self.signed: list[dict[str, Any]] = []
        signed = self.signed
        ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path.startswith("/api/v3/"):
                    given = self.headers["Authorization"].removeprefix("Bearer ")
                    signed.append(jwt.decode(given, key.public_key(), algorithms=["RS256"]))
                    made = {"token": gitea.token, "expires_at": ends}
                    answer = httpx.Response(201, json={"id": 17} if self.path.endswith("/installation") else made)
                else:
                    kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOPS}
                    url = f"{gitea.uri}{self.path}"
                    answer = httpx.request(self.command, url, headers=kept, content=body, timeout=60)
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name.lower() not in _HOPS:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def do_POST(self) -> None:
                self.do_GET()

            def do_PATCH(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Nothing: stderr is looked at."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


_HOPS = ("host", "connection", "transfer-encoding", "content-length", "content-encoding", "accept-encoding")


@pytest.mark.timeout(600)
def test_an_app_signs_in_and_neither_its_key_nor_its_token_stays(
    api: httpx.Client, repository: str, project: tuple[Session, Path], gitea: Gitea, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """The promotion of a private repository is pushed and proposed by the token that the app's key was given for."""
    _, root = project
    path = place(repository).path
    api.patch(f"/repos/{path}", json={"private": True}).raise_for_status()
    monkeypatch.delenv("OLO_GIT_TOKEN")
    caplog.set_level(logging.DEBUG)
    key = generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "app.pem").write_text(pem)
    front = _Front(gitea, key)
    git(root, "remote", "set-url", "origin", f"http://127.0.0.1:{front.server_port}/{path}.git")
    app = f"app: {{ id: Iv23liABC, private_key: {{ file: {tmp_path / 'planted' / 'app.pem'} }} }}"
    config = root / "olo.yml"
    config.write_text(f"{config.read_text().rstrip()}\ngit:\n  {app}\n")
    try:
        with Session(load_settings(root)) as session:
            ran = run([("c1", SQL)], session, root)
            done = promote(ran.request("by_app", source="delays", open_pr=True, verify=False), session)
            assert done.pull_request is not None, done.findings
            answered = list_promotions(session.settings, root, host=True)
            assert answered.unasked == ""
    finally:
        front.shutdown()
        front.server_close()
    assert [claims["iss"] for claims in front.signed] == ["Iv23liABC", "Iv23liABC"], "one sign-in for all of it"
    seen = json.dumps(done.as_json()) + repr(PromotionView(done)) + answered.model_dump_json()
    seen += api.get(f"/repos/{path}/pulls/{done.pull_request.number}").text
    seen += git(root, "log", "--all", "-p") + git(root, "config", "--list") + caplog.text + "".join(capfd.readouterr())
    secrets = (gitea.token, pem.split("\n")[1])
    assert not [secret for secret in secrets if secret in seen]
    for file in tmp_path.rglob("*"):
        if file.is_file() and "planted" not in file.parts:
            content = file.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], file


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
