"""``%olo diff``: what changed between two pins, with a picture that stays in the notebook."""

from __future__ import annotations

import html
from typing import Any

from olo_converters.magic_line import LineError, read_line
from olo_jupyter.lakehouse.diff.report import CHANGE, Diff
from olo_jupyter.lakehouse.diff.text import DRIFT_HEADER, drift_rows, headline, lines
from olo_jupyter.lakehouse.masking import MASK
from olo_magics.chart import MIME_TYPE as VEGA_LITE
from olo_magics.kernel import Kernel
from olo_magics.progress import shown_progress
from olo_magics.render import HTML_ROWS, html_table, shown_rows
from olo_magics.sql import bindable

MIME_TYPE = "application/vnd.olo.diff+json"
_COLORS = {"removed": "#d1495b", "changed": "#edae49", "added": "#2a9d8f"}


def diff(kernel: Kernel, line: str, cell: str | None) -> Diff:
    """``%olo diff [RESULT <<] TABLE PIN PIN [--key COL[,COL…]] [--limit N] [--full] [--engine NAME]``: what changed.

    A pin is a time (UTC where it names no zone), a snapshot id, a tag or a branch; ``now`` is the present. With a key,
    rows are matched by it; without one they are compared as multisets. Columns are compared by Iceberg's field ids.
    ``%%olo diff PIN PIN`` compares the result of the query below it. ``--full`` counts the drift of values over all
    rows, not only over those that differ. RESULT keeps the diff: ``RESULT.rows.to_pandas()``.

      %olo diff silver.flights yesterday now --key flight_id
      %olo diff changes << silver.flights '2026-01-31 12:00' q1-close --key carrier,day
    """
    words = read_line(line, ("--key", "--limit", "--engine"), ("--full",))
    query = cell if cell and cell.strip() else ""
    wanted = 2 if query else 3
    if len(words.rest) != wanted:
        raise LineError(
            f"A diff needs {'two pins' if query else 'a table and two pins'}, not {len(words.rest)} words.",
            hint="Write %olo diff TABLE PIN PIN; a pin with blanks in quotation marks: '2026-01-31 12:00'.",
        )
    limit = words.values.get("--limit", "1000")
    if not limit.isdigit():
        raise LineError(f"--limit {limit!r} is no whole number.", hint="Write e.g. --limit 100.")
    *named, first, second = words.rest
    with shown_progress() as on_progress:
        found = kernel.session.diff(
            query or named[0],
            first,
            second,
            key=[column for column in words.values.get("--key", "").split(",") if column.strip()],
            engine=words.values.get("--engine"),
            parameters=bindable(kernel),
            limit=int(limit),
            full="--full" in words.flags,
            on_progress=on_progress,
        )
    if words.result:
        kernel.variables[words.result] = found
    if found.removed or found.added or found.changed:
        _show_picture(found)
    return found


def _show_picture(found: Diff) -> None:
    from IPython.display import display

    display({VEGA_LITE: picture(found), "text/plain": headline(found)}, raw=True)


def picture(found: Diff) -> dict[str, Any]:
    """Removed, changed and added rows as bars, in Vega-Lite 5."""
    counts = {"removed": found.removed, "changed": found.changed, "added": found.added}
    kinds = [kind for kind in counts if kind != "changed" or found.key]
    color = {"domain": kinds, "range": [_COLORS[kind] for kind in kinds]}
    encoding = {
        "y": {"field": "kind", "type": "nominal", "sort": kinds, "title": None},
        "x": {"field": "rows", "type": "quantitative", "title": "rows"},
        "color": {"field": "kind", "type": "nominal", "scale": color, "legend": None},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": headline(found), "anchor": "start"},
        "width": 480,
        "height": 30 * len(kinds),
        "data": {"values": [{"kind": kind, "rows": counts[kind]} for kind in kinds]},
        "encoding": encoding,
        "layer": [
            {"mark": "bar"},
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {
                    "text": {"field": "rows", "type": "quantitative", "format": ","},
                    "color": {"value": "gray"},
                },
            },
        ],
    }


def diff_bundle(found: Diff) -> dict[str, Any]:
    """A diff as a cell's output; the values of restricted columns are hidden."""
    stored = found.as_json()
    del stored["rows"]  # the file keeps the rows that are shown, not up to a thousand of each kind
    for column in stored["drift"]:
        if column["column"] in found.rows.masked:
            for side in ("before", "after"):
                column[side] |= {"min": MASK, "max": MASK}
    return {MIME_TYPE: stored, "text/html": _html(found), "text/plain": _text(found)}


def _text(found: Diff) -> str:
    drift = []
    for column, *values in drift_rows(found):
        named = zip(DRIFT_HEADER[1:], values, strict=True)
        drift.append(f"    {column}: " + ", ".join(f"{name} {value}" for name, value in named if value))
    return "\n".join([*lines(found), *([f"  values, over {found.drift_rows}:", *drift] if drift else [])])


def _html(found: Diff) -> str:
    first, *rest = (html.escape(line.strip()) for line in lines(found))
    parts = [f"<strong>{first}</strong>", "".join(f"<div>{line}</div>" for line in rest)]
    drift = drift_rows(found)
    if drift:
        parts.append(f"<p>Values, over {html.escape(found.drift_rows)} (before → after):</p>")
        parts.append(html_table(DRIFT_HEADER, drift))
    if len(found.rows):
        header = [column.name for column in found.rows.columns]
        parts.append(html_table(header, shown_rows(found.rows, HTML_ROWS)))
        more = f"the first {HTML_ROWS} shown; " if len(found.rows) > HTML_ROWS else ""
        kept = "not all rows are kept (--limit); " if found.rows.truncated else ""
        parts.append(
            f"<p><small>{more}{kept}a changed row stands twice, before and after; "
            f"<code>.rows.to_pandas()</code> has them with the column <code>{CHANGE}</code></small></p>"
        )
    return "".join(parts)
