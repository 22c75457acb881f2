"""Create a project from the blueprint (`olo init`)."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from olo_jupyter.errors import OloError

_HERE = Path(__file__).resolve()
_PLACES = (_HERE.parent / "blueprint", _HERE.parents[2] / "templates" / "project")
"""Where the blueprint is: inside the installed package, or in a developer's checkout."""


class BlueprintError(OloError):
    """A project can't be created as asked; nothing was written."""

    default_code = "init"


@dataclass(frozen=True)
class Answers:
    """What the blueprint asks.

    Args:
        name: The project's name: a lower-case identifier. It names the dbt project and its profile too.
        package: The Python package under src/; the name where it is empty.
        owner: Who reviews changes, for CODEOWNERS.
        sources: Tables that models may read, by namespace.
    """

    name: str
    package: str = ""
    owner: str = "data-team"
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def project_name(folder: Path) -> str:
    """A project's name from its folder's.

    Example:
        >>> project_name(Path("/home/ana/Flight Delays-2")), project_name(Path("2026"))
        ('flight_delays_2', 'p2026')
    """
    name = re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    return name if re.match(r"[a-z]", name) else f"p{name}"


def create(folder: Path, answers: Answers) -> list[Path]:
    """Render the blueprint into ``folder``; files that are there stay as they are.

    Returns:
        The files written, relative to ``folder``, sorted.

    Raises:
        BlueprintError: A name isn't an identifier, or the folder is a project already or can't be written.
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
        raise BlueprintError(f"{folder} is a project already: it holds olo.yml.", code="project-exists")
    before = _files(folder)
    from copier import run_copy
    from copier.errors import CopierError

    data = {"name": answers.name, "package": package, "owner": answers.owner}
    sources = {namespace: sorted(tables) for namespace, tables in sorted(answers.sources.items())}
    try:
        run_copy(str(_blueprint()), folder, data={**data, "sources": sources}, defaults=True, quiet=True)
    except (CopierError, OSError) as error:
        raise BlueprintError(f"The project can't be created in {folder}: {error}") from error
    return sorted(path.relative_to(folder) for path in _files(folder) - before)


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()


def _blueprint() -> Path:
    for place in _PLACES:
        if (place / "copier.yml").is_file():
            return place
    raise BlueprintError("The blueprint is not part of this installation.", hint="Install olo-jupyter again.")
