"""A real code-server behind jupyter-server-proxy, as the launcher's entry starts it (full runs only)."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.services import code_server
from tests.services.process import Process, free_port, http_answers

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]


def test_the_launcher_s_code_server_answers_its_owner_on_a_socket_of_their_own(tmp_path: Path) -> None:
    program = os.environ.get("OLO_CODE_SERVER") or str(code_server.install())
    port, token = free_port(), secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path}",
    ]  # fmt: skip
    home = tmp_path / "home"
    home.mkdir()
    environ = {"OLO_CODE_SERVER": program, "HOME": str(home), "OLO_PROJECT": str(tmp_path)}
    server = Process(command, tmp_path / "server.log", environ=environ)
    try:
        server.wait_until(http_answers(f"http://127.0.0.1:{port}/api"), 120, "Jupyter Server")
        address = f"http://127.0.0.1:{port}/code-server/"
        assert httpx.get(address, follow_redirects=False).status_code in (302, 403)
        headers = {"Authorization": f"token {token}"}
        page = httpx.get(address, headers=headers, follow_redirects=True, timeout=120)
        assert page.status_code == 200, page.text[:500]
        assert "code-server" in page.text
        sockets = [path for path in Path("/tmp").glob("jupyter-server-proxy-*/**/*") if path.is_socket()]
        mine = [path for path in sockets if path.stat().st_uid == os.getuid()]
        assert mine
        assert not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in mine)
        listed = httpx.get(f"http://127.0.0.1:{port}/server-proxy/servers-info", headers=headers).json()
        shown = [one["launcher_entry"] for one in listed["server_processes"]]
        assert [one["title"] for one in shown if one["enabled"]] == ["code-server"]
    finally:
        server.stop()
