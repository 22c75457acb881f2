"""Where a promoted file is opened for editing: code-server behind the Jupyter server, else VS Code on this machine."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

SERVER_URL = "OLO_SERVER_URL"
"""The environment variable by which Jupyter Server tells its kernels where browsers reach it."""


def link(folder: Path, path: str = "", line: int = 1, environ: Mapping[str, str] = os.environ) -> str:
    """The address that opens a file of a folder at a line.

    Args:
        folder: A worktree's top, absolute.
        path: Below it; '' opens the folder alone.
        line: 1-based.
        environ: ``OLO_CODE_SERVER`` (the program), ``OLO_CODE_SERVER_URL`` (its address, where it stands elsewhere),
            ``JUPYTERHUB_PUBLIC_URL`` and ``OLO_SERVER_URL``.

    Example:
        >>> link(Path("/w/delays"), "models/a b.sql", 3, {"PATH": ""})
        'vscode://file/w/delays/models/a%20b.sql:3'
        >>> link(Path("/w"), "", 1, {"OLO_CODE_SERVER_URL": "https://ide.example.org"})
        'https://ide.example.org/?folder=%2Fw'
    """
    base = _code_server(environ)
    if base is None:
        return f"vscode://file{quote(str(folder / path))}" + (f":{line}" if path else "")
    asked = {"folder": str(folder)}
    if path:
        # The workbench takes a file by the authority that its page was loaded from.
        file = f"vscode-remote://{urlsplit(base).netloc}{quote(str(folder / path))}:{line}"
        asked["payload"] = json.dumps([["openFile", file], ["gotoLineMode", "true"]])
    return f"{base}?{urlencode(asked)}"


def _has_code_server(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether jupyter-server-proxy can start a code-server here."""
    return bool(environ.get("OLO_CODE_SERVER") or shutil.which("code-server", path=environ.get("PATH", "")))


def _code_server(environ: Mapping[str, str]) -> str | None:
    """Its address, as a browser reaches it; None where there is none, or nobody knows."""
    own = environ.get("OLO_CODE_SERVER_URL", "")
    if own:
        return f"{own.rstrip('/')}/"
    server = environ.get("JUPYTERHUB_PUBLIC_URL") or environ.get(SERVER_URL, "")
    return f"{server.rstrip('/')}/code-server/" if server and _has_code_server(environ) else None
