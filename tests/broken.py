"""Tables that something happened to, for tests of what the user then sees."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session

NOBODY = 65534


def data_files(catalogs: Catalogs, name: TableName) -> list[Path]:
    """The data files of a table's present snapshot, the largest first."""
    paths = [_path(task.file.file_path) for task in catalogs.load(name).scan().plan_files()]
    return sorted(paths, key=lambda path: -path.stat().st_size)


def metadata_file(catalogs: Catalogs, name: TableName) -> Path:
    """The metadata file that the catalog names."""
    return _path(catalogs.load(name).metadata_location)


def _path(location: str) -> Path:
    return Path("/" + location.removeprefix("file:").lstrip("/"))


def cut(path: Path, count: int) -> None:
    """Leave the first bytes of a file."""
    path.write_bytes(path.read_bytes()[:count])


def spoil_footer(path: Path) -> None:
    """Change what a Parquet file says of itself."""
    whole = path.read_bytes()
    path.write_bytes(whole[:-60] + b"\xff" * 52 + whole[-8:])


def _missing_data(session: Session, name: TableName) -> None:
    data_files(session.catalogs, name)[0].unlink()


def _truncated_data(session: Session, name: TableName) -> None:
    path = data_files(session.catalogs, name)[0]
    cut(path, path.stat().st_size // 2)


def _empty_data(session: Session, name: TableName) -> None:
    cut(data_files(session.catalogs, name)[0], 0)


def _spoiled_footer(session: Session, name: TableName) -> None:
    spoil_footer(data_files(session.catalogs, name)[0])


def _spoiled_pages(session: Session, name: TableName) -> None:
    path = data_files(session.catalogs, name)[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"\x9d" * 80 + whole[84:])


def _truncated_metadata(session: Session, name: TableName) -> None:
    cut(metadata_file(session.catalogs, name), 300)


def _metadata_that_is_none(session: Session, name: TableName) -> None:
    metadata_file(session.catalogs, name).write_bytes(b"\xeb\x00 no JSON")


def _missing_metadata(session: Session, name: TableName) -> None:
    metadata_file(session.catalogs, name).unlink()


def _metadata_of_another(session: Session, name: TableName) -> None:
    other = TableName(name.catalog, name.namespace, "another")
    session.sql(f"CREATE TABLE {other} AS SELECT 7 AS id, 'another' AS name")
    shutil.copy(metadata_file(session.catalogs, other), metadata_file(session.catalogs, name))


def _missing_manifests(session: Session, name: TableName) -> None:
    for path in metadata_file(session.catalogs, name).parent.glob("*.avro"):
        path.unlink()


BREAKS: dict[str, tuple[Callable[[Session, TableName], None], str]] = {
    "missing data file": (_missing_data, "iceberg-cannot-open-split"),
    "truncated data file": (_truncated_data, "iceberg-bad-data"),
    "empty data file": (_empty_data, "iceberg-bad-data"),
    "spoiled footer": (_spoiled_footer, "iceberg-bad-data"),
    "spoiled pages": (_spoiled_pages, "iceberg-bad-data"),
    "truncated metadata": (_truncated_metadata, "iceberg-invalid-metadata"),
    "metadata that is none": (_metadata_that_is_none, "iceberg-invalid-metadata"),
    "missing metadata": (_missing_metadata, "iceberg-missing-metadata"),
    "metadata of another table": (_metadata_of_another, "iceberg-invalid-metadata"),
    "missing manifests": (_missing_manifests, "iceberg-cannot-open-split"),
}
"""What happens to a table with the columns id and name, and the code of the error that reading it then gives."""


@contextmanager
def nothing_fits(size: int) -> Iterator[None]:
    """A system on which no file grows beyond ``size`` bytes: as on a full disk, each write fails."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nobody may write, whoever runs the tests."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:  # nothing is read-only for root
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """A SQLite file to which another program is writing."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()
