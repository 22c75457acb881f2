"""A session on a catalog of its own: SQLite and a warehouse folder, both with an awkward name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.io import FileIO
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriterV2,
)
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _FastAppendFiles
from pyiceberg.typedef import Record

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "it's, a [ware]house"
    folder.mkdir()
    properties = {"uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": f"file://{folder}"}
    return Settings(
        root=tmp_path, user="ana", state=tmp_path / "state", catalogs={"dev": CatalogSettings(properties=properties)}
    )


@pytest.fixture
def session(settings: Settings) -> Iterator[Session]:
    with Session(settings, namespace="silver") as opened:
        opened.catalogs.catalog("dev").create_namespace("silver")
        yield opened


@pytest.fixture
def make(session: Session) -> Callable[..., Table]:
    """Make ``dev.silver.t`` with PyIceberg itself, from an Arrow table (which is appended) or from a schema."""

    def made(rows: pa.Table | Schema, **more: object) -> Table:
        schema = rows.schema if isinstance(rows, pa.Table) else rows
        table = session.catalogs.catalog("dev").create_table("silver.t", schema, **more)  # type: ignore[arg-type]
        if isinstance(rows, pa.Table):
            table.append(rows)
        return table

    return made


@pytest.fixture
def add_deletes(tmp_path: Path) -> Callable[..., None]:
    """Commit a delete file, which PyIceberg itself can't write: rows of Parquet, and the kind of deletes they are.

    ``add_deletes(table, rows, content, equality_ids)``; positions have the columns file_path and pos.
    """

    def added(table: Table, rows: pa.Table, content: DataFileContent, equality_ids: list[int] | None = None) -> None:
        path = tmp_path / f"deletes-{len(table.metadata.snapshots)}.parquet"
        pq.write_table(rows, path)
        file = DataFile.from_args(
            content=content,
            file_path=f"file://{path}",
            file_format=FileFormat.PARQUET,
            partition=Record(),
            record_count=rows.num_rows,
            file_size_in_bytes=path.stat().st_size,
            equality_ids=equality_ids,
            lower_bounds=_first_path(rows, min),
            upper_bounds=_first_path(rows, max),
        )
        file.spec_id = 0
        with table.transaction() as transaction, _AddDeletes(transaction, table.io, file):
            pass
        table.refresh()

    return added


def _first_path(rows: pa.Table, choose: Callable[[list[str]], str]) -> dict[int, bytes]:
    """Bounds of a position delete file's paths (a reserved field id): they say which data files it is about."""
    return {2147483546: choose(rows["file_path"].to_pylist()).encode()} if "file_path" in rows.column_names else {}


class _DeleteManifest(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


class _AddDeletes(_FastAppendFiles):
    def __init__(self, transaction: Transaction, io: FileIO, file: DataFile) -> None:
        super().__init__(Operation.DELETE, transaction, io)
        self._file = file

    def _existing_manifests(self) -> list[ManifestFile]:
        writer = _DeleteManifest(
            self.spec(0), self.schema(), self.new_manifest_output(), self.snapshot_id, self._compression
        )
        with writer:
            writer.add(
                ManifestEntry.from_args(
                    status=ManifestEntryStatus.ADDED, snapshot_id=self.snapshot_id, data_file=self._file
                )
            )
        return [*super()._existing_manifests(), writer.to_manifest_file()]
