"""``dbt build`` of 50 models: the adapter ``olo`` on Iceberg tables against dbt-duckdb on plain ones.

Both run the same project, word for word, in SQL that Trino and DuckDB share: a source of orders, 20 views over it, 18
tables and 12 incremental models, on four threads. The whole command is timed, as a user waits for it, on a project that
dbt has parsed before; the first build makes everything, the later ones replace the tables and merge or append.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from benchmarks.measure import Figure, paired, seconds
from benchmarks.options import Options
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
from tests.services.cache import installed

ROWS = 200_000
RUNS = 5
GOAL = 1.20
PEER = ["dbt-core>=1.11,<1.12", "dbt-duckdb>=1.11,<1.12", "duckdb>=2.0,<3", "jupyter-events"]
"""The peer gets what Jupyter's packages bring besides: with them dbt's own start takes a second or two longer
(jsonschema then loads a grammar of URIs), whichever adapter runs."""

_PROJECT = """\
name: fifty
version: "1.0"
profile: fifty
flags: {send_anonymous_usage_stats: false, use_colors: false}
"""
_OURS = """\
fifty:
  target: bench
  outputs:
    bench: {type: olo, catalog: dev, schema: gold, threads: 4}
"""
_THEIRS = """\
fifty:
  target: bench
  outputs:
    bench: {type: duckdb, path: plain.duckdb, schema: gold, threads: 4}
"""
_OLO = """\
version: 1
catalogs:
  dev: {properties: {uri: "sqlite:///catalog.db", warehouse: "file:warehouse"}}
"""
_SOURCES = """\
version: 2
sources:
  - name: raw
    tables: [{name: orders}]
"""


def figures(options: Options) -> Iterator[Figure]:
    """The build over everything that is there already, which is what a scheduler runs."""
    folder = options.cache / "dbt"
    shutil.rmtree(folder, ignore_errors=True)
    ours, theirs = _ours(folder / "olo"), _theirs(folder / "duckdb", _peer())
    pair = paired(ours, theirs, RUNS if options.full else 1)
    yield Figure(
        f"dbt build, 50 models over {ROWS:,} rows, Iceberg / dbt-duckdb on plain tables",
        seconds(pair.ours),
        seconds(pair.theirs),
        f"{pair.ratio:.2f} ×",
        f"≤ {GOAL:.2f} ×",
        pair.ratio <= GOAL,
    )


def models() -> dict[str, str]:
    """The 50 models, text by file name."""
    found: dict[str, str] = {}
    for number in range(20):
        found[f"stg_{number:02}.sql"] = (
            "{{ config(materialized='view') }}\n"
            "select id, customer, amount, quantity, ordered_at, amount * quantity as total\n"
            f"from {{{{ source('raw', 'orders') }}}} where mod(id, 20) = {number}\n"
        )
    for number in range(18):
        found[f"agg_{number:02}.sql"] = (
            "{{ config(materialized='table') }}\n"
            "with joined as (\n"
            f"    select a.customer, a.total, a.quantity, a.ordered_at from {{{{ ref('stg_{number:02}') }}}} a\n"
            "    union all\n"
            f"    select b.customer, b.total, b.quantity, b.ordered_at from {{{{ ref('stg_{number + 1:02}') }}}} b\n"
            ")\n"
            "select customer, count(*) as orders, sum(total) as total, max(quantity) as most,\n"
            "       min(ordered_at) as first_at\n"
            "from joined group by customer\n"
        )
    for number in range(12):
        strategy = "incremental_strategy='append'" if number % 2 else "incremental_strategy='merge', unique_key='id'"
        bound = "max(id) - 1" if number % 2 else "max(id) - 500"
        found[f"inc_{number:02}.sql"] = (
            f"{{{{ config(materialized='incremental', {strategy}) }}}}\n"
            f"select id, customer, total from {{{{ ref('stg_{number:02}') }}}}\n"
            f"{{% if is_incremental() %}} where id > (select {bound} from {{{{ this }}}}) {{% endif %}}\n"
        )
    return found


class _Build:
    """One project and the dbt that builds it; a call is one ``dbt build``."""

    def __init__(self, folder: Path, python: Path, profiles: str) -> None:
        self._folder, self._python = folder, python
        (folder / "models").mkdir(parents=True)
        files = {"dbt_project.yml": _PROJECT, "profiles.yml": profiles, "models/sources.yml": _SOURCES}
        for name, text in {**files, **{f"models/{name}": text for name, text in models().items()}}.items():
            (folder / name).write_text(text, encoding="utf-8")

    def __call__(self) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("OLO_", "DBT_"))}
        environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"  # ours is a developer's environment
        command = [str(self._python), "-m", "dbt.cli.main", "build", "--profiles-dir", "."]
        done = subprocess.run(command, cwd=self._folder, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"dbt build in {self._folder} failed:\n{done.stdout}{done.stderr}")


def _ours(folder: Path) -> _Build:
    build = _Build(folder, Path(sys.executable), _OURS)
    (folder / "olo.yml").write_text(_OLO, encoding="utf-8")
    with Session(load_settings(folder, {})) as session:
        session.execute("CREATE SCHEMA raw")
        session.write("raw.orders", _orders(), mode="create")
    return build


def _peer() -> Path:
    """The dbt of an environment of its own that has dbt-duckdb, installed once."""

    def build(target: Path) -> None:
        venv.create(target, with_pip=True)
        pip = [str(target / "bin" / "python"), "-m", "pip", "install", "--quiet", *PEER]
        subprocess.run(pip, check=True)

    return installed("dbt-duckdb", json.dumps(PEER), build) / "bin" / "python"


def _theirs(folder: Path, python: Path) -> _Build:
    build = _Build(folder, python, _THEIRS)
    import duckdb

    orders = _orders()  # noqa: F841 - DuckDB finds it by its name
    with duckdb.connect(str(folder / "plain.duckdb")) as database:
        database.execute("create schema raw")
        database.execute("create table raw.orders as from orders")
    return build


def _orders() -> pa.Table:
    """Orders of 5,000 customers over a year, made by arithmetic: the same on each machine."""
    import numpy as np

    ids = np.arange(ROWS, dtype=np.int64)
    return pa.table(
        {
            "id": ids,
            "customer": ids * 7919 % 5000,
            "amount": (ids * 104729 % 10_000) / 100,
            "quantity": pa.array(ids % 9 + 1, pa.int32()),
            "ordered_at": pa.array(ids * 157_680_000, pa.timestamp("us")),
        }
    )
