"""``olo serve``: the shared service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on. Default: what a Hub says, else 127.0.0.1.")] = "",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port. Default: what a Hub says, else 8083.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option("--certfile", help="Certificate for HTTPS, PEM.")] = None,
    key: Annotated[Path | None, typer.Option("--keyfile", help="Its key, where it isn't in the same file.")] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Serve the panels of a team: the routes outside Jupyter Server, with roles, audit and shared events.

    Under a JupyterHub it is one of the Hub's services and takes the Hub's tokens; else it takes tokens of the OpenID
    Connect provider that `service.oidc` in olo.yml names. Several replicas may run on one PostgreSQL.

    Example:

        OLO_SERVICE_DATABASE=postgresql://olo@db/olo olo serve --host 0.0.0.0 --port 8083
    """
    from olo_jupyter.server.service.start import start

    start(host, port, certificate, key, log_level)
