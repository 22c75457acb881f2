"""TPC-H Q1 and Q6 at scale 1: our Iceberg tables against DuckDB on the same Parquet files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from benchmarks.measure import Figure, paired, seconds
from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session

RUNS = 7
GOAL = 1.10

QUERIES = {
    "Q1": """
        SELECT l_returnflag, l_linestatus, sum(l_quantity) AS sum_qty, sum(l_extendedprice) AS sum_base_price,
               sum(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
               sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
               avg(l_quantity) AS avg_qty, avg(l_extendedprice) AS avg_price, avg(l_discount) AS avg_disc,
               count(*) AS count_order
        FROM {lineitem}
        WHERE l_shipdate <= DATE '1998-12-01' - INTERVAL '90' DAY
        GROUP BY l_returnflag, l_linestatus
        ORDER BY l_returnflag, l_linestatus""",
    "Q6": """
        SELECT sum(l_extendedprice * l_discount) AS revenue
        FROM {lineitem}
        WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
          AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24""",
}


def figures(cache: Path) -> Iterator[Figure]:
    """Both queries, each checked to give as many rows on both sides (values are the parity tests' matter).

    Args:
        cache: Folder where data is kept between runs.
    """
    session = _session(cache)
    files = _files(session)
    plain = duckdb.connect()
    source = f"read_parquet({files!r})"
    for name, text in QUERIES.items():
        ours_text, theirs_text = text.format(lineitem="tpch.lineitem"), text.format(lineitem=source)
        pair = paired(
            lambda text=ours_text: session.execute(text),
            lambda text=theirs_text: plain.sql(text).to_arrow_table(),
            RUNS,
        )
        counts = len(session.execute(ours_text)), plain.sql(theirs_text).to_arrow_table().num_rows
        if counts[0] != counts[1]:
            raise SystemExit(f"{name}: {counts[0]} rows here, {counts[1]} in plain DuckDB")
        yield Figure(
            f"TPC-H {name}, scale 1, Iceberg / DuckDB on the same files",
            seconds(pair.ours),
            seconds(pair.theirs),
            f"{pair.ratio:.2f} ×",
            f"≤ {GOAL:.2f} × (next issue's goal over 22 queries)",
            pair.ratio <= GOAL,
        )
    session.close()


def _session(cache: Path) -> Session:
    folder = cache / "bench" / "tpch1"
    folder.mkdir(parents=True, exist_ok=True)
    catalog = CatalogSettings(
        properties={"uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/warehouse"}
    )
    settings = Settings(root=folder, user="bench", state=folder / "state", catalogs={"dev": catalog})
    session = Session(settings)
    session.execute("CREATE SCHEMA IF NOT EXISTS tpch")
    if "lineitem" not in session.catalogs.tables("dev", "tpch"):
        parquet = folder / "parquet"
        tool = Path(sys.executable).with_name("tpchgen-cli")
        subprocess.run(
            [str(tool), "parquet", "-s", "1", "--tables", "lineitem", "--output-dir", str(parquet)],
            check=True,
            env={**os.environ},
        )
        [file] = list(parquet.rglob("*.parquet"))
        session.write("tpch.lineitem", pq.read_table(file), mode="create")
    return session


def _files(session: Session) -> list[str]:
    table = session.catalogs.load(session.name("tpch.lineitem"))
    return [task.file.file_path.removeprefix("file://") for task in table.scan().plan_files()]
