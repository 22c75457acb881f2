"""``%%olo sql``: one statement, run once, in the user's own cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from olo_converters.magic_line import SqlLine, parse_sql_line
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.frames import is_frame, of_frame
from olo_jupyter.lakehouse.history import pin_text
from olo_jupyter.lakehouse.pins import Pin, RefPin, SnapshotPin
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.retention import expiring
from olo_jupyter.lakehouse.sensitive_rows import masked_columns
from olo_jupyter.lakehouse.session import Options, Session
from olo_jupyter.lakehouse.time_travel import parse_when
from olo_jupyter.promotion.capture import SqlRun
from olo_jupyter.traces import span
from olo_magics.kernel import Kernel
from olo_magics.progress import shown_progress


def run_sql(kernel: Kernel, line: str, cell: str | None) -> Result | None:
    """``%%olo sql [RESULT <<] [OPTIONS]``, then Trino SQL on the lines below: one statement, run once.

    ``:name`` binds a Python variable, never as text; ``{{ name | ident }}`` puts in the name of a table or column.
    Earlier results, and frames of pandas, polars and Arrow, are tables by their names. The result is shown, and kept in
    RESULT (or ``_``): ``.to_pandas()``, ``.to_polars()``, ``.to_arrow()``.

      --engine NAME        embedded, trino or spark, for this cell
      --as-of WHEN         read every table as it was then: a time (UTC where it names no zone), '3 days ago', a tag
      --snapshot ID        likewise, a snapshot of the one table;  --ref NAME  a branch or tag
      --dialect spark      the text is Spark's own SQL, which runs on Spark untouched
      --limit N            keep at most N rows; the result says that it was cut
      --max-scan 10GB      refuse when more would be read (none: no bound, also where olo.yml sets max_scan)
      --dry-run            tell files, rows and bytes that would be read; run nothing
      --explain            the same, and the engine's plan
    """
    wanted = parse_sql_line(line)
    if cell is None or not cell.strip():
        raise OloError("There is no SQL below the line.", code="no-sql", hint="Write it on the lines below %%olo sql.")
    tables = _tables(kernel, cell)
    options: Options = {
        "parameters": bindable(kernel),
        "engine": wanted.engine or None,
        "as_of": _pin(wanted),
        "limit": wanted.limit,
        "results": tables,
        "notebook": kernel.notebook,
        "cell": kernel.cell,
        "max_scan": wanted.max_scan,
        "dialect": wanted.dialect,
    }
    if wanted.explain or wanted.dry_run:
        if wanted.dialect == "trino":
            print(kernel.session.preflight(cell, **options).line())
        if wanted.explain:
            print(kernel.session.explain(cell, **options))
        return None
    traced = span("olo.cell", cell=kernel.cell, notebook=kernel.notebook)
    with traced, _announced(kernel.session, cell, options), shown_progress() as on_progress:
        options["on_progress"] = on_progress
        result = kernel.session.sql(cell, **options)
    pin = pin_text(options["as_of"]) or kernel.as_of
    result = finished(kernel, replace(result, provenance=replace(result.provenance, as_of=pin)), tables)
    if kernel.cell:
        kernel.sql_runs[kernel.cell] = SqlRun(kernel.cell, wanted.result, result, pin)
    if wanted.result:
        kernel.variables[wanted.result] = result
    return result


def finished(kernel: Kernel, result: Result, tables: Mapping[str, Result]) -> Result:
    """A statement's result as the kernel keeps it: what must not be stored is known, what may expire is told.

    Args:
        tables: The earlier results and frames that it could read.
    """
    masked = masked_columns(kernel.session, result, tables)
    kernel.last = result = replace(result, masked=masked)
    if result.provenance.as_of or _PINNED.search(result.provenance.sql):
        _warn_of_expiry(kernel, result)
    return result


_PINNED = re.compile(r"\bFOR\s+(?:VERSION|TIMESTAMP|SYSTEM_)", re.IGNORECASE)


_PATIENCE_SECONDS = 1.0
"""How long a statement for another engine waits for its estimate: its catalog may be out of this kernel's reach."""


@contextmanager
def _announced(session: Session, cell: str, options: Options) -> Iterator[None]:
    """Show what the statement will read while it runs; the line goes when the result comes."""
    from IPython.display import clear_output

    if options["dialect"] != "trino":  # nothing here knows what Spark's own SQL reads
        yield
        return
    here = (options["engine"] or session.engine_name) == "embedded"
    pool = ThreadPoolExecutor(1, "olo-preflight")
    future = pool.submit(session.preflight, cell, **options)
    pool.shutdown(wait=False)
    with suppress(TimeoutError):
        found = future.result(None if here else _PATIENCE_SECONDS)
        if found.scans:
            print(found.line())
            clear_output(wait=True)
    yield


def _warn_of_expiry(kernel: Kernel, result: Result) -> None:
    """Tell of pinned snapshots that may soon be gone, each once in a kernel."""
    now = datetime.now(UTC)
    for found in expiring(kernel.session.catalogs, result.provenance.snapshots, now):
        if (found.table, found.snapshot_id) not in kernel.warned:
            kernel.warned.add((found.table, found.snapshot_id))
            print(found.warning(now))


def _pin(wanted: SqlLine) -> Pin | None:
    if wanted.snapshot is not None:
        return SnapshotPin(wanted.snapshot)
    if wanted.ref:
        return RefPin(wanted.ref)
    return parse_when(wanted.as_of) if wanted.as_of else None


def bindable(kernel: Kernel) -> dict[str, Any]:
    """The user's variables, for ``:name``. The engine takes, checks and records only those that are named."""
    hidden = kernel.shell.user_ns_hidden
    return {
        name: _plain(value)
        for name, value in kernel.variables.items()
        if not name.startswith("_") and name not in hidden and not isinstance(value, ModuleType) and not callable(value)
    }


def _plain(value: Any) -> Any:
    """A number, text or time out of a frame as Python's own, NaT as NULL; everything else as it is."""
    if isinstance(value, datetime):
        lost = getattr(value, "nanosecond", 0)  # pandas' own type; NaT is a datetime to Python, unequal to itself
        return None if value != value else TimeWithNanoseconds() if lost else value
    if type(value).__module__ != "numpy" or not hasattr(value, "item") or getattr(value, "shape", None):
        return value
    if value.dtype.kind not in "Mm":
        return value.item()
    if value.dtype.kind == "m" or value != value:
        return None if value != value else value
    exact = value.astype("datetime64[us]")  # item() of a finer one is a bare integer
    return (value if value.dtype == "datetime64[D]" else exact).item() if exact == value else TimeWithNanoseconds()


class TimeWithNanoseconds:
    """Stands for a time with nanoseconds, which no bound parameter holds: the engine refuses it by this name."""


def _tables(kernel: Kernel, text: str) -> dict[str, Result]:
    """What is a table by its name in a statement: earlier results, and the frames that it names.

    A name counts from the session's namespace where it has one: then a frame doesn't stand before a table.
    """
    named = {name: value for name, value in kernel.variables.items() if not name.startswith("_")}
    found = {name: value for name, value in named.items() if isinstance(value, Result)}
    frames = {name: value for name, value in named.items() if is_frame(value)}
    if not frames or kernel.session.namespace:
        return found
    from olo_converters.graph.sql_effects import read_sql

    hidden = {column for result in found.values() for column in result.masked}
    read = {parts[0] for parts in read_sql(text).tables if len(parts) == 1}
    for name, value in frames.items():
        if name.lower() in read:
            rows = of_frame(value)
            found[name] = replace(rows, masked=tuple(one.name for one in rows.columns if one.name in hidden))
    return found
