"""A result as a chart's few points: aggregated in the engine, and always told how. Never a sample.

Which rows stand behind a point is part of the chart: each value as it is, an aggregate by group, bins, or the largest
groups with all others as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.json_rows import json_rows
from olo_jupyter.lakehouse.result import Column, Result
from olo_jupyter.lakehouse.sql.types import parse_type

Kind = Literal["line", "bar", "histogram", "scatter"]
KINDS: tuple[Kind, ...] = ("line", "bar", "histogram", "scatter")
AGGREGATES = ("avg", "sum", "min", "max", "count")
POINTS = 1_000
"""Points of a line or a scatter at most, before values are put together."""
BARS = 40
CELLS = 40
"""Bins of a scatter with too many points, each way."""
_NUMBERS = frozenset({"tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"})
_TIMES = frozenset({"date", "timestamp", "timestamp with time zone"})
_UNITS = ("minute", "hour", "day", "week", "month", "year")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_629_746, "year": 31_556_952}
_OTHERS = "all others"


@dataclass(frozen=True)
class Wanted:
    """What the user asked for; '' or None leaves the choice to :func:`chart`."""

    kind: str = ""
    x: str = ""
    y: str = ""
    color: str = ""
    aggregate: str = ""
    bins: int = 30


@dataclass(frozen=True)
class Chart:
    """The points of a chart.

    Args:
        points: Values by the names ``x``, ``y``, ``color``, and for bins ``x2``, ``y2`` and ``rows``.
        x, y: What the axes say.
        scale: How x is drawn.
        note: What each point stands for, and what isn't shown.
    """

    kind: Kind
    points: tuple[dict[str, Any], ...]
    x: str
    y: str
    scale: Literal["time", "number", "category"]
    note: str
    color: str = ""
    binned: bool = False


Run = Callable[[str], Result]
"""Runs Trino SQL over the table ``data``."""


def chart(result: Result, wanted: Wanted, run: Run) -> Chart:
    """The chart of a result.

    Args:
        result: Whose rows; they are the table ``data`` for ``run``.
        wanted: Kind, columns, aggregate.

    Raises:
        OloError: ``chart``: no such kind, column or aggregate; a masked column; nothing that can be drawn.
    """
    columns = {column.name.lower(): column for column in result.columns}
    if len(columns) < len(result.columns):
        raise _wrong("Two columns of the result have the same name.", "Name them apart with AS.")
    if not len(result):
        raise _wrong("The result has no rows: there is nothing to draw.", "")
    picked = _picked(columns, wanted)
    hidden = [name for name in (picked.x, picked.y, picked.color) if name in {each.lower() for each in result.masked}]
    if hidden:
        raise _wrong(
            f"Column {hidden[0]} is restricted: its values must not stand in a notebook.",
            "Draw a count by another column, or .to_pandas() for a plot that isn't stored.",
        )
    match picked.kind:
        case "line":
            made = _line(columns, picked, run)
        case "bar":
            made = _bar(columns, picked, run)
        case "histogram":
            made = _histogram(columns, picked, run)
        case _:
            made = _scatter(picked, run)
    if result.truncated:
        return Chart(
            **{**vars(made), "note": f"{made.note} The result was cut off by --limit: these are not all rows."}
        )
    return made


def _wrong(message: str, hint: str) -> OloError:
    return OloError(message, code="chart", hint=hint)


def _picked(columns: dict[str, Column], wanted: Wanted) -> Wanted:
    """``wanted`` with nothing left open."""
    for option, value, known in (
        ("kind", wanted.kind, KINDS), ("--agg", wanted.aggregate, AGGREGATES)
    ):  # fmt: skip
        if value and value not in known:
            raise _wrong(f"There is no {option} {value!r}.", _near(value, known))
    x, y, color = (_column(columns, name) for name in (wanted.x, wanted.y, wanted.color))
    numbers = [name for name, column in columns.items() if _base(column) in _NUMBERS]
    times = [name for name, column in columns.items() if _base(column) in _TIMES]
    texts = [name for name, column in columns.items() if _base(column) in ("varchar", "char", "boolean")]
    kind = wanted.kind
    if not kind and (set(columns) - {color}) <= set(numbers) and not y:
        kind = "histogram" if len(set(numbers) - {color}) == 1 or x else "scatter"
    if kind == "histogram":
        x = x or next(iter(numbers), "")
        if not x or x not in numbers:
            raise _wrong("A histogram needs a column of numbers.", f"Columns: {', '.join(columns)}. Name one: --x COL")
        return Wanted("histogram", x, "", color, "count", wanted.bins)
    first = times + texts + numbers if kind != "scatter" else numbers + times
    x = x or next((name for name in first if name not in (y, color)), "")
    if not x:
        raise _wrong("The result has no column to draw along.", f"Columns: {', '.join(columns)}. Name one: --x COL")
    if not y and wanted.aggregate != "count":
        y = next((name for name in numbers if name not in (x, color)), "")
    if y and y not in numbers and wanted.aggregate != "count":
        raise _wrong(
            f"Column {y} holds no numbers.", f"Choose another --y, or --agg count. Numbers: {', '.join(numbers)}."
        )
    kind = kind or ("line" if x in times else "scatter" if x in numbers and y else "bar")
    if kind == "scatter" and (x not in numbers or y not in numbers):
        raise _wrong("A scatter plot needs two columns of numbers.", "Name them: --x COL --y COL")
    if kind == "line" and x in texts:
        raise _wrong(f"A line needs an order, which texts such as {x} don't have.", "Draw bars: bar")
    return Wanted(kind, x, y, color, wanted.aggregate or ("avg" if y else "count"), wanted.bins)


def _near(value: str, known: Sequence[str]) -> str:
    close = get_close_matches(value, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"There is: {', '.join(known)}."


def _column(columns: dict[str, Column], name: str) -> str:
    found = name.strip('"').lower()
    if found and found not in columns:
        raise _wrong(f"The result has no column {name}.", _near(found, list(columns)))
    return found


def _base(column: Column) -> str:
    return parse_type(column.type).base


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _number(name: str) -> str:
    return f"CAST({_quoted(name)} AS double)"


def _aggregate(wanted: Wanted) -> str:
    if wanted.aggregate == "count":
        return f"count({_quoted(wanted.y)})" if wanted.y else "count(*)"
    return f"{wanted.aggregate}({_number(wanted.y)})"


def _aggregate_name(wanted: Wanted) -> str:
    return f"{wanted.aggregate}({wanted.y})" if wanted.y else "rows"


def _told(wanted: Wanted) -> str:
    return _aggregate_name(wanted) if wanted.y else "the number of rows"


def _points(result: Result) -> tuple[dict[str, Any], ...]:
    names = [column.name for column in result.columns]
    return tuple(dict(zip(names, row, strict=True)) for row in json_rows(result))


def _one(result: Result) -> tuple[Any, ...]:
    (row,) = result.rows()
    return row


def _line(columns: dict[str, Column], wanted: Wanted, run: Run) -> Chart:
    x, time = _quoted(wanted.x), _base(columns[wanted.x]) in _TIMES
    by = f", {_quoted(wanted.color)}" if wanted.color else ""
    color = f", CAST({_quoted(wanted.color)} AS varchar) AS color" if wanted.color else ""
    rows, groups, least, most, nulls = _one(
        run(
            f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {x}{by} FROM data WHERE {x} IS NOT NULL)), "
            f"min({x}), max({x}), count(*) - count({x}) FROM data"
        )
    )
    key, step = x, ""
    if groups > POINTS:
        key, step = _coarser(x, time, least, most)
    made = run(
        f"SELECT {_stored(key, time)} AS x, {_aggregate(wanted)} AS y, count(*) AS rows{color} FROM data "
        f"WHERE {x} IS NOT NULL GROUP BY {key}{by} ORDER BY {key}{by}"
    )
    plain = groups == rows - nulls and not step and wanted.y and wanted.aggregate != "count"
    note = (
        f"Each point is one row ({rows - nulls:,} rows)."
        if plain
        else f"Each point is {_told(wanted)} by {step or wanted.x} of all {rows - nulls:,} rows."
    )
    label = wanted.y if plain else _aggregate_name(wanted)
    return Chart(
        "line", _points(made), wanted.x, label, "time" if time else "number", note + _left_out(nulls, wanted.x),
        wanted.color,
    )  # fmt: skip


def _stored(key: str, time: bool) -> str:
    """The value of a point as Vega reads it: an instant in UTC, a double."""
    return f"to_iso8601(CAST({key} AS timestamp(3)))" if time else f"CAST({key} AS double)"


def _coarser(x: str, time: bool, least: Any, most: Any) -> tuple[str, str]:
    """``x`` put together so that at most :data:`POINTS` are left, and what that is called."""
    if not time:
        low, width = float(least), (float(most) - float(least)) / (POINTS / 2) or 1.0
        return f"({low!r} + floor((CAST({x} AS double) - {low!r}) / {width!r}) * {width!r})", "bins of equal width"
    seconds = (most - least).total_seconds()
    unit = next((each for each in _UNITS if seconds / _SECONDS[each] <= POINTS), _UNITS[-1])
    return f"date_trunc('{unit}', {x})", unit


def _left_out(nulls: int, column: str) -> str:
    return f" Not shown: {nulls:,} rows where {column} is NULL." if nulls else ""


def _bar(columns: dict[str, Column], wanted: Wanted, run: Run) -> Chart:
    x = f"coalesce(CAST({_quoted(wanted.x)} AS varchar), 'NULL')"
    value = _aggregate(wanted)
    color = f"coalesce(CAST({_quoted(wanted.color)} AS varchar), 'NULL')" if wanted.color else "''"
    rows, groups = _one(run(f"SELECT count(*), count(DISTINCT {x}) FROM data"))
    ordered = _base(columns[wanted.x]) in _TIMES | _NUMBERS
    first = f"min({_quoted(wanted.x)})"
    rank = "olo_first, olo_key" if ordered and groups <= BARS else "olo_value DESC, olo_key"
    made = run(
        f"WITH d AS (SELECT *, {x} AS olo_x, {color} AS olo_color FROM data), "
        f"ranked AS (SELECT olo_key, row_number() OVER (ORDER BY {rank}) AS olo_rank FROM "
        f"(SELECT olo_x AS olo_key, {value} AS olo_value, {first} AS olo_first FROM d GROUP BY olo_x)), "
        f"placed AS (SELECT d.*, CASE WHEN olo_rank > {BARS} THEN '{_OTHERS}' ELSE olo_key END AS olo_bar, "
        f"CASE WHEN olo_rank > {BARS} THEN {BARS + 1} ELSE olo_rank END AS olo_place "
        "FROM d JOIN ranked ON ranked.olo_key = d.olo_x) "
        f"SELECT olo_bar AS x, {value} AS y, count(*) AS rows, olo_color AS color FROM placed "
        "GROUP BY olo_bar, olo_place, olo_color ORDER BY olo_place, olo_color"
    )
    plain = groups == rows and wanted.y and not wanted.color and groups <= BARS
    note = (
        f"Each bar is one row ({rows:,} rows)."
        if plain
        else f"Each bar is {_told(wanted)} by {wanted.x} of all {rows:,} rows."
    )
    if groups > BARS:
        note += f" The {BARS} largest of {groups:,}; {_OTHERS} are one bar."
    label = wanted.y if plain else _aggregate_name(wanted)
    return Chart("bar", _points(made), wanted.x, label, "category", note, wanted.color)


def _histogram(columns: dict[str, Column], wanted: Wanted, run: Run) -> Chart:
    x = _number(wanted.x)
    finite = f"{_quoted(wanted.x)} IS NOT NULL AND is_finite({x})"
    rows, left_out, least, most = _one(
        run(f"SELECT count(*) FILTER (WHERE {finite}), count(*) FILTER (WHERE NOT ({finite})), "
            f"min({x}) FILTER (WHERE {finite}), max({x}) FILTER (WHERE {finite}) FROM data")
    )  # fmt: skip
    if not rows:
        raise _wrong(f"Column {wanted.x} holds no finite number.", "")
    bins = max(1, wanted.bins)
    width = (most - least) / bins or 1.0
    whole = _base(columns[wanted.x]) not in ("real", "double", "decimal")
    if whole and width < 1:
        width = 1.0
    place = f"least(CAST(floor(({x} - {least!r}) / {width!r}) AS bigint), {bins - 1})"
    color = f", CAST({_quoted(wanted.color)} AS varchar)" if wanted.color else ""
    made = run(
        f"SELECT {place} AS bin, count(*) AS y{color + ' AS color' if color else ''} FROM data WHERE {finite} "
        f"GROUP BY {place}{color} ORDER BY 1"
    )
    points = tuple(
        {**point, "x": least + point["bin"] * width, "x2": least + (point["bin"] + 1) * width}
        for point in _points(made)
    )
    note = f"Rows in bins of width {width:.6g}, of all {rows:,} rows."
    if left_out:
        note += f" Not shown: {left_out:,} rows where {wanted.x} is NULL, NaN or infinite."
    return Chart("histogram", points, wanted.x, "rows", "number", note, wanted.color, binned=True)


def _scatter(wanted: Wanted, run: Run) -> Chart:
    x, y = _number(wanted.x), _number(wanted.y)
    there = " AND ".join(f"{_quoted(name)} IS NOT NULL" for name in (wanted.x, wanted.y))
    finite = f"{there} AND is_finite({x}) AND is_finite({y})"
    rows, left_out, x0, x1, y0, y1 = _one(
        run(f"SELECT count(*) FILTER (WHERE {finite}), count(*) FILTER (WHERE NOT ({finite})), "
            + ", ".join(f"{end}({c}) FILTER (WHERE {finite})" for c in (x, y) for end in ("min", "max"))
            + " FROM data")
    )  # fmt: skip
    if not rows:
        raise _wrong(f"No row has finite numbers in both {wanted.x} and {wanted.y}.", "")
    gone = f" Not shown: {left_out:,} rows with NULL, NaN or infinite." if left_out else ""
    if rows <= POINTS:
        color = f", CAST({_quoted(wanted.color)} AS varchar) AS color" if wanted.color else ""
        made = run(f"SELECT {x} AS x, {y} AS y{color} FROM data WHERE {finite}")
        note = f"Each point is one row ({rows:,} rows).{gone}"
        return Chart("scatter", _points(made), wanted.x, wanted.y, "number", note, wanted.color)
    steps = ((x1 - x0) / CELLS or 1.0, (y1 - y0) / CELLS or 1.0)
    places = [
        f"least(CAST(floor(({c} - {low!r}) / {step!r}) AS bigint), {CELLS - 1})"
        for c, low, step in zip((x, y), (x0, y0), steps, strict=True)
    ]
    made = run(
        f"SELECT {places[0]} AS i, {places[1]} AS j, count(*) AS rows FROM data WHERE {finite} "
        f"GROUP BY {places[0]}, {places[1]} ORDER BY 1, 2"
    )
    points = tuple(
        {
            "x": x0 + point["i"] * steps[0],
            "x2": x0 + (point["i"] + 1) * steps[0],
            "y": y0 + point["j"] * steps[1],
            "y2": y0 + (point["j"] + 1) * steps[1],
            "rows": point["rows"],
        }
        for point in _points(made)
    )
    note = f"All {rows:,} rows, counted in {CELLS} × {CELLS} cells.{gone}"
    return Chart("scatter", points, wanted.x, wanted.y, "number", note, "", binned=True)
