"""``%%olo sql``: one statement, run once, in the user's own cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import ModuleType
from typing import Any

from olo_converters.magic_line import SqlLine, parse_sql_line
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.pins import Pin, RefPin, SnapshotPin
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.session import Options
from olo_jupyter.lakehouse.time_travel import parse_when
from olo_jupyter.promotion.capture import SqlRun
from olo_magics.kernel import Kernel
from olo_magics.progress import shown_progress


def run_sql(kernel: Kernel, line: str, cell: str | None) -> Result | None:
    """``%%olo sql [RESULT <<] [--as-of WHEN | --snapshot ID | --ref NAME] [--limit N] [--explain]``, then Trino SQL.

    ``:name`` binds a Python variable, never as text. Earlier results are tables by their names. The result is shown,
    and kept in RESULT (or ``_``): ``.to_pandas()``, ``.to_polars()``, ``.to_arrow()``.
    """
    wanted = parse_sql_line(line)
    if cell is None or not cell.strip():
        raise OloError("There is no SQL below the line.", code="no-sql", hint="Write it on the lines below %%olo sql.")
    _only_what_works(wanted)
    options: Options = {
        "parameters": _bindable(kernel),
        "engine": wanted.engine or None,
        "as_of": _pin(wanted),
        "limit": wanted.limit,
        "results": _results(kernel.variables),
        "notebook": kernel.notebook,
        "cell": kernel.cell,
    }
    if wanted.explain:
        print(kernel.session.explain(cell, **options))
        return None
    with shown_progress() as on_progress:
        options["on_progress"] = on_progress
        result = kernel.session.sql(cell, **options)
    pin = wanted.as_of or wanted.ref or (str(wanted.snapshot) if wanted.snapshot is not None else kernel.as_of)
    result = replace(result, provenance=replace(result.provenance, as_of=pin))
    if kernel.cell:
        kernel.sql_runs[kernel.cell] = SqlRun(kernel.cell, wanted.result, result, pin)
    if wanted.result:
        kernel.variables[wanted.result] = result
    return result


def _only_what_works(wanted: SqlLine) -> None:
    if wanted.max_scan is not None:
        raise OloError("--max-scan is not available yet.", code="not-available", hint="Leave it out.")


def _pin(wanted: SqlLine) -> Pin | None:
    if wanted.snapshot is not None:
        return SnapshotPin(wanted.snapshot)
    if wanted.ref:
        return RefPin(wanted.ref)
    return parse_when(wanted.as_of) if wanted.as_of else None


def _bindable(kernel: Kernel) -> dict[str, Any]:
    """The user's variables. The engine takes, checks and records only those that the statement names."""
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


def _results(variables: Mapping[str, Any]) -> dict[str, Result]:
    return {name: value for name, value in variables.items() if isinstance(value, Result) and not name.startswith("_")}
