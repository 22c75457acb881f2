"""Create a project from the blueprint (`olo init`)."""

from __future__ import annotations

import fcntl
import keyword
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olo_jupyter.project.blueprint_error import BlueprintError
from olo_jupyter.project.blueprint_questions import Ask
from olo_jupyter.project.blueprint_render import render

_HERE = Path(__file__).resolve()
_PLACES = (_HERE.parent / "blueprint", _HERE.parents[2] / "templates" / "project")
"""Where the blueprint is: inside the installed package, or in a developer's checkout."""


@dataclass(frozen=True)
class Answers:
    """What the blueprint asks.

    Args:
        name: The project's name: a lower-case identifier. It names the dbt project and its profile too.
        package: The Python package under src/; the name where it is empty.
        owner: Who reviews changes, for CODEOWNERS.
        sources: Tables that models may read, by namespace.
        more: Answers to other questions of the blueprint, by name: ci, description, layers.
    """

    name: str
    package: str = ""
    owner: str = "data-team"
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


def project_name(folder: Path) -> str:
    """A project's name from its folder's.

    Example:
        >>> project_name(Path("/home/ana/Flight Delays-2")), project_name(Path("2026"))
        ('flight_delays_2', 'p2026')
    """
    name = re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    return name if re.match(r"[a-z]", name) else f"p{name}"


def create(
    folder: Path, answers: Answers, *, template: str = "", ref: str | None = None, ask: Ask | None = None
) -> list[Path]:
    """Render the blueprint into ``folder``; files that are there stay as they are.

    Args:
        template: A Git repository with a blueprint; default: the one of this installation.
        ref: Its branch or tag; default: the newest version.
        ask: Asks a person the questions that have no answer; None: they take their defaults.

    Returns:
        The files written, relative to ``folder``, sorted.

    Raises:
        BlueprintError: An answer isn't allowed, or the folder is a project already or can't be written.
    """
    package = answers.package or answers.name
    for what, name in (("project", answers.name), ("package", package)):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
            raise BlueprintError(
                f"{name!r} can't name the {what}.",
                code="bad-name",
                hint="Use lower-case letters, digits and underscores, a letter first, and no Python keyword.",
            )
    if (folder / "olo.yml").exists():
        raise BlueprintError(
            f"{folder} is a project already: it holds olo.yml.", code="project-exists", hint="olo update renews it."
        )
    sources = {namespace: sorted(tables) for namespace, tables in sorted(answers.sources.items())}
    data = {"name": answers.name, "package": package, "owner": answers.owner, "sources": sources, **answers.more}
    try:
        return render(template or str(blueprint_folder()), folder, data, ref=ref, ask=ask, keep=True, must=answers.more)
    except OSError as error:
        raise BlueprintError(f"The project can't be created in {folder}: {error}") from error


def personal_blueprint(environ: Mapping[str, str] = os.environ) -> Path:
    """The Git repository that keeps the blueprints of a person's installations: ``olo update`` finds them there."""
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "olo" / "blueprint"


def export(folder: Path, version: str) -> str:
    """Bring this installation's blueprint into a Git repository, as version ``v<version>``.

    Push the repository where your projects find it, and ``olo update`` brings it to them. What is there stays.

    Returns:
        The tag of this installation's blueprint.

    Raises:
        BlueprintError: The folder holds something else, or git failed.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "copier.yml").is_file():
        raise BlueprintError(f"{folder} holds something else than a blueprint.", code="not-a-blueprint")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".git").exists():
            _git(folder, "init", "--quiet", "--initial-branch=main")
        for path in folder.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(blueprint_folder(), folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        _git(folder, "add", "--all", "--force")
        versions = ("--list", f"v{version}", f"v{version}.post*")
        tags = _git(folder, "tag", *versions).split()
        # By commit, not by date: two tags may be of the same second.
        here = _git(folder, "tag", "--points-at", "HEAD", *versions).split() if tags else []
        if here and not _git(folder, "status", "--porcelain"):
            return here[0]
        # An installation from a checkout may change without a new version.
        tag = f"v{version}.post{len(tags)}" if tags else f"v{version}"
        _git(folder, "commit", "--quiet", "--allow-empty", "--message", f"feat: blueprint {tag}")
        _git(folder, "tag", "--annotate", "--message", f"blueprint {tag}", tag)
    return tag


def _git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=olo", "-c", "user.email=olo@users.noreply.invalid"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BlueprintError(f"git {words[0]} failed in {folder}: {done.stderr.strip()}")
    return done.stdout.strip()


def blueprint_folder() -> Path:
    """Where this installation's blueprint is.

    Raises:
        BlueprintError: It isn't there.
    """
    for place in _PLACES:
        if (place / "copier.yml").is_file():
            return place
    raise BlueprintError("The blueprint is not part of this installation.", hint="Install olo-jupyter again.")
