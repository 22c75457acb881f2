"""What the catalog view compares and changes: two snapshots, tags and branches, a rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import SnapshotPin
from olo_jupyter.lakehouse.refs import Kind, create_ref, drop_ref
from olo_jupyter.server.models.tables import (
    Changed,
    DiffBody,
    DiffColumn,
    DiffSide,
    RefBody,
    RollbackBody,
    TableDiff,
)
from olo_jupyter.server.table_rows import rows_of

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.catalog import Catalogs
    from olo_jupyter.lakehouse.diff.report import Diff, Side
    from olo_jupyter.lakehouse.session import Session


def diff_table(session: Session, name: TableName, body: DiffBody) -> TableDiff:
    """What changed in a table from one pin to the other; values of tagged columns are left out.

    Raises:
        QueryError: As ``Session.diff``.
    """
    found: Diff = session.diff(str(name), body.first, body.second, key=body.key, limit=body.limit)
    return TableDiff(
        before=_side(found.before),
        after=_side(found.after),
        same=found.same,
        added=found.added,
        removed=found.removed,
        changed=found.changed,
        key=list(found.key),
        columns=[
            DiffColumn(kind=each.kind, column=each.column, before=each.before, after=each.after)
            for each in found.schema
        ],
        rows=rows_of(found.rows, len(found.rows), found.rows.masked),
        method=found.method,
        notes=list(found.notes),
        seconds=found.seconds,
    )


def _side(side: Side) -> DiffSide:
    return DiffSide(
        pin=side.pin,
        snapshot=None if side.snapshot_id is None else str(side.snapshot_id),
        committed=side.committed or None,
        rows=side.rows,
    )


def make_ref(catalogs: Catalogs, name: TableName, body: RefBody) -> Changed:
    """Make a tag or branch at a snapshot.

    Raises:
        QueryError: As ``create_ref``.
    """
    made = create_ref(catalogs, name, body.name, body.kind, SnapshotPin(int(body.snapshot)))
    return Changed(snapshot=str(made))


def remove_ref(catalogs: Catalogs, name: TableName, ref: str) -> Changed:
    """Drop a tag or branch; its snapshot stays until it expires.

    Raises:
        QueryError: ``branch-not-found``; ``not-supported`` for main.
    """
    present = catalogs.load(name).metadata.refs.get(ref)
    kind: Kind = present.snapshot_ref_type.value if present else "tag"
    drop_ref(catalogs, name, ref, kind)
    return Changed(snapshot=str(present.snapshot_id) if present else "")


def roll_back(session: Session, name: TableName, body: RollbackBody) -> Changed:
    """Make an earlier snapshot the table's current one; nothing is deleted, later snapshots stay until they expire.

    Raises:
        QueryError: ``table-moved-on``: somebody wrote since the person looked; ``invalid-procedure-argument``: the
            snapshot isn't on the table's line.
    """
    current: Any = session.catalogs.load(name).metadata.current_snapshot_id
    if str(current) != body.current:
        raise QueryError(
            f"{name} was written since: it is at snapshot {current} now, not at {body.current}. Nothing was changed.",
            code="table-moved-on",
            hint="Look at the new snapshots, then decide again.",
        )
    session.execute(
        f"ALTER TABLE {name} EXECUTE rollback_to_snapshot({int(body.snapshot)})", engine="embedded", recorded=True
    )
    return Changed(snapshot=body.snapshot)
