"""Branches and tags of a table: made, moved and dropped, each by one commit that checks what it started from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import HeadPin, Pin
from olo_jupyter.lakehouse.sql.statement import ChangeBranch
from olo_jupyter.lakehouse.time_travel import snapshot_at
from olo_jupyter.lakehouse.write import Written, refuse_version_3, retried

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.refs import SnapshotRef
    from pyiceberg.table.update import TableUpdate

Kind = Literal["branch", "tag"]


def change_branch(catalogs: Catalogs, statement: ChangeBranch) -> None:
    """Run CREATE, DROP or ALTER BRANCH.

    Raises:
        QueryError: As the functions below.
    """
    match statement.action:
        case "create":
            start = HeadPin(statement.other)
            create_ref(catalogs, statement.table, statement.branch, "branch", start, exists=statement.exists)
        case "drop":
            drop_ref(catalogs, statement.table, statement.branch, "branch", missing=statement.exists == "ignore")
        case "forward":
            fast_forward(catalogs, statement.table, statement.branch, statement.other)


def create_ref(
    catalogs: Catalogs,
    name: TableName,
    ref: str,
    kind: Kind,
    at: Pin | None = None,
    *,
    exists: Literal["error", "ignore", "replace"] = "error",
) -> int:
    """Make a branch or tag.

    Args:
        at: The snapshot that it points to; None is the current one.
        exists: What to do where there is one of that name already.

    Returns:
        The id of the snapshot that it points to.

    Raises:
        QueryError: ``branch-already-exists``; ``branch-not-found`` or ``invalid-arguments`` for where it begins, such
            as a table without a snapshot.
    """
    from pyiceberg.table.refs import SnapshotRef

    def updates(metadata: TableMetadata) -> tuple[int, list[TableUpdate]]:
        present = metadata.refs.get(ref)
        if present is not None:
            if exists == "ignore" and present.snapshot_ref_type == kind:
                return present.snapshot_id, []
            if exists != "replace" or present.snapshot_ref_type != kind or ref == "main":
                raise QueryError(
                    f"{present.snapshot_ref_type.value.capitalize()} '{ref}' already exists",
                    code="branch-already-exists",
                    hint="Choose another name, or drop it first.",
                )
        snapshot = snapshot_at(metadata, at, name)
        if snapshot is None:
            raise QueryError(
                f"Table {name} has no snapshot: there is nothing that '{ref}' could point to.",
                code="invalid-arguments",
                hint="Write to the table first.",
            )
        made = SnapshotRef.model_validate({"snapshot-id": snapshot.snapshot_id, "type": kind})
        return snapshot.snapshot_id, [_pointing(ref, made)]

    return _committed(catalogs, name, ref, updates)


def drop_ref(catalogs: Catalogs, name: TableName, ref: str, kind: Kind, *, missing: bool = False) -> None:
    """Drop a branch or tag. Its snapshots stay until they expire.

    Args:
        missing: It may be missing.

    Raises:
        QueryError: ``branch-not-found``; ``not-supported`` for main.
    """
    from pyiceberg.table.update import RemoveSnapshotRefUpdate

    def updates(metadata: TableMetadata) -> tuple[int, list[TableUpdate]]:
        if missing and ref not in metadata.refs:
            return 0, []
        present = _existing(metadata, name, ref, kind)
        if ref == "main":
            raise QueryError("The branch main can't be dropped", code="not-supported")
        return present.snapshot_id, [RemoveSnapshotRefUpdate.model_validate({"ref-name": ref})]

    _committed(catalogs, name, ref, updates)


def fast_forward(catalogs: Catalogs, name: TableName, branch: str, to: str) -> Written:
    """Move a branch to the head of another one that continues it.

    Raises:
        QueryError: ``branch-not-found``; ``not-supported`` where ``branch`` has snapshots that ``to`` hasn't.
    """
    from pyiceberg.table.snapshots import ancestors_of

    def updates(metadata: TableMetadata) -> tuple[int, list[TableUpdate]]:
        source, target = (_existing(metadata, name, each, "branch") for each in (branch, to))
        if source.snapshot_id == target.snapshot_id:
            return target.snapshot_id, []
        line = ancestors_of(metadata.snapshot_by_id(target.snapshot_id), metadata)
        if all(snapshot.snapshot_id != source.snapshot_id for snapshot in line):
            raise QueryError(
                f"Branch '{branch}' can't be fast-forwarded to '{to}': it has snapshots of its own",
                code="not-supported",
                hint=f"Somebody wrote to {branch} since {to} began. Bring the rows over: MERGE or INSERT from "
                f"{name.table} FOR VERSION AS OF '{to}'.",
            )
        return target.snapshot_id, [_pointing(branch, source.model_copy(update={"snapshot_id": target.snapshot_id}))]

    return Written(name, 0, _committed(catalogs, name, branch, updates))


def _pointing(name: str, ref: SnapshotRef) -> TableUpdate:
    from pyiceberg.table.update import SetSnapshotRefUpdate

    return SetSnapshotRefUpdate.model_validate({"ref-name": name, **ref.model_dump(by_alias=True, exclude_none=True)})


def _existing(metadata: TableMetadata, name: TableName, ref: str, kind: Kind) -> SnapshotRef:
    found = metadata.refs.get(ref)
    if found is None or found.snapshot_ref_type != kind:
        known = sorted(each for each, other in metadata.refs.items() if other.snapshot_ref_type == kind)
        raise QueryError(
            f"{kind.capitalize()} '{ref}' does not exist",
            code="branch-not-found",
            hint=f"{name} has: {', '.join(known)}." if known else f"{name} has none.",
        )
    return found


def _committed(
    catalogs: Catalogs, name: TableName, ref: str, updates: Callable[[TableMetadata], tuple[int, list[TableUpdate]]]
) -> int:
    """Commit what ``updates`` makes of the table as it is, unless the ref was moved meanwhile: then again."""
    from pyiceberg.table.update import AssertRefSnapshotId, AssertTableUUID

    def attempt() -> Written:
        table: Table = catalogs.load(name)
        refuse_version_3(table, name)
        snapshot_id, wanted = updates(table.metadata)
        if wanted:
            present = table.metadata.refs.get(ref)
            requirements = (
                AssertTableUUID(uuid=table.metadata.table_uuid),
                AssertRefSnapshotId.model_validate(
                    {"ref": ref, "snapshot-id": present.snapshot_id if present else None}
                ),
            )
            table.catalog.commit_table(table, requirements, tuple(wanted))
        return Written(name, 0, snapshot_id)

    with writing(name):
        return retried(name, attempt).snapshot_id or 0
