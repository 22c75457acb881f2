"""A session on a catalog of its own: SQLite and a warehouse folder, both with an awkward name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.manifest import DataFileContent
from pyiceberg.schema import Schema
from pyiceberg.table import Table

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session
from tests.delete_files import commit_deletes


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
    """Commit a delete file, which PyIceberg itself can't write: ``add_deletes(table, rows, content, equality_ids)``."""

    def added(table: Table, rows: pa.Table, content: DataFileContent, equality_ids: list[int] | None = None) -> None:
        commit_deletes(table, rows, content, tmp_path, equality_ids)

    return added
