"""Start a real JupyterLab on a small project: token and XSRF checks on, settings and state in a folder of their own.

Playwright starts this and waits for the port. ``serve.py FOLDER PORT TOKEN`` makes FOLDER anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pyarrow as pa
from pyiceberg.catalog import load_catalog

from olo_jupyter.jobs.records import RunRecord, TaskRun
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.project.blueprint import Answers, create
from tests.ui.jobs_data import make_jobs, make_lineage
from tests.ui.language import make_language_pack
from tests.ui.odd import make_odd

ROWS = 5_000
CARRIERS = ["UA", "AA", "DL", "B6", "WN"]

JOB = """\
version: 1
name: daily_delays
description: Delays by carrier, every morning.
owner: ana
schedule: {cron: "0 6 * * *"}
tasks:
  - name: wait
    shell: {command: [sleep, "2"]}
  - name: report
    shell: {command: [echo, done]}
    depends_on: [wait]
"""

SAVED = """\
-- description: Late flights by carrier
-- parameters: {threshold: 15}
SELECT carrier, count(*) AS flights FROM dev.silver.flights WHERE dep_delay > :threshold GROUP BY 1
"""

LINKS = """

links: {Grafana: "https://grafana.example.org/d/olo"}
table_links:
  Superset: "https://superset.example.org/tables?schema={namespace}&table={table}"
  dbt docs: "https://docs.example.org/#!/source/{catalog}.{namespace}.{table}"
"""

WORKSPACE = """\
version: 1
name: flights
title: Flights <b>out</b> of New York
repository: https://git.example.org/data/flights.git
catalogs: {dev: {namespaces: [bronze, silver, gold, platinum]}}
members:
  - {user: ana, role: workspace-admin}
  - {user: ben, role: analyst}
  - {group: readers, role: viewer}
links: {grafana: "https://grafana.example.org/d/olo", code_server: "https://ide.example.org"}
"""
"""One namespace isn't there, and nobody has applied it."""

QUERY = """\
%%olo sql delays <<
SELECT carrier, count(*) AS flights, avg(dep_delay) AS mean_delay, max(sched_dep) AS last_departure
FROM dev.silver.flights
WHERE dep_delay > 0
GROUP BY carrier
ORDER BY flights DESC"""


def main() -> None:
    """Make the folder, unless ``--again`` says that it is there, then become JupyterLab."""
    folder, port, token = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    if "--again" not in sys.argv:
        prepare(folder)
    become_lab(folder, port, token, environment(folder))


def prepare(folder: Path) -> None:
    """Make the project ``flights`` with its lake, jobs and runs."""
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "flights"
    create(root, Answers(name="flights"))
    (root / "jobs" / "daily_delays.yml").write_text(JOB, encoding="utf-8")
    with (root / "olo.yml").open("a", encoding="utf-8") as settings:
        settings.write(LINKS)
        if mlflow := os.environ.get("OLO_TEST_MLFLOW"):
            settings.write(f"backends:\n  mlflow: {{url: {mlflow}, pages: '/proxy/{urlsplit(mlflow).port}'}}\n")
        if trino := os.environ.get("OLO_TEST_TRINO"):
            settings.write(f"engines:\n  trino: {{host: 127.0.0.1, port: {trino}}}\n")
    if "OLO_TEST_TRINO" in os.environ:
        text = (root / "olo.yml").read_text(encoding="utf-8")
        governed = text.replace("\ncatalogs:\n", "\ncatalogs:\n  guarded: {access: trino}\n", 1)
        (root / "olo.yml").write_text(governed, encoding="utf-8")
    (root / "workspaces").mkdir(exist_ok=True)
    (root / "workspaces" / "flights.yml").write_text(WORKSPACE, encoding="utf-8")
    (root / "workspaces" / "broken.yml").write_text("version: 1\nname: broken\nmembers: 7\n", encoding="utf-8")
    (root / "queries").mkdir(exist_ok=True)
    (root / "queries" / "late_flights.sql").write_text(SAVED, encoding="utf-8")
    make_lake(folder / "lakehouse")
    make_records(folder / "state")
    make_jobs(root, folder / "state")
    make_lineage(folder / "state")
    make_odd(root, folder)
    make_notebook(root / "delays.ipynb")
    make_explore(root / "explore.ipynb")
    make_repository(root, os.environ.get("OLO_TEST_GITEA") or bare(folder / "origin.git"))
    make_language_pack(folder / "site")
    # No questions about news in the corner of every page.
    news = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    """What the project in ``folder`` is served with."""
    return {
        **os.environ,
        "OLO_USER": "ana",
        "OLO_STATE": str(folder / "state"),
        "OLO_PROJECT": str(folder / "flights"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(folder / "site"), os.environ.get("PYTHONPATH", "")])),
    }


def become_lab(folder: Path, port: str, token: str, environment: dict[str, str]) -> None:
    """Become JupyterLab on the project in ``folder``, with its token and the protection against forged requests on."""
    os.execve(
        sys.executable,
        [
            sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
            "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder / 'flights'}",
            f"--IdentityProvider.token={token}", "--expose-app-in-browser",
        ],
        environment,
    )  # fmt: skip


