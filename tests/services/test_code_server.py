"""A real code-server behind jupyter-server-proxy, as the launcher's entry starts it (full runs only)."""

from __future__ import annotations

import json
import os
import secrets
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest

from olo_jupyter.promotion.editor import link
from tests.services import code_server
from tests.services.debian import chromium
from tests.services.process import Process, free_port, http_answers

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]


@dataclass
class Server:
    """A Jupyter server of its owner's."""

    url: str
    token: str
    environ: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    program = os.environ.get("OLO_CODE_SERVER") or str(code_server.install())
    port, token = free_port(), secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path}",
    ]  # fmt: skip
    home = tmp_path / "home"
    home.mkdir()
    environ = {"OLO_CODE_SERVER": program, "HOME": str(home), "OLO_PROJECT": ""}
    running = Process(command, tmp_path / "server.log", environ=environ)
    try:
        running.wait_until(http_answers(f"http://127.0.0.1:{port}/api"), 120, "Jupyter Server")
        yield Server(f"http://127.0.0.1:{port}/", token, environ)
    finally:
        running.stop()


def test_the_launcher_s_code_server_answers_its_owner_on_a_socket_of_their_own(server: Server) -> None:
    address = f"{server.url}code-server/"
    assert httpx.get(address, follow_redirects=False).status_code in (302, 403)
    page = httpx.get(address, headers=server.headers, follow_redirects=True, timeout=120)
    assert page.status_code == 200, page.text[:500]
    assert "code-server" in page.text
    sockets = [path for path in Path("/tmp").glob("jupyter-server-proxy-*/**/*") if path.is_socket()]
    mine = [path for path in sockets if path.stat().st_uid == os.getuid()]
    assert mine
    assert not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in mine)
    listed = httpx.get(f"{server.url}server-proxy/servers-info", headers=server.headers).json()
    shown = [one["launcher_entry"] for one in listed["server_processes"]]
    assert [one["title"] for one in shown if one["enabled"]] == ["code-server"]


def test_a_promotion_s_link_opens_its_file_at_its_line(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "branches" / "daily delays"
    file = folder / "models" / "gold" / "daily_delays.sql"
    file.parent.mkdir(parents=True)
    file.write_text("".join(f"select {number} as line_{number}\n" for number in range(1, 90)))
    environ = {**server.environ, "OLO_SERVER_URL": server.url}
    address = link(folder, "models/gold/daily_delays.sql", 42, environ)
    assert address.startswith(f"{server.url}code-server/?")
    script = Path(__file__).with_name("editor_page.mjs")
    command = ["node", str(script), chromium(), f"{server.url}api/status?token={server.token}", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["file"] == "daily_delays.sql"
    assert seen["line"].startswith("Ln 42")
    assert "line_42" in seen["text"]
