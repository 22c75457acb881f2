"""What the extension costs a server that nobody has opened a panel on: no engine, no Arrow, no converter."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "sqlglot",
    "sqlalchemy",
    "numpy",
    "ruamel",
    "pyarrow",
    "pyiceberg",
    "duckdb",
    "pandas",
    "polars",
    "libcst",
    "trino",
    "pyspark",
    "mlflow",
    "dbt",
}


def test_the_extension_loads_nothing_heavy() -> None:
    said = "import sys, olo_jupyter.server.extension; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert not HEAVY & set(done.stdout.split())
