"""What must still hold when maintenance commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table.update import (
    AssertRefSnapshotId,
    AssertTableUUID,
    TableRequirement,
    ValidatableTableRequirement,
)

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata


class _SameRefs(ValidatableTableRequirement):
    """The table has just these refs. Only for catalogs that PyIceberg itself commits to: no server knows it."""

    type: str = "assert-same-refs"
    refs: dict[str, int]

    def validate(self, base_metadata: TableMetadata | None) -> None:  # type: ignore[override]  # as its base does
        """Refuse to commit where a ref came, went or moved."""
        now = {} if base_metadata is None else {name: ref.snapshot_id for name, ref in base_metadata.refs.items()}
        if now != self.refs:
            raise CommitFailedException("Requirement failed: the table's branches and tags have changed")


def same_refs(table: Table) -> tuple[TableRequirement, ...]:
    """The table is the same, and no branch or tag has moved, come or gone since it was loaded.

    A server checks each ref that was there; that none has come is checked by catalogs of this machine only.
    """
    refs = {name: ref.snapshot_id for name, ref in table.metadata.refs.items()}
    same: tuple[TableRequirement, ...] = (AssertTableUUID(uuid=table.metadata.table_uuid),)
    if isinstance(table.catalog, MetastoreCatalog):
        return (*same, _SameRefs(refs=refs))  # type: ignore[arg-type]  # PyIceberg names its own classes only
    return (
        *same,
        *(AssertRefSnapshotId.model_validate({"ref": name, "snapshot-id": head}) for name, head in refs.items()),
    )
