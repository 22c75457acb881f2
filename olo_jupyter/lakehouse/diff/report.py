"""What a diff found, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from olo_jupyter.lakehouse.json_rows import json_rows
from olo_jupyter.lakehouse.result import Result

CHANGE = "change"
"""The first column of :attr:`Diff.rows`: ``removed``, ``added``, ``before`` or ``after`` (of a changed row)."""


@dataclass(frozen=True)
class Side:
    """One of the two points.

    Args:
        pin: As the user wrote it.
        snapshot_id: The table's snapshot there; None for a query, or a table without snapshots.
        committed: When that snapshot was made, ISO 8601 in UTC; '' where there is none.
        rows: Rows there; None where only a read of everything could tell.
    """

    pin: str
    snapshot_id: int | None = None
    committed: str = ""
    rows: int | None = None


@dataclass(frozen=True)
class SchemaChange:
    """A column that differs.

    Args:
        kind: What happened to it. ``renamed`` is by Iceberg's field id: the values stayed.
        column: Its name before (after, for an added one); nested ones with dots.
        before, after: Name, type, nullability or comment on each side, '' where it isn't there.
    """

    kind: Literal["added", "dropped", "renamed", "type", "nullability", "comment", "moved"]
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        match self.kind:
            case "added":
                return f"{self.column} added ({self.after})"
            case "dropped":
                return f"{self.column} dropped (was {self.before})"
            case "renamed":
                return f"{self.before} renamed to {self.after}"
        return f"{self.column}: {self.kind} {self.before} → {self.after}"


@dataclass(frozen=True)
class Drift:
    """A column's values on both sides, over :attr:`Diff.drift_rows`. ``smallest``/``largest`` leave out NaN."""

    column: str
    type: str
    rows: tuple[int, int]
    nulls: tuple[int, int]
    nans: tuple[int, int]
    smallest: tuple[Any, Any]
    largest: tuple[Any, Any]
    distinct: tuple[int, int]
    changed: int = 0
    """Changed rows in which this column differs."""

    @property
    def null_share(self) -> tuple[float | None, float | None]:
        """Share of NULL on each side, 0–1; None where there is no row."""
        first, second = (nulls / rows if rows else None for nulls, rows in zip(self.nulls, self.rows, strict=True))
        return first, second

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` shows it."""
        values: dict[str, Any] = {"column": self.column, "type": self.type, "changed": self.changed}
        for at, side in enumerate(("before", "after")):
            values[side] = {
                "rows": self.rows[at],
                "nulls": self.nulls[at],
                "null_share": self.null_share[at],
                "nans": self.nans[at],
                "min": self.smallest[at],
                "max": self.largest[at],
                "distinct": self.distinct[at],
            }
        return values


@dataclass(frozen=True)
class Files:
    """The data files of a table diff: how many on each side, and how many are the same on both and weren't compared."""

    before: int
    after: int
    same: int


@dataclass(frozen=True)
class Diff:
    """What changed from ``before`` to ``after``.

    Args:
        what: The table, or the query's text.
        key: Columns that tell which row is which; empty where rows were compared as multisets.
        added, removed: Rows that are on one side only.
        changed: Rows with the same key and other values; always 0 without a key.
        repeated: Keys that occur more than once on a side; their rows count as added or removed, never as changed.
        null_keys: Rows with NULL in the key; likewise.
        drift: The values of each column, over ``drift_rows`` (which rows these are, in words).
        rows: The rows themselves, with :data:`CHANGE` in front; ``truncated`` where there are more.
        method: How it was found out, in one sentence.
        notes: What the reader must know to read the figures right.
    """

    what: str
    before: Side
    after: Side
    added: int
    removed: int
    changed: int
    rows: Result
    method: str
    key: tuple[str, ...] = ()
    schema: tuple[SchemaChange, ...] = ()
    drift: tuple[Drift, ...] = ()
    drift_rows: str = ""
    repeated: int = 0
    null_keys: int = 0
    files: Files | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    snapshots: Mapping[str, int] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Nothing differs, neither rows nor columns."""
        return not (self.added or self.removed or self.changed or self.schema)

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` shows it; snapshot ids are text, as everywhere that a browser may read."""
        return {
            "what": self.what,
            **{
                name: {
                    "pin": side.pin,
                    "snapshot_id": None if side.snapshot_id is None else str(side.snapshot_id),
                    "committed": side.committed or None,
                    "rows": side.rows,
                }
                for name, side in (("before", self.before), ("after", self.after))
            },
            "same": self.same,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "key": list(self.key),
            "repeated_keys": self.repeated,
            "null_key_rows": self.null_keys,
            "schema": [
                {"kind": each.kind, "column": each.column, "before": each.before, "after": each.after}
                for each in self.schema
            ],
            "drift_rows": self.drift_rows,
            "drift": [each.as_json() for each in self.drift],
            "files": None if self.files is None else vars(self.files),
            "method": self.method,
            "notes": list(self.notes),
            "columns": [{"name": column.name, "type": column.type} for column in self.rows.columns],
            "rows": json_rows(self.rows),
            "rows_truncated": self.rows.truncated,
            "seconds": round(self.seconds, 4),
        }