def make_lake(folder: Path) -> None:
    """Catalog dev: silver.flights with two snapshots and a tag; bronze.departures to be rolled back; gold is empty."""
    (folder / "dev").mkdir(parents=True)
    (folder / "ana_sandbox").mkdir()
    catalog = load_catalog("dev", type="sql", uri=f"sqlite:///{folder}/dev.db", warehouse=f"file://{folder}/dev")
    for namespace in ("bronze", "silver", "gold"):
        catalog.create_namespace(namespace)
    start = datetime(2026, 1, 1, 6)
    rows = pa.table(
        {
            "flight": pa.array(range(ROWS), pa.int64()),
            "carrier": [CARRIERS[(row * 7 + row // 11) % 5] for row in range(ROWS)],
            "dep_delay": pa.array([None if row % 17 == 0 else (row * 37) % 90 - 20 for row in range(ROWS)], pa.int32()),
            "sched_dep": pa.array([start + timedelta(minutes=row) for row in range(ROWS)], pa.timestamp("us")),
        }
    )
    table = catalog.create_table("silver.flights", schema=rows.schema)
    table.append(rows.slice(0, ROWS // 2))
    snapshot = table.current_snapshot()
    assert snapshot is not None
    table.manage_snapshots().create_tag(snapshot.snapshot_id, "q1-close").commit()
    table.append(rows.slice(ROWS // 2))
    landed = catalog.create_table("bronze.departures", schema=rows.schema)
    landed.append(rows.slice(0, ROWS // 2))
    landed.append(rows.slice(ROWS // 2))
    catalog.create_table("silver.airlines", schema=pa.schema([("carrier", pa.string()), ("name", pa.string())]))
    catalog.create_table("bronze.flights", schema=rows.schema)


def make_records(state: Path) -> None:
    """Two earlier runs: one failed, one passed."""
    store = RunStore(state / "runs.db")
    now = datetime.now(UTC)
    for hours, run_state in ((26, "failed"), (2, "success")):
        at = now - timedelta(hours=hours)
        tasks = [
            TaskRun(name="delays", kind="dbt", state="success", started=at, ended=at + timedelta(seconds=7), rows=5),
            TaskRun(name="score", kind="python", state=run_state, started=at, ended=at + timedelta(seconds=3), rows=5),
        ]
        if run_state == "failed":
            tasks[1].message, tasks[1].rows = "test not_null_score_carrier failed: 2 rows", None
        store.save(
            RunRecord(
                id=f"run-{hours}", job="daily_delays", target="dev", user="ana", state=run_state, started=at,
                ended=at + timedelta(seconds=11.4), tasks=tasks,
            )
        )  # fmt: skip


def make_notebook(path: Path) -> None:
    """A notebook that an analyst might have begun."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            nbformat.v4.new_markdown_cell("# Which carriers run late?"),
            nbformat.v4.new_code_cell("%load_ext olo_magics"),
            nbformat.v4.new_code_cell(QUERY),
        ],
    )
    nbformat.write(notebook, path)


EXPLORE = [
    "%load_ext olo_magics",
    "%%olo sql flights <<\nSELECT * FROM dev.silver.flights ORDER BY flight",
    "%%olo sql\nSELECT carrier, count(*) AS Flights, avg(dep_delay) AS mean_delay, max(sched_dep) AS last_departure"
    " FROM dev.silver.flights WHERE dep_dely > 0 GROUP BY carrier",
    "%%olo sql\nSELECT carrier FROM dev.silver.flights WHERE ",
    "%%olo sql\nSELECT count(*) AS flights FROM dev.silver.flights",
    "%%olo sql delays_by_carrier <<\nSELECT carrier, count(*) AS flights, avg(dep_delay) AS mean_delay"
    "\nFROM dev.silver.flights\nWHERE dep_delay > 0\nGROUP BY carrier",
    "%olo chart delays_by_carrier bar --x carrier --y flights",
    "%olo diff dev.silver.flights q1-close now --key flight",
    "%%olo sql\nSELECT count(*) AS triples FROM UNNEST(sequence(1, 10000)) AS a (x),"
    "\nUNNEST(sequence(1, 10000)) AS b (y), UNNEST(sequence(1, 1000)) AS c (z) WHERE (x + y + z) % 7 = 3",
]
"""The cells of the notebook that is explored and promoted from."""


def make_explore(path: Path) -> None:
    """Results, an error, an open statement, a pin, a promotion, a chart, a diff, a statement that takes long."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[nbformat.v4.new_code_cell(source, id=f"cell-{at}") for at, source in enumerate(EXPLORE)],
    )
    nbformat.write(notebook, path)


def bare(origin: Path) -> str:
    """A remote that is a folder."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    return str(origin)


def make_repository(root: Path, origin: str) -> None:
    """The project in Git, pushed to ``origin``; a host's token is in ``OLO_GIT_TOKEN``."""

    def git(*arguments: str) -> None:
        told = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org", *arguments]
        subprocess.run(["git", "-C", str(root), *told], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("config", "user.name", "Ana")
    git("config", "user.email", "ana@example.org")
    git("add", "-A")
    git("commit", "-q", "-m", "start")
    git("remote", "add", "origin", origin)
    token = os.environ.get("OLO_GIT_TOKEN")
    signed = ["-c", f"http.extraHeader=Authorization: token {token}"] if token else []
    git(*signed, "push", "-q", "-u", "origin", "main")


if __name__ == "__main__":
    main()
