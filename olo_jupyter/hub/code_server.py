"""code-server in JupyterLab's launcher, by jupyter-server-proxy: on a socket that its owner alone can open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def entry(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """What jupyter-server-proxy starts at /code-server/; not in the launcher where there is no code-server.

    Its sign-in is that of the Jupyter server in front of it.
    """
    program = environ.get("OLO_CODE_SERVER") or shutil.which("code-server") or ""
    folder = environ.get("OLO_PROJECT") or str(Path.home())
    return {
        "command": [
            program or "code-server",
            "--auth=none",
            "--socket={unix_socket}",
            "--socket-mode=600",
            "--disable-telemetry",
            "--disable-update-check",
            folder,
        ],
        "unix_socket": True,
        "timeout": 60,
        "new_browser_tab": True,
        "launcher_entry": {"enabled": bool(program), "title": "code-server"},
    }
