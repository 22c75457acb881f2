"""From a notebook to a table in production: promoted, proposed and released on a real Gitea, run by a real Airflow.

Beside the promoted job: tasks of every kind, deadlines and notifications, as Airflow itself runs them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
import pytest
from nbclient import NotebookClient

from olo_jupyter.config import load_settings
from olo_jupyter.jobs.airflow import AirflowOrchestrator
from olo_jupyter.jobs.orchestrator import connect
from olo_jupyter.jobs.records import ENDED, RunRecord
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.blueprint import Answers
from tests.services import airflow as airflow_service
from tests.services import spark as spark_service
from tests.services.airflow import Airflow
from tests.services.gitea import Gitea
from tests.services.gitea_project import OTHERS, GiteaProject, gitea_project
from tests.services.java import java
from tests.services.postgres import Postgres
from tests.services.process import until

FLIGHTS = pa.table(
    {"origin": ["EWR", "JFK", "EWR", "LGA", "JFK"], "delay": pa.array([1, 20, None, 45, 16], pa.int32())}
)
CELLS = (
    "%load_ext olo_magics",
    "threshold = 15",
    "%%olo sql delays <<\nSELECT origin, count(*) AS flights, count_if(delay > :threshold) AS late,\n"
    "       avg(CAST(delay AS decimal(10, 2))) AS average_delay\nFROM silver.flights GROUP BY origin",
    "%%olo promote delays --open-pr\nunique_key: [origin]\nschedule: {cron: '0 6 * * *'}\nowner: ana",
)
ODD = 'it\'s "odd"; $(touch pwned) `touch pwned` {{ target }}'
KINDS = """\
version: 1
name: kinds
parameters: {word: {type: string, default: hello}}
resources: heavy
tasks:
  - name: by_sql
    sql: {text: "CREATE OR REPLACE TABLE gold.words AS SELECT :word AS word", parameters: {word: "{{ word }}"}}
  - name: by_python
    depends_on: [by_sql]
    python: {function: "shop.told:main", arguments: {word: "{{ word }}"}, requirements: requirements/told.txt}
  - name: by_spark
    spark: {application: scripts/count.py, arguments: ["{{ word }}"], conf: {spark.ui.enabled: "false"}}
  - name: by_shell
    shell: {command: 'printf "<%s>" "$WORD"'}
    env: {WORD: "{{ word }}"}
  - name: by_http
    http:
      url: URL/refresh
      method: POST
      params: {word: "{{ word }}"}
      headers: {Authorization: {secret: api-token}}
      json: {a: 1}
"""
LATE = """\
version: 1
name: late
owner: ana
sla: 1s
notify:
  on_start: [{webhook: {url: "URL/told"}}]
  on_success: [{webhook: {url: "URL/told"}}]
  on_retry: [{webhook: {url: "URL/told"}}]
  on_failure: [{webhook: {url: "URL/told"}}]
  on_sla_miss: [{webhook: {url: "URL/told"}}]
parameters: {fails: {type: boolean, default: false}}
max_active_runs: 2
tasks:
  - name: slow
    retries: {attempts: 2, initial: 0s, max: 1s}
    shell: {command: 'sleep 8; test "$FAILS" = false'}
    env: {FAILS: "{{ fails }}"}
"""
TOLD = """\
import sys

import tabulate


def main(*, word: str) -> None:
    print("own:", tabulate.__version__, sys.prefix)
    print(f"<{word}>")
"""
COUNT = """\
import sys

from pyspark.sql import SparkSession

with SparkSession.builder.getOrCreate() as spark:
    print("spark:", spark.range(5).count(), f"<{sys.argv[1]}>")
"""


class Heard(ThreadingHTTPServer):
    """An HTTP service that keeps what it is sent: path, headers, body."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        heard = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                heard.append((self.path, dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def events(self, run: str) -> list[str]:
        """What was told of a run, in order."""
        return [body["event"] for path, _, body in list(self.requests) if path == "/told" and body["run"] == run]


@dataclass
class Way:
    """What the fixtures hand on."""

    project: GiteaProject
    heard: Heard
    notebook: nbformat.NotebookNode = field(default_factory=nbformat.NotebookNode)

    @property
    def root(self) -> Path:
        return self.project.folder / "project"


