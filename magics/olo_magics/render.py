"""A result as a cell's output: a small Arrow preview for the grid, HTML and text for everything else."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from olo_jupyter.lakehouse.json_rows import json_rows
from olo_jupyter.lakehouse.masking import MASK, masked_values
from olo_jupyter.lakehouse.preflight import count_text, size_text
from olo_jupyter.lakehouse.result import Column, Result

MIME_TYPE = "application/vnd.olo.result+json"
PREVIEW_ROWS = 1_000
PREVIEW_BYTES = 1_000_000
HTML_ROWS = 20
TEXT_ROWS = 10
TEXT_WIDTH = 40
_ZONELESS = re.compile(r"AS\s+OF\s+(?:DATE\s*'[^']*'|TIMESTAMP\s*'[\d\s:.-]+')", re.IGNORECASE)
"""Time travel in the text by a time that names no zone."""
ZONELESS_NOTE = "times without a zone are UTC"


def result_bundle(result: Result) -> tuple[dict[str, Any], dict[str, Any]]:
    """The MIME bundle and the metadata of a result.

    The notebook file never holds more than 1,000 rows, nor more than about a megabyte of them. Snapshot ids are
    strings: a browser would round the numbers.
    """
    provenance = provenance_json(result)
    data = {
        MIME_TYPE: {
            "version": 1,
            "columns": [{"name": column.name, "type": column.type} for column in result.columns],
            "rows": len(result),
            "preview": arrow_stream(result, PREVIEW_ROWS, PREVIEW_BYTES),
            "truncated": result.truncated,
            "masked": list(result.masked),
            "notes": [ZONELESS_NOTE] if _ZONELESS.search(result.provenance.sql) else [],
            "provenance": provenance,
        },
        "text/html": _html(result),
        "text/plain": _text(result),
    }
    return data, {"olo": provenance}


def provenance_json(result: Result) -> dict[str, Any]:
    """Where a result came from, as the notebook keeps it."""
    provenance = result.provenance
    return {
        "engine": provenance.engine,
        "query_id": provenance.query_id,
        "sql": provenance.sql,
        "parameters": {name: _stored(value) for name, value in masked_values(provenance.parameters).items()},
        "snapshots": {name: str(snapshot) for name, snapshot in provenance.snapshots.items()},
        "written": {name: str(snapshot) for name, snapshot in provenance.written.items()},
        "rows": provenance.rows,
        "bytes": provenance.bytes,
        "seconds": round(provenance.seconds, 4),
        "fingerprint": provenance.fingerprint,
        "as_of": provenance.as_of,
    }


def _stored(value: Any) -> Any:
    """A bound value as JSON keeps it without loss; text where JSON, or a browser's numbers, would change it."""
    if value is None or isinstance(value, (bool, str, float)) or (isinstance(value, int) and abs(value) < 2**53):
        return value
    return str(value)


def caption(result: Result) -> str:
    """One line under the rows: how many, from which engine and snapshots."""
    provenance = result.provenance
    if provenance.written:
        tables = ", ".join(f"{name} at snapshot {snapshot}" for name, snapshot in provenance.written.items())
        rows = count_text(provenance.rows, "row")
        return f"{rows} written to {tables} · {provenance.engine} · {provenance.seconds:.2f} s"
    if not result.columns:
        return f"done · {provenance.engine} · {provenance.seconds:.2f} s"
    more = " (cut off by --limit)" if result.truncated else ""
    parts = [f"{count_text(len(result), 'row')}{more}", provenance.engine]
    parts += [f"{name} at snapshot {snapshot}" for name, snapshot in provenance.snapshots.items()]
    if provenance.as_of:
        parts.append(f"as of {provenance.as_of}")
    if _ZONELESS.search(provenance.sql):
        parts.append(ZONELESS_NOTE)
    if provenance.bytes:
        parts.append(f"{size_text(provenance.bytes)} read")
    parts.append(f"{provenance.seconds:.2f} s")
    if result.masked:
        parts.append(f"masked here: {', '.join(result.masked)} (.to_pandas() has the values)")
    return " · ".join(parts)


def arrow_stream(result: Result, rows: int, most: int) -> str:
    """The first rows as an Arrow IPC stream in base64, masked columns masked.

    Args:
        rows: At most so many.
        most: Bytes in memory that they may have; above that there are fewer.
    """
    sink = pa.BufferOutputStream()
    table = _hidden(result.arrow.slice(0, rows), result)
    head = table
    while rows > 1 and head.nbytes > most:
        rows //= 2
        head = table.slice(0, rows)
    with pa.ipc.new_stream(sink, head.schema) as writer:
        writer.write_table(head)
    return base64.b64encode(sink.getvalue()).decode("ascii")


def _hidden(table: pa.Table, result: Result) -> pa.Table:
    """The rows with the values of masked columns hidden: what a notebook's file may hold."""
    for position, column in enumerate(result.columns):
        if column.name in result.masked:
            values = pa.array([MASK] * table.num_rows, pa.string())
            table = table.set_column(position, column.name, values)
    return table


def shown_rows(result: Result, rows: int) -> list[list[str]]:
    """The first rows as texts, the values of masked columns hidden."""
    columns = tuple(Column(c.name, "varchar") if c.name in result.masked else c for c in result.columns)
    head = Result(columns, _hidden(result.arrow.slice(0, rows), result), result.provenance)
    return [[_shown(value) for value in row] for row in json_rows(head)]


def _shown(value: Any) -> str:
    """A value of Trino's JSON protocol as text: booleans and NULL as SQL writes them."""
    if value is None:
        return "NULL"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _html(result: Result) -> str:
    table = html_table(
        [c.name for c in result.columns], shown_rows(result, HTML_ROWS), [c.type for c in result.columns]
    )
    shown = f" · the first {HTML_ROWS} shown" if len(result) > HTML_ROWS else ""
    return f"{table}<p><small>{html.escape(caption(result))}{shown}</small></p>"


def html_table(header: Sequence[str], rows: Iterable[Sequence[str]], titles: Sequence[str] = ()) -> str:
    """A table in HTML, everything in it escaped; ``titles`` are the tooltips of the header."""
    tips = [f' title="{html.escape(title)}"' for title in titles] or [""] * len(header)
    head = "".join(f"<th{tip}>{html.escape(name)}</th>" for name, tip in zip(header, tips, strict=True))
    body = "".join("<tr>" + "".join(f"<td>{html.escape(value)}</td>" for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(result: Result) -> str:
    names = [column.name for column in result.columns]
    rows = [[_short(value) for value in row] for row in shown_rows(result, TEXT_ROWS)]
    widths = [max(len(value) for value in column) for column in zip(names, *rows, strict=True)]
    lines = ["  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)) for row in [names, *rows]]
    if len(result) > TEXT_ROWS:
        lines.append("…")
    return "\n".join([*(line.rstrip() for line in lines), caption(result)])


def _short(value: str) -> str:
    flat = value.replace("\n", " ")
    return flat if len(flat) <= TEXT_WIDTH else flat[: TEXT_WIDTH - 1] + "…"
