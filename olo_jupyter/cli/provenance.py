"""``olo blame`` and ``olo where``: between files and the notebook's cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from olo_jupyter.cli.output import print_json, print_table

_JSON = Annotated[bool, typer.Option("--json", help="JSON, an object a line.")]


def blame(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE", help="A line of a promoted file.")],
    as_json: _JSON = False,
) -> None:
    """Tell which cell of which notebook a line came from, and whether it was edited by hand since.

    Example:

        olo blame src/flights/delay_score.py:31
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.promotion import provenance

    file, _, number = place.rpartition(":")
    if not file or not number.isdigit():
        raise typer.BadParameter("write FILE:LINE, e.g. models/gold/daily_delays.sql:12")
    root = project_settings().root
    origin = provenance.blame(root, _relative(Path(file), root), int(number))
    if as_json:
        print_json(origin.as_json())
        return
    since = f"last changed by {origin.author} in {origin.commit[:12]}" if origin.commit else "not committed"
    cells = f"cell{'s' if len(origin.cells) > 1 else ''} {', '.join(origin.cells)}"
    typer.echo(f"{origin.path}:{origin.line}: {origin.text.strip()}")
    typer.echo(f"  {origin.made}, from {origin.notebook}, {cells} (promotion {origin.promotion}); {since}")


def where(cell: Annotated[str, typer.Argument(help="Id of a notebook's cell.")], as_json: _JSON = False) -> None:
    """List the files that came from a cell, those on promotion branches that aren't merged yet too.

    Example:

        olo where 7d525a54
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.promotion import provenance
    from olo_jupyter.promotion.facts import read_records
    from olo_jupyter.promotion.repository import Repository, in_repository

    settings = project_settings()
    known = read_records(Repository(settings.root), settings.user).values() if in_repository(settings.root) else ()
    places = provenance.where(settings.root, cell, known)
    if as_json:
        for place in places:
            print_json(place.as_json())
        return
    print_table(("file", "promotion", "notebook"), [(p.path, p.promotion, p.notebook) for p in places])


def _relative(file: Path, root: Path) -> str:
    """The path as the records name it; what lies outside the project is named as given."""
    here = (Path.cwd() / file).resolve()
    return here.relative_to(root).as_posix() if here.is_relative_to(root) else file.as_posix()