@pytest.fixture(scope="module")
def path(gitea: Gitea, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    """A new project on Gitea, with flights in dev and in prod."""
    folder, heard = tmp_path_factory.mktemp("path"), Heard()
    url = f"http://127.0.0.1:{heard.server_port}"

    def write(root: Path) -> None:
        for name, text in {
            "jobs/kinds.yml": KINDS.replace("URL", url),
            "jobs/late.yml": LATE.replace("URL", url),
            "src/shop/told.py": TOLD,
            "scripts/count.py": COUNT,
            "requirements/told.txt": "tabulate==0.9.0\n",
        }.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
        for target in (root / "targets").glob("*.yml"):
            target.write_text(target.read_text() + "  heavy: {cpu: 1, memory: 1Gi, pool: heavy}\n")

    answers = Answers("shop", owner="ana", sources={"silver": ("flights",)}, more={"ci": "gitea"})
    with gitea_project(gitea, folder, "path-shop", answers, write) as project, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("OLO_") and name != "OLO_CACHE"]:
            patch.delenv(name)
        (folder / "gitconfig-ana").write_text("[user]\n\tname = Ana\n\temail = ana@example.org\n")
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig-ana"))
        patch.setenv("OLO_GIT_TOKEN", gitea.token)
        patch.setenv("OLO_USER", "ana")
        patch.setenv("OLO_STATE", str(folder / "state-ana"))
        patch.setenv("OLO_LAKEHOUSE", str(folder / "lake"))
        with Session(load_settings(folder / "project")) as session:
            for catalog in ("dev", "prod"):
                session.catalogs.catalog(catalog).create_namespace("silver")
                session.write(f"{catalog}.silver.flights", FLIGHTS)
        yield Way(project, heard)
        heard.shutdown()


@pytest.fixture(scope="module")
def released(path: Way) -> Way:
    """The notebook ran, its cell was promoted, and the pull request was released by the comment `/release`."""
    project = path.project
    notebook = nbformat.from_dict(notebook_json([(f"c{number}", cell) for number, cell in enumerate(CELLS)]))  # type: ignore[no-untyped-call]
    place = path.root / "notebooks" / "flights.ipynb"
    place.parent.mkdir()
    place.write_text(json.dumps(notebook))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(place.parent)}}).execute()
    place.write_text(json.dumps(notebook))
    path.notebook = notebook
    project.api.put("actions/secrets/RELEASE_TOKEN", json={"data": project.gitea.token}).raise_for_status()
    (pull,) = project.api.get("pulls").json()
    assert "**verified**" in pull["body"]
    project.until("check", "check", passed=OTHERS)  # of main
    project.until("check", "check", passed=("staging", "workspaces"))  # of the pull request
    assert project.ask(pull).outputs["merged"] == "true", project.answer(pull)
    project.until("fast-track", "release", passed=OTHERS)
    assert project.deployed("prod") == "v0.1.0"
    return path


@pytest.fixture(scope="module")
def airflow(released: Way, services_folder: Path, postgres: Postgres) -> Iterator[Airflow]:
    """An Airflow that follows the branch deploy/prod on Gitea, set up as docs/airflow.md says."""
    project = released.project
    address = f"{project.gitea.uri}/ana/{project.name}.git"
    bundle = {"repo_url": address, "tracking_ref": "deploy/prod", "git_conn_id": "git_default", "refresh_interval": 5}
    bundles = [
        {"name": "shop", "classpath": "airflow.providers.git.bundles.git.GitDagBundle", "kwargs": bundle},
    ]
    home = spark_service.install()
    spark = home / "packages" / "pyspark"
    service = airflow_service.start(
        services_folder / "airflow-path",
        postgres,
        AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST=json.dumps(bundles),
        AIRFLOW_CONN_GIT_DEFAULT=json.dumps({"conn_type": "git", "login": "ana", "password": project.gitea.token}),
        OLO_LAKEHOUSE=str(project.folder / "lake"),
        OLO_SECRET_API_TOKEN="s3cret-token",
        OLO_ENVIRONMENTS=str(project.folder / "environments"),
        SPARK_HOME=str(spark),
        JAVA_HOME=str(java(spark_service.JAVA, spark_service.NEWEST_JAVA).resolve().parent.parent),
        PYSPARK_PYTHON=sys.executable,
        SPARK_LOCAL_IP="127.0.0.1",
        PATH=os.pathsep.join(
            [str(services_folder / "airflow-path" / "env" / "bin"), str(spark / "bin"), os.environ["PATH"]]
        ),
    )
    yield service
    service.stop()


