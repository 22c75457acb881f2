"""TPC-H's tables as Iceberg tables, made once a scale and kept, and its queries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.options import lake_settings
from olo_jupyter.lakehouse.session import Session

NAMESPACE = "tpch"
TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
_QUERIES = Path(__file__).parents[1] / "tests" / "unit" / "sql" / "tpch"


@dataclass(frozen=True)
class Lake:
    """The tables at one scale.

    Args:
        folder: Of the catalog and the warehouse.
        files: Local paths of each table's data files.
        metadata: Location of each table's current metadata file.
    """

    folder: Path
    files: dict[str, list[str]]
    metadata: dict[str, str]


def queries() -> dict[str, str]:
    """The 22 queries by name (``Q1``), Trino's text, which is also DuckDB's."""
    return {f"Q{int(path.stem[1:])}": path.read_text(encoding="utf-8") for path in sorted(_QUERIES.glob("q*.sql"))}


def lake(folder: Path, scale: int) -> Lake:
    """The lake in ``folder``, made where it isn't there yet."""
    done = folder / "complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _make(folder, scale)
        done.touch()
    with Session(lake_settings(folder), namespace=NAMESPACE) as session:
        files, metadata = {}, {}
        for name in TABLES:
            table = session.catalogs.load(session.name(name))
            files[name] = [task.file.file_path.removeprefix("file://") for task in table.scan().plan_files()]
            metadata[name] = table.metadata_location.removeprefix("file://")
    return Lake(folder, files, metadata)


def _make(folder: Path, scale: int) -> None:
    generator = Path(sys.executable).with_name("tpchgen-cli")
    with Session(lake_settings(folder), namespace=NAMESPACE) as session:
        session.execute(f"CREATE SCHEMA {NAMESPACE}")
        for name in TABLES:
            plain = folder / "generated"
            for path in _generated(generator, plain, name, scale):
                session.write(name, pq.read_table(path), mode="append" if _exists(session, name) else "create")
                path.unlink()
            shutil.rmtree(plain)


def _exists(session: Session, name: str) -> bool:
    return session.catalogs.exists(session.name(name))


def _generated(generator: Path, folder: Path, table: str, scale: int) -> Iterator[Path]:
    """Parquet files of a table, part by part, so that no more than a scale of memory is needed at a time."""
    parts = scale if table not in ("nation", "region") else 1
    for part in range(1, parts + 1):
        chosen = ["--parts", str(parts), "--part", str(part)] if parts > 1 else []
        command = [generator, "parquet", "-s", str(scale), "--tables", table, "--output-dir", folder, *chosen]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        yield from sorted(folder.rglob("*.parquet"))
