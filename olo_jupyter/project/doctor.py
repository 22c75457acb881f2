"""Whether everything that the product needs is there and works: installation, catalogs, engines, Git, dbt."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from olo_jupyter.config import CONFIG_FILE, Settings
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.engines.registry import ENGINES
from olo_jupyter.lakehouse.session import Session

State = Literal["ok", "warning", "failed"]
PATIENCE_SECONDS = 15.0
"""How long a catalog, an engine or a program may take to answer."""
_NEEDED = ("duckdb", "pyarrow", "pyiceberg", "sqlglot", "trino")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Args:
        area: ``installation``, ``project``, ``catalog``, ``engine``, ``git`` or ``dbt``.
        state: ``warning`` is for what only some of the product needs.
        found: What there is.
        hint: What to do; '' where there is nothing to do.
    """

    area: str
    name: str
    state: State
    found: str
    hint: str = ""

    def as_json(self) -> dict[str, str]:
        """As ``--json`` shows it."""
        return dict(vars(self))


def examine(settings: Settings) -> Iterator[Check]:
    """Look at everything, in the order in which one thing needs another; each check is given as it is known."""
    yield from _installation()
    yield from _project(settings)
    with Session(settings) as session:
        yield from _catalogs(session)
        yield from _engines(session)
    yield from _git(settings)
    yield from _dbt(settings)


def _installation() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("installation", "Python", "ok", version)
    for package in _NEEDED:
        try:
            yield Check("installation", package, "ok", metadata.version(package))
        except metadata.PackageNotFoundError:
            yield Check("installation", package, "failed", "not installed", "pip install --upgrade olo-jupyter")
    yield _lab_extension()


def _lab_extension() -> Check:
    from jupyter_core.paths import jupyter_path

    if importlib.util.find_spec("jupyterlab") is None:
        return Check("installation", "JupyterLab", "warning", "not installed", "pip install 'olo-jupyter[lab]'")
    places = [Path(folder) / "labextensions" / "olo-jupyter" for folder in jupyter_path()]
    found = next((place for place in places if (place / "package.json").is_file()), None)
    if found is None:
        hint = "pip install --force-reinstall olo-jupyter, or from a checkout: make setup"
        return Check("installation", "JupyterLab extension", "warning", "not found: no grid, no panels", hint)
    return Check("installation", "JupyterLab extension", "ok", f"JupyterLab {metadata.version('jupyterlab')}")


def _project(settings: Settings) -> Iterator[Check]:
    if not (settings.root / CONFIG_FILE).is_file():
        hint = "olo init FOLDER makes a project; OLO_PROJECT names one."
        yield Check("project", CONFIG_FILE, "warning", f"none in {settings.root} or above it", hint)
    else:
        yield Check("project", CONFIG_FILE, "ok", str(settings.root / CONFIG_FILE))
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.state):
            yield Check("project", "state folder", "ok", str(settings.state))
    except OSError as error:
        hint = "Give the folder to your user, or name another one: OLO_STATE=FOLDER."
        yield Check("project", "state folder", "failed", f"{settings.state} can't be written: {error.strerror}", hint)


def _catalogs(session: Session) -> Iterator[Check]:
    if not session.settings.catalogs:
        yield Check("catalog", "catalogs", "warning", "none are defined", f"Add catalogs: to {CONFIG_FILE}.")
    for name, settings in sorted(session.settings.catalogs.items()):
        if settings.access == "trino":
            yield Check("catalog", name, "ok", f"{settings.type}, governed: read through Trino only")
            continue
        yield _asked("catalog", name, lambda name=name: _namespaces(session, name))  # type: ignore[misc]


def _namespaces(session: Session, name: str) -> str:
    count = len(session.catalogs.namespaces(name))
    return f"{session.settings.catalogs[name].type}, {count} {'namespace' if count == 1 else 'namespaces'}"


def _engines(session: Session) -> Iterator[Check]:
    default = session.engine_name
    for name in ENGINES:
        if name not in ("embedded", default) and getattr(session.settings.engines, name, None) is None:
            yield Check("engine", name, "ok", "not configured", "")
            continue
        check = _asked("engine", name, lambda name=name: _one(session, name))  # type: ignore[misc]
        used = f" (default); {check.found}" if name == default else f"; {check.found}"
        yield Check("engine", name, check.state, f"configured{used}", check.hint)


def _one(session: Session, name: str) -> str:
    result = session.execute("SELECT 1", engine=name, recorded=False, max_scan=0)
    return f"SELECT 1 took {result.provenance.seconds:.2f} s"


def _asked(area: str, name: str, ask: Callable[[], str]) -> Check:
    """What ``ask`` gives, or why not; a thing that doesn't answer in time has failed."""
    pool = ThreadPoolExecutor(1, "olo-doctor")
    future = pool.submit(ask)
    pool.shutdown(wait=False)
    try:
        return Check(area, name, "ok", future.result(PATIENCE_SECONDS))
    except TimeoutError:
        hint = f"Check its address in {CONFIG_FILE}, and that it runs."
        return Check(area, name, "failed", f"no answer within {PATIENCE_SECONDS:.0f} s", hint)
    except OloError as error:
        return Check(area, name, "failed", error.message, error.hint)


def _git(settings: Settings) -> Iterator[Check]:
    found = shutil.which("git")
    if found is None:
        yield Check("git", "git", "failed", "not found", "Install git: promotions are Git branches.")
        return
    yield Check("git", "git", "ok", _said("git", "--version"))
    folder = settings.root
    inside = _said("git", "-C", str(folder), "rev-parse", "--show-toplevel")
    if not inside:
        yield Check("git", "repository", "warning", f"{folder} is in no repository", "git init, then a first commit.")
        return
    yield Check("git", "repository", "ok", inside)
    for key in ("user.name", "user.email"):
        value = _said("git", "-C", str(folder), "config", key)
        hint = "" if value else f"git config --global {key} …: commits of promotions carry it."
        yield Check("git", key, "ok" if value else "warning", value or "not set", hint)
    remote = _said("git", "-C", str(folder), "remote")
    hint = "" if remote else "git remote add origin URL: promotions are pushed there."
    yield Check("git", "remote", "ok" if remote else "warning", ", ".join(remote.split()) or "none", hint)


def _dbt(settings: Settings) -> Iterator[Check]:
    if importlib.util.find_spec("dbt") is None or importlib.util.find_spec("dbt.cli") is None:
        yield Check(
            "dbt", "dbt-core", "warning", "not installed", "pip install 'olo-jupyter[dbt]': SQL is promoted to dbt."
        )
        return
    yield Check("dbt", "dbt-core", "ok", metadata.version("dbt-core"))
    there = importlib.util.find_spec("dbt.adapters") is not None
    own = there and importlib.util.find_spec("dbt.adapters.olo") is not None
    yield Check("dbt", "adapter olo", "ok" if own else "failed", "found" if own else "not found",
                "" if own else "pip install --force-reinstall olo-jupyter")  # fmt: skip
    if (settings.root / CONFIG_FILE).is_file():
        there = (settings.root / "dbt_project.yml").is_file()
        hint = "" if there else "olo init makes one; promotions of SQL need it."
        yield Check("dbt", "dbt_project.yml", "ok" if there else "warning", "found" if there else "not found", hint)


def _said(*command: str) -> str:
    """The first line of what a program prints, '' where it fails."""
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, env=quiet, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
