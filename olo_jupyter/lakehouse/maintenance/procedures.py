"""ALTER TABLE … EXECUTE: Trino's table procedures, with the rows that Trino answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.ddl import wrong_kind
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.maintenance.compact import compact
from olo_jupyter.lakehouse.maintenance.expire import expire_snapshots
from olo_jupyter.lakehouse.maintenance.orphans import remove_orphans
from olo_jupyter.lakehouse.sql.statement import Procedure
from olo_jupyter.lakehouse.views import find_view
from olo_jupyter.lakehouse.write import refuse_version_3, retried

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine

_SHORTEST = timedelta(days=7)
"""As Trino's default: in a shared lakehouse somebody may still read, or write, what is younger."""

Metrics = list[tuple[str, int]]


def run_procedure(engine: EmbeddedEngine, statement: Procedure) -> Metrics:
    """Run a table procedure.

    Returns:
        Name and value of each metric that Trino tells of the procedure.

    Raises:
        QueryError: ``table-not-found``, ``invalid-procedure-argument`` (a retention below 7 days, a snapshot that the
            table can't go back to), and what the work itself raises.
    """
    name, given = statement.table, statement.arguments
    catalogs = engine.catalogs
    if find_view(catalogs, name) is not None:
        raise wrong_kind("Table", name, "A view has no files of its own.")
    match statement.name:
        case "optimize":
            done = compact(engine, name, given["file_size_threshold"])
            return [
                ("rewritten_data_files_count", done.files_before),
                ("removed_delete_files_count", done.delete_files),
                ("added_data_files_count", done.files_after),
            ]
        case "expire_snapshots":
            _check_retention(given["retention_threshold"], f"olo maintain {name} --expire")
            expire_snapshots(catalogs, name, datetime.now(UTC) - given["retention_threshold"], given["retain_last"])
            return []
        case "remove_orphan_files":
            _check_retention(given["retention_threshold"], f"olo maintain {name} --orphans --older-than")
            found = remove_orphans(catalogs, name, given["retention_threshold"])
            return [
                ("processed_manifests_count", found.manifests),
                ("active_files_count", found.active),
                ("scanned_files_count", found.scanned),
                ("deleted_files_count", found.files.count),
                ("deleted_bytes", found.files.bytes),
            ]
        case "rollback_to_snapshot":
            _roll_back(engine, statement, given["snapshot_id"])
            return []
        case "drop_extended_stats":
            _drop_statistics(engine, statement)
            return []
    raise AssertionError(f"no such procedure: {statement.name}")


def _check_retention(given: timedelta, instead: str) -> None:
    if given < _SHORTEST:
        days = given / timedelta(days=1)
        raise QueryError(
            f"Retention specified ({days:.2f}d) is shorter than the minimum retention configured in the system (7.00d)",
            code="invalid-procedure-argument",
            hint=f"On purpose: {instead} {days:g}d.",
        )


def _roll_back(engine: EmbeddedEngine, statement: Procedure, snapshot_id: int) -> None:
    name = statement.table

    def attempt() -> None:
        table = engine.catalogs.load(name)
        refuse_version_3(table, name)
        try:
            table.manage_snapshots().rollback_to_snapshot(snapshot_id).commit()
        except ValueError as error:
            raise QueryError(
                str(error),
                code="invalid-procedure-argument",
                hint=f'SELECT snapshot_id, committed_at FROM "{name.table}$snapshots" lists them.',
            ) from error

    with writing(name):
        retried(name, attempt)


def _drop_statistics(engine: EmbeddedEngine, statement: Procedure) -> None:
    name = statement.table

    def attempt() -> None:
        table = engine.catalogs.load(name)
        if table.metadata.statistics:
            with table.update_statistics() as update:
                for file in table.metadata.statistics:
                    update.remove_statistics(file.snapshot_id)

    with writing(name):
        retried(name, attempt)


def head(engine: EmbeddedEngine, statement: Procedure) -> dict[str, Any]:
    """The snapshot that the table has now, by the table's name: for the statement's provenance."""
    snapshot = engine.catalogs.load(statement.table).current_snapshot()
    return {} if snapshot is None else {str(statement.table): snapshot.snapshot_id}
