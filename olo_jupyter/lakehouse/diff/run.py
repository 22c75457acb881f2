"""A diff of whatever the user names: a table by its Iceberg metadata, a view or query by its results."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.diff.query import diff_results
from olo_jupyter.lakehouse.diff.report import Diff
from olo_jupyter.lakehouse.diff.table import diff_table
from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.sensitive_rows import masked_columns
from olo_jupyter.lakehouse.time_travel import parse_when
from olo_jupyter.lakehouse.views import find_view

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.session import Session

_QUERY = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select|with|values|table|\()\b", re.IGNORECASE | re.DOTALL)


def diff(
    session: Session,
    what: str,
    written: tuple[str, str],
    key: Sequence[str] = (),
    *,
    engine: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    limit: int = 1_000,
    full: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> Diff:
    """As :meth:`~olo_jupyter.lakehouse.session.Session.diff`."""
    pins = (parse_when(written[0]), parse_when(written[1]))
    here = session.engine("embedded")
    assert isinstance(here, EmbeddedEngine)
    is_query = _QUERY.match(what) is not None
    text = what
    if not is_query:
        name = session.name(what)
        by_metadata = engine in (None, "embedded")
        if by_metadata and (session.catalogs.find_exactly(name) or find_view(session.catalogs, name) is None):
            return diff_table(here, session.catalogs, name, pins, written, key, limit=limit, full=full)
        text = f"SELECT * FROM {name}"

    def at(pin: Pin) -> Any:
        return session.execute(text, parameters=parameters, engine=engine, as_of=pin, on_progress=on_progress)

    try:
        results = (at(pins[0]), at(pins[1]))
    except QueryError as error:
        if not is_query:  # the place is one in a text that the user didn't write
            error.line = error.column = None
        raise
    hidden = masked_columns(session, results[1], {})
    found = diff_results(
        here, what if is_query else str(session.name(what)), results, written, key, limit=limit, masked=hidden
    )
    same_snapshots = results[0].provenance.snapshots == results[1].provenance.snapshots
    if is_query and same_snapshots and not found.same:
        note = "Both runs read the same snapshots: the difference is the query's own (no order, random(), the clock)."
        return replace(found, notes=(*found.notes, note))
    return found
