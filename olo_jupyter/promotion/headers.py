"""The first lines of each generated file: which notebook and which of its cells it came from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from olo_converters.artefact import Artefact

_COMMENTS = {".sql": "-- ", ".py": "# ", ".yml": "# "}
_SHARED = ("sources.yml", "__init__.py")
"""Files that other promotions and people write into, too."""
_WIDTH = 100


def with_headers(
    artefacts: Sequence[Artefact], name: str, notebook: str, cells: Iterable[str], visible: Iterable[str]
) -> tuple[Artefact, ...]:
    """The artefacts, each file that is the promotion's own with its header.

    Args:
        name: Of the promotion.
        cells: Ids of the notebook's cells.
        visible: Files that others have, which are edited in place.

    Example:
        >>> made = Artefact("models/gold/a.sql", "select 1\\n", "model")
        >>> print(with_headers([made], "a", "notebooks/n.ipynb", ["c1", "c2"], ())[0].text)
        -- From notebooks/n.ipynb, cells c1, c2, by olo promote a.
        select 1
        <BLANKLINE>
    """
    others, named = set(visible), [cell for cell in cells if cell]
    told = f"From {notebook}, {'cell' if len(named) == 1 else 'cells'} {', '.join(named)}, by olo promote {name}."
    return tuple(
        artefact
        if artefact.path in others or not artefact.text.strip()
        else replace(artefact, text=_header(artefact.path, " ".join(told.split())) + artefact.text)
        for artefact in artefacts
    )


def _header(path: str, told: str) -> str:
    place = PurePosixPath(path)
    mark = _COMMENTS.get(place.suffix)
    if mark is None or place.name in _SHARED:
        return ""
    plain = told.replace("{", "(").replace("}", ")")  # dbt reads Jinja in comments, too
    lines = textwrap.wrap(plain, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "".join(f"{mark}{line}\n" for line in lines)
