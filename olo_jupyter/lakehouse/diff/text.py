"""A diff in words: for the terminal, and for a cell where nothing richer is shown."""

from __future__ import annotations

from typing import Any

from olo_jupyter.lakehouse.diff.report import Diff, Drift, Side


def headline(diff: Diff) -> str:
    """What differs, in one line.

    Example: ``dev.silver.items: 1 removed, 2 added, 3 changed rows; 1 column renamed``
    """
    if diff.same:
        return f"{name_of(diff)}: no difference"
    rows = f"{diff.removed:,} removed, {diff.added:,} added"
    rows += f", {diff.changed:,} changed rows" if diff.key else " rows"
    kinds = {
        kind: sum(each.kind == kind for each in diff.schema) for kind in dict.fromkeys(e.kind for e in diff.schema)
    }
    columns = ", ".join(f"{count} {_KINDS[kind]}" for kind, count in kinds.items())
    return f"{name_of(diff)}: {rows}" + (f"; columns: {columns}" if columns else "")


_KINDS = {
    "added": "added", "dropped": "dropped", "renamed": "renamed", "type": "with another type",
    "nullability": "with other nullability", "comment": "with another comment", "moved": "moved",
}  # fmt: skip


def name_of(diff: Diff) -> str:
    """The table, or the query's first words."""
    flat = " ".join(diff.what.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"


def side_text(side: Side) -> str:
    """One of the two points: pin, snapshot, time, rows."""
    parts = [side.pin] if side.pin != str(side.snapshot_id) else []
    if side.snapshot_id is not None:
        parts.append(f"snapshot {side.snapshot_id}")
    if side.committed:
        parts.append(f"{side.committed[:19].replace('T', ' ')} UTC")
    if side.rows is not None:
        parts.append(f"{side.rows:,} rows")
    return " · ".join(parts)


def lines(diff: Diff) -> list[str]:
    """The whole diff but for its rows and the drift."""
    found = [headline(diff), f"  from {side_text(diff.before)}", f"    to {side_text(diff.after)}"]
    found += [f"  column {change}" for change in diff.schema]
    found += [f"  note: {note}" for note in diff.notes]
    return [*found, f"  {diff.method}"]


DRIFT_HEADER = ("column", "changed", "NULL", "min", "max", "distinct")


def drift_rows(diff: Diff) -> list[tuple[str, str, str, str, str, str]]:
    """The drift as texts, each ``before → after`` where they differ; columns of which nothing differs are left out."""
    return [
        (
            each.column,
            f"{each.changed:,}" if diff.key else "",
            _pair(*(_share(share) for share in each.null_share)),
            _pair(*each.smallest) if each.column not in diff.rows.masked else "***",
            _pair(*each.largest) if each.column not in diff.rows.masked else "***",
            _pair(*(f"{count:,}" for count in each.distinct)),
        )
        for each in diff.drift
        if _differs(each)
    ]


def _differs(drift: Drift) -> bool:
    pairs = (drift.null_share, drift.nans, drift.smallest, drift.largest, drift.distinct)
    return bool(drift.changed) or any(before != after for before, after in pairs)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}".replace("%", " %")


def _pair(before: Any, after: Any) -> str:
    first, second = (_short(value) for value in (before, after))
    return first if first == second else f"{first} → {second}"


def _short(value: Any) -> str:
    text = "–" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 30 else text[:29] + "…"
