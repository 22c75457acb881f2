"""The tables of TPC-H at scale 0.01, on both sides: ``memory.tiny`` of a Trino, and a lakehouse of the embedded engine.

The rows come from Trino's tpch connector there and from tpchgen-cli here; they are the same (tests/services checks it).
Text is an unbounded varchar on both sides, because Iceberg has no other.
"""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session
from tests.parity.protocol import CATALOG, SCHEMA, ask, must

SCALE = "0.01"
TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
_DECIMAL = pa.decimal128(12, 2)


def generate(folder: Path) -> None:
    """Write the tables as Parquet files into ``folder``."""
    program = Path(sysconfig.get_path("scripts")) / "tpchgen-cli"
    subprocess.run(
        [program, "parquet", "--scale-factor", SCALE, "--output-dir", folder], check=True, capture_output=True
    )


def read(folder: Path, name: str) -> pa.Table:
    """A generated table in the types of Trino's tpch connector."""
    table = pq.read_table(folder / f"{name}.parquet")
    fields = [pa.field(field.name, _as_trino(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _as_trino(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal(type_):
        return _DECIMAL
    return pa.string() if pa.types.is_string_view(type_) or pa.types.is_large_string(type_) else type_


def open_session(folder: Path) -> Session:
    """A session on a lakehouse in ``folder`` that has the tables; unqualified names count from ``memory.tiny``."""
    generate(folder / "generated")
    properties = {"uri": f"sqlite:///{folder / 'catalog.db'}", "warehouse": f"file://{folder / 'warehouse'}"}
    settings = Settings(
        root=folder,
        user="parity",
        state=folder / "state",
        catalogs={CATALOG: CatalogSettings(type="sql", properties=properties)},
        default_catalog=CATALOG,
    )
    session = Session(settings, namespace=SCHEMA)
    session.catalogs.catalog(CATALOG).create_namespace_if_not_exists(SCHEMA)
    for name in TABLES:
        session.write(name, read(folder / "generated", name), mode="create")
    return session


def prepare(uri: str) -> None:
    """Make the tables in a Trino's memory catalog, where they are missing."""
    must(ask(uri, f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{SCHEMA}"))
    for name in TABLES:
        columns = must(ask(uri, f"DESCRIBE tpch.tiny.{name}")).rows
        listed = ", ".join(
            f"CAST({column} AS varchar) AS {column}" if type_.startswith("varchar") else column
            for column, type_, *_ in columns
        )
        must(ask(uri, f"CREATE TABLE IF NOT EXISTS {name} AS SELECT {listed} FROM tpch.tiny.{name}"))
