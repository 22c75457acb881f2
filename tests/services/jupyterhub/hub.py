"""JupyterHub as jupyterhub_config sets it up: a Unix account a person, sign-in by Keycloak, the service, a project.

OLO is installed from this checkout, as a wheel, into an environment that every account can read.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.cache import installed, locked
from tests.services.jupyterhub.project import make_project
from tests.services.keycloak import PEOPLE, Keycloak
from tests.services.process import Process, ServiceError, finished, free_port, http_answers
from tests.services.pypi import UV

ROOT = Path(__file__).parents[3]
_PROXY = "configurable-http-proxy@5.3.0"
_CONFIG = """\
load_subconfig({shipped!r})
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.LocalAuthenticator.add_user_cmd = [*c.LocalAuthenticator.add_user_cmd, "--home-dir", "{home}/USERNAME"]
"""


@dataclass
class Hub:
    """A running Hub with its proxy and services, for the people of a Keycloak."""

    port: int
    folder: Path
    environ: Mapping[str, str]
    process: Process
    keycloak: Keycloak
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """This machine's accounts of :data:`PEOPLE`, which no other Hub uses meanwhile."""

    @property
    def uri(self) -> str:
        """Where people reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """The log of the Hub, its proxy, its services, and people's servers."""
        return self.folder / "hub.log"

    @property
    def homes(self) -> Path:
        """The folder with people's home folders."""
        return self.folder / "home"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"JUPYTERHUB_URL": self.uri, **{name: PEOPLE[name] for name in PEOPLE}}

    def stop(self) -> int:
        """Stop the Hub with people's servers, and remove their accounts; its exit code."""
        code = self.process.stop(40)
        for name in PEOPLE:
            if _exists(name):
                subprocess.run(["pkill", "-KILL", "-u", name], check=False)
                subprocess.run(["userdel", "--force", name], check=False, capture_output=True)
        self.held.close()
        return code


def install() -> Path:
    """The folder with the environment ``env`` (everything but OLO itself), made at the first call (1 minute)."""
    wanted = "\n".join([*_requirements(), (ROOT / "constraints.txt").read_text()])
    return installed("hub-6", wanted, _build)


def install_proxy() -> Path:
    """The proxy's program."""
    folder = installed("configurable-http-proxy", _PROXY, _build_proxy)
    return folder / "node_modules" / ".bin" / "configurable-http-proxy"


def start(folder: Path, keycloak: Keycloak, **environ: str) -> Hub:
    """Start a Hub whose files are all in ``folder``; waits for another one on this machine to end.

    Args:
        environ: More variables for it, e.g. ``OLO_HUB_IDLE_SECONDS``.

    Raises:
        ServiceError: It didn't come up in time; somebody of :data:`PEOPLE` has an account here; this isn't root.
    """
    if os.geteuid() != 0:
        raise ServiceError("The Hub starts each person's server under an account of theirs: run this as root.")
    with contextlib.ExitStack() as held:
        held.enter_context(locked("hub-accounts"))
        for name in PEOPLE:
            if _exists(name):
                raise ServiceError(f"There is an account {name} here already: userdel --force {name}")
        hub = _started(folder, keycloak, environ)
        hub.held = held.pop_all()
    try:
        hub.process.wait_until(http_answers(f"{hub.uri}/hub/api/"), 240, "JupyterHub")
    except ServiceError:
        hub.stop()
        raise
    return hub


def _started(folder: Path, keycloak: Keycloak, environ: Mapping[str, str]) -> Hub:
    shutil.copytree(install() / "env", folder / "env", symlinks=True, copy_function=_link)
    python = folder / "env" / "bin" / "python"
    _install_olo(folder, python)
    repository = make_project(folder)
    state = folder / "state"
    state.mkdir(mode=0o700)
    (folder / "home").mkdir()
    config, proxy = folder / "jupyterhub_config.py", install_proxy()
    shipped = str(ROOT / "jupyterhub_config" / "jupyterhub_config.py")
    home = str(folder / "home")
    text = _CONFIG.format(shipped=shipped, hub=free_port(), api=free_port(), proxy=str(proxy), home=home)
    config.write_text(text)
    secret = state / "client_secret"
    secret.touch(mode=0o600)
    secret.write_text(keycloak.client_secret)
    settings = {
        "PATH": f"{folder / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "",
        "VIRTUAL_ENV": "",
        "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32),
        "OLO_HUB_URL": f"http://127.0.0.1:{keycloak.hub_port}",
        "OLO_HUB_ISSUER": keycloak.issuer,
        "OLO_HUB_CLIENT_SECRET_FILE": str(secret),
        "OLO_HUB_STATE": str(state),
        "OLO_HUB_PROJECT": str(repository),
        "OLO_HUB_SERVICE_PROJECT": str(folder / "project"),
        "OLO_HUB_TOKENS_URL": f"http://127.0.0.1:{free_port()}",
        "OLO_HUB_SERVICE_URL": f"http://127.0.0.1:{free_port()}",
        "OLO_HUB_ENVIRONMENT": json.dumps({"OLO_SHARED_LAKEHOUSE": str(folder / "lakehouse")}),
        "OLO_SHARED_LAKEHOUSE": str(folder / "lakehouse"),
        **environ,
    }
    command = [str(python), "-m", "jupyterhub", "-f", str(config)]
    process = Process(command, folder / "hub.log", environ=settings, cwd=state)
    return Hub(keycloak.hub_port, folder, settings, process, keycloak)


def _install_olo(folder: Path, python: Path) -> None:
    wheels = folder / "wheels"
    wheels.mkdir()
    for source in (ROOT / "jobs", ROOT):
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)]
        finished(command, source, {"SKIP_JUPYTER_BUILDER": "1"})
    made = [str(path) for path in sorted(wheels.glob("*.whl"))]
    finished([str(UV), "pip", "install", "--quiet", "--no-deps", "--python", str(python), *made], folder)


def _requirements() -> list[str]:
    """What OLO with [hub] and [lab] needs, without OLO."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["hub"], *extras["lab"], *extras["dbt"]]
    return sorted(one for one in wanted if not one.startswith("olo-"))


def _build(target: Path) -> None:
    environment = target / "env"
    finished([str(UV), "venv", "--quiet", "--relocatable", "--python", _python(), str(environment)], target)
    wanted = target / "requirements.txt"
    wanted.write_text("\n".join(_requirements()))
    install = [
        str(UV),
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        str(environment / "bin" / "python"),
    ]
    finished([*install, "--constraints", str(ROOT / "constraints.txt"), "-r", str(wanted)], target)


def _python() -> str:
    """A Python that other accounts can run: one below a closed home folder is none.

    Raises:
        ServiceError: There is none.
    """
    for program in (Path(sys.executable).resolve(), *sorted(Path("/usr/bin").glob("python3.1?"))):
        above = [program, *program.parents]
        if all(path.stat().st_mode & stat.S_IXOTH for path in above) and program.name >= "python3.11":
            return str(program)
    raise ServiceError("No Python ≥ 3.11 that other accounts can run: apt-get install python3")


def _build_proxy(target: Path) -> None:
    finished(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(target), _PROXY], target)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
