"""DuckDB as a peer: imports nothing of this project, so that any environment with duckdb and pyarrow can run it."""

import importlib.util
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import duckdb


def main() -> None:
    """Answer each line of standard input; the only argument is a JSON object: views, threads, extensions."""
    task = json.loads(sys.argv[1])
    database = duckdb.connect(":memory:")
    database.execute(f"SET threads = {int(task['threads'])}")
    for name in task.get("extensions", ()):
        database.execute(f"LOAD '{_extension(name)}'")
    for name, sql in task["views"].items():
        database.execute(f'CREATE VIEW "{name}" AS {sql}')
    for line in sys.stdin:
        print(json.dumps(_answer(database, json.loads(line)["sql"])), flush=True)


def _answer(database: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        relation = database.sql(sql)
        # DuckDB 2 and 1.5 name it differently.
        rows = relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.fetch_arrow_table()
    except duckdb.Error as error:
        return {"error": str(error)}
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "rows": rows.num_rows, "peak": peak}


def _extension(name: str) -> Path:
    """The extension file that the package ``duckdb-extension-<name>`` holds."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    assert found is not None and found.origin is not None
    [path] = Path(found.origin).parent.rglob(f"{name}.duckdb_extension")
    return path


if __name__ == "__main__":
    main()