@pytest.fixture(scope="module")
def served(released: Way, airflow: Airflow) -> Iterator[AirflowOrchestrator]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLO_AIRFLOW_PASSWORD", airflow.passwords["admin"])
        config = released.root / "olo.yml"
        more = f"orchestrators:\n  airflow: {{url: '{airflow.uri}', username: admin, targets: [prod]}}\n"
        config.write_text(config.read_text() + more)
        connected = connect(load_settings(released.root), "prod")
        assert isinstance(connected, AirflowOrchestrator)
        wanted = {"delays", "kinds", "late"}
        until(lambda: wanted <= {job.name for job in connected.jobs() if not job.problem}, 180)
        yield connected
        connected.close()


def ended(served: AirflowOrchestrator, id: str) -> RunRecord:
    until(lambda: served.run(id).state in ENDED, 240)
    return served.run(id)


@pytest.mark.timeout(900)
def test_the_table_in_production_equals_what_the_notebook_gave(released: Way, served: AirflowOrchestrator) -> None:
    record = ended(served, served.trigger("delays", {}).id)
    assert record.state == "success", [served.log(record.id, task.name).text for task in record.tasks]
    # What the notebook itself gave, from its file: the cell's output carries type and fingerprint of its rows.
    (shown,) = [
        output
        for cell in released.notebook.cells
        for output in cell.get("outputs", ())
        if "application/vnd.olo.result+json" in output.get("data", {})
    ]
    columns = shown["data"]["application/vnd.olo.result+json"]["columns"]
    with Session(load_settings(released.root)) as session:
        there = session.sql(f"SELECT {', '.join(column['name'] for column in columns)} FROM prod.gold.delays")
        (all_of_it,) = session.sql("SELECT count(*) AS n FROM prod.gold.delays").arrow["n"].to_pylist()
    assert [{"name": column.name, "type": str(column.type)} for column in there.columns] == columns
    told = shown["metadata"]["olo"]
    assert (there.provenance.fingerprint, len(there), all_of_it) == (told["fingerprint"], told["rows"], told["rows"])
    assert told["fingerprint"]
    assert served.versions("delays")[0].commit


@pytest.mark.timeout(900)
def test_tasks_of_every_kind(released: Way, served: AirflowOrchestrator) -> None:
    record = served.trigger("kinds", {"word": ODD})
    record = ended(served, record.id)
    text = {task.name: served.log(record.id, task.name).text for task in record.tasks}
    assert record.state == "success", text
    assert f"<{ODD}>" in text["by_shell"]
    assert "own: 0.9.0" in text["by_python"] and f"<{ODD}>" in text["by_python"]
    assert str(released.project.folder / "environments") in text["by_python"]
    assert f"spark: 5 <{ODD}>" in text["by_spark"]
    with Session(load_settings(released.root)) as session:
        assert session.sql("SELECT word FROM prod.gold.words").arrow["word"].to_pylist() == [ODD]
    (request,) = [one for one in released.heard.requests if one[0].startswith("/refresh")]
    assert request[1]["Authorization"] == "s3cret-token"
    assert "s3cret-token" not in "".join(text.values())


@pytest.mark.timeout(900)
def test_what_people_are_told(released: Way, served: AirflowOrchestrator) -> None:
    """A run that is late and fails, and one that is late and goes well: each event once, in its order."""
    good, bad = (served.trigger("late", {"fails": fails}).id for fails in (False, True))
    states = [ended(served, id).state for id in (good, bad)]
    assert states == ["success", "failed"]
    for id, end in ((good, ["success"]), (bad, ["retry", "failure"])):
        run = id.partition("/")[2]
        expected = sorted(["start", "sla_miss", *end])
        until(partial(heard_all, released.heard, run, expected), 60)
        assert [event for event in released.heard.events(run) if event != "sla_miss"] == ["start", *end]


def notebook_json(cells: list[tuple[str, str]]) -> dict[str, Any]:
    made: list[dict[str, Any]] = [
        {"id": name, "cell_type": "code", "source": source, "outputs": [], "execution_count": None, "metadata": {}}
        for name, source in cells
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}


def heard_all(heard: Heard, run: str, expected: list[str]) -> bool:
    return sorted(heard.events(run)) == expected


def test_nothing_of_a_parameter_was_run(released: Way, airflow: Airflow) -> None:
    for folder in (released.project.folder, airflow.folder):
        found = subprocess.run(["find", str(folder), "-name", "pwned"], capture_output=True, text=True, check=True)
        assert not found.stdout
