"""A real Airflow 3.3: the DAG loader, what every orchestrator must do, the whole path from a deployment to its logs."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import httpx2 as httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from olo_jupyter.backends.airflow import AirflowClient, AirflowError
from olo_jupyter.config import load_settings
from olo_jupyter.jobs.airflow import AirflowOrchestrator
from olo_jupyter.jobs.ended import SETTLE
from olo_jupyter.jobs.orchestrator import Orchestrator, OrchestratorError, connect
from olo_jupyter.lakehouse.session import Session
from tests.issuer import AUDIENCE, Issuer
from tests.orchestrators import JOBS, OrchestratorSuite
from tests.services.airflow import DEPLOY_BRANCH, VERSION, Airflow
from tests.services.airflow_project import DAG_FILE, deployed, olo
from tests.services.counting import Relay
from tests.services.people import People
from tests.services.postgres import Postgres
from tests.services.process import finished, until
from tests.services.replicas import Browser, Replica
from tests.services.screen import Screen

LAKE = """\
version: 1
name: lake
owner: ana
parameters: {at_least: {type: integer, default: 2}}
tasks:
  - name: clean
    sql:
      text: CREATE TABLE gold.big AS SELECT id, name FROM silver.items WHERE id >= :at_least
      parameters: {at_least: "{{ at_least }}"}
  - {name: count, depends_on: [clean], python: {function: "shop.count:main", arguments: {at_least: "{{ at_least }}"}}}
"""
AFTER = """\
version: 1
name: after_lake
schedule: {on_update: [gold.big]}
tasks: [{name: told, shell: {command: echo told}}]
"""
COUNT = """\
from olo_jupyter.lakehouse.session import Session


def main(*, at_least: int) -> None:
    with Session.from_environment() as session:
        print("rows:", session.sql("SELECT count(*) AS n FROM gold.big").arrow["n"][0].as_py(), "from", at_least)
"""
UNKNOWN_OPTIONS = """\
import sys
from airflow.configuration import conf

named = [(name, *name.lower().split("__")[1:]) for name in sys.argv[1:]]
known = conf.configuration_description
print([name for name, section, option in named if option not in known.get(section, {"options": {}})["options"]])
"""
SERVICE = """\
service:
  oidc: {{issuer: '{issuer}', audience: {audience}}}
  groups: {{admins: platform-admin}}
  requests_per_minute: 100000
"""

LATE = 15.0
"""Seconds after which a change isn't shown soon, whatever else this machine does; ``make bench`` measures."""


@pytest.fixture(scope="module")
def project(airflow: Airflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose release v1.0.0 is deployed to prod, which this Airflow serves."""
    root = tmp_path_factory.mktemp("airflow") / "shop"
    files = {
        "src/shop/__init__.py": "",
        "src/shop/count.py": COUNT,
        "jobs/lake.yml": LAKE,
        "jobs/after_lake.yml": AFTER,
        **{f"jobs/{name}.yml": text for name, text in JOBS.items()},
    }
    with deployed(airflow, root, files):
        with Session(load_settings(root)) as session:
            session.sql("CREATE SCHEMA silver")
            session.sql("CREATE SCHEMA gold")
            session.sql(
                "CREATE TABLE silver.items AS SELECT * FROM (VALUES (1, 'pen'), (2, 'ink'), (3, 'cap')) t(id, name)"
            )
        yield root


@pytest.fixture(scope="module")
def served(project: Path) -> Iterator[AirflowOrchestrator]:
    connected = connect(load_settings(project), "prod")
    assert isinstance(connected, AirflowOrchestrator)
    wanted = {*JOBS, "lake", "after_lake"}
    until(lambda: wanted <= {job.name for job in connected.jobs() if not job.problem}, 180)
    yield connected
    connected.close()


def test_installing_olo_jobs_changes_no_package(airflow: Airflow) -> None:
    added = airflow.packages - airflow.packages_before
    assert {package.partition("==")[0] for package in added} == {"olo-jobs"}
    assert airflow.packages_before <= airflow.packages


def test_what_compose_sets_is_an_option_of_this_airflow(airflow: Airflow) -> None:
    """A misspelt one would be passed over in silence."""
    compose = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text(encoding="utf-8"))
    assert f":{VERSION}-" in compose["services"]["airflow-api"]["image"]
    given = [name for name in compose["services"]["airflow-api"]["environment"] if name.startswith("AIRFLOW__")]
    assert len(given) > 5
    told = airflow.python("-c", UNKNOWN_OPTIONS, *given, "AIRFLOW__CORE__EXECUTER").splitlines()[-1]
    assert told == "['AIRFLOW__CORE__EXECUTER']"


class TestAirflow(OrchestratorSuite):
    patience = 240.0

    @pytest.fixture
    def orchestrator(self, served: AirflowOrchestrator) -> Orchestrator:
        return served

    def test_pauses(self, orchestrator: Orchestrator) -> None:
        orchestrator.pause("flaky", True)
        assert {job.name: job.paused for job in orchestrator.jobs()}["flaky"] is True
        with pytest.raises(OrchestratorError) as error:
            orchestrator.trigger("flaky", {"marker": "x"})
        assert error.value.code == "job-paused"
        orchestrator.pause("flaky", False)
        assert {job.name: job.paused for job in orchestrator.jobs()}["flaky"] is False


def test_the_whole_path(project: Path, served: AirflowOrchestrator, airflow: Airflow) -> None:
    """A deployed job runs on the lakehouse, wakes the job that waits for its table, and is seen by the commands."""
    started = olo(project, "trigger", "lake", "--target", "prod", "-p", "at_least=3", "--wait", "--json")
    record = json.loads(started)
    assert record["state"] == "success"
    assert "rows: 1 from 3" in olo(project, "logs", record["id"], "count", "--target", "prod")
    assert record["id"] in olo(project, "runs", "lake", "--target", "prod", "--json")
    assert '"name": "lake"' in olo(project, "jobs", "--target", "prod", "--json")
    with Session(load_settings(project)) as session:
        assert session.sql("SELECT id FROM gold.big").arrow["id"].to_pylist() == [3]
    until(lambda: [run for run in served.runs("after_lake") if run.state == "success"])
    versions = served.versions("lake")
    assert versions[0].commit == finished(["git", "ls-remote", "origin", DEPLOY_BRANCH], project).split()[0]
    events = [json.loads(line) for line in airflow.lineage.read_text().splitlines()]
    done = [one for one in events if one["job"]["name"] == "lake.clean" and one["eventType"] == "COMPLETE"]
    (output,) = done[-1]["outputs"]
    assert (output["namespace"], output["name"]) == ("dev", "gold.big")
    assert [one["name"] for one in done[-1]["inputs"]] == ["silver.items"]
    olo(project, "trigger", "lake", "--target", "prod", "-p", "at_leest=3", code=2)
    assert airflow.passwords["admin"] not in airflow.lineage.read_text()


def test_a_broken_job_takes_only_itself_away(airflow: Airflow) -> None:
    root = airflow.dags / "other"
    for name, text in {
        "olo.yml": "version: 1\nname: other\n",
        "targets/dev.yml": "catalog: dev\n",
        "dags/jobs.py": DAG_FILE.replace("load_dags(__file__)", 'load_dags(__file__, "dev", prefix="other_")'),
        "jobs/good.yml": "version: 1\nname: good\nschedule: {every: 1d}\ntasks: [{name: a, shell: {command: ls}}]\n",
        "jobs/broken.yml": "version: 1\nname: broken\ntasks:\n  - {name: a, shel: {command: ls}}\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    client = AirflowClient(airflow.uri, username="admin", password=lambda: airflow.passwords["admin"])
    found = until(lambda: client.get("importErrors", bundle_name="dags-folder")["import_errors"])
    (error,) = [one for one in found if "other" in one["filename"]]
    assert error["filename"] == "other/jobs/broken.yml"
    assert "jobs/broken.yml:4:15: unknown-key: unknown key 'shel'" in error["stack_trace"]
    good = until(lambda: [dag for dag in client.get("dags")["dags"] if dag["dag_id"] == "other_good"])
    assert good[0]["is_paused"] is True  # outside production
    assert good[0]["is_stale"] is False
    client.close()


def test_a_token_that_ran_out_is_renewed_and_rights_are_told(airflow: Airflow, served: AirflowOrchestrator) -> None:
    del served
    client = AirflowClient(airflow.uri, username="admin", password=lambda: airflow.passwords["admin"])
    client._token = "ran.out.long-ago"
    assert client.get("dags")["dags"]
    client.close()
    viewer = AirflowClient(airflow.uri, username="viewer", password=lambda: airflow.passwords["viewer"])
    with pytest.raises(AirflowError) as refused:
        viewer.send("POST", "pools", {"name": "x", "slots": 1})
    assert refused.value.code == "airflow-forbidden"
    viewer.close()
    secret = "not-the-password"
    wrong = AirflowClient(airflow.uri, username="admin", password=lambda: secret)
    with pytest.raises(AirflowError) as unauthorized:
        wrong.get("dags")
    assert unauthorized.value.code == "airflow-unauthorized"
    assert secret not in str(unauthorized.value.as_json())
    wrong.close()


@pytest.mark.timeout(900)
def test_a_change_is_on_the_screen_and_fifty_browsers_ask_no_more_than_one(
    project: Path, served: AirflowOrchestrator, airflow: Airflow, tmp_path: Path
) -> None:
    del served
    relay = Relay(airflow.uri)
    olo_yml = (project / "olo.yml").read_text()
    (project / "olo.yml").write_text(olo_yml.replace(airflow.uri, relay.url))
    client = AirflowClient(airflow.uri, username="admin", password=lambda: airflow.passwords["admin"])

    def ran() -> str:
        made = client.send("POST", "dags/diamond/dagRuns", {"logical_date": None})["dag_run_id"]
        screen.wait_for(f"diamond/{made}", "success")
        return str(made)

    try:
        with Screen(project, tmp_path, "diamond", "prod") as screen:
            alone, with_a_run = relay.rate(lambda: time.sleep(20)), relay.rate(ran)
            with screen.many(49):
                fifty, fifty_with_a_run = relay.rate(lambda: time.sleep(20)), relay.rate(ran)
            made = ran()
            told = client.get(f"dags/diamond/dagRuns/{made}")
            begun, ended = (
                screen.moment(f"diamond/{made}", state) - datetime.fromisoformat(told[moment]).timestamp()
                for state, moment in (("running", "start_date"), ("success", "end_date"))
            )
    finally:
        (project / "olo.yml").write_text(olo_yml)
        client.close()
        relay.stop()
    assert max(begun, ended) <= LATE, f"on the screen {begun:.1f} s after its start, {ended:.1f} s after its end"
    assert fifty <= alone * 1.3 + 10
    assert fifty_with_a_run <= with_a_run * 1.3 + 10


@pytest.mark.timeout(900)
def test_ten_servers_behind_the_shared_service_ask_no_more_than_one(
    project: Path, served: AirflowOrchestrator, airflow: Airflow, postgres: Postgres, tmp_path: Path
) -> None:
    """Real Jupyter Servers of ten people, each with a page, and one poller for all of them."""
    del served
    issuer, relay = Issuer(), Relay(airflow.uri)
    olo_yml = (project / "olo.yml").read_text()
    service = SERVICE.format(issuer=issuer.url, audience=AUDIENCE)
    (project / "olo.yml").write_text(olo_yml.replace(airflow.uri, relay.url) + service)
    client = AirflowClient(airflow.uri, username="admin", password=lambda: airflow.passwords["admin"])
    shown = ("runs?job=diamond&target=prod", "jobs?target=prod", "health")
    rates = {}
    with ExitStack() as stack:
        for undo in ((lambda: (project / "olo.yml").write_text(olo_yml)), relay.stop, issuer.stop, client.close):
            stack.callback(undo)
        replica = Replica(project, postgres.create(f"olo_{os.urandom(6).hex()}"))
        stack.callback(replica.end)
        for count in (1, 10):
            tokens = [issuer.token(f"p{one}", "admins", exp=int(time.time()) + 3600) for one in range(count)]
            with People(project, tmp_path / f"{count}", replica.url, tokens, shown) as people:

                def ran(people: People = people) -> None:
                    made = client.send("POST", "dags/diamond/dagRuns", {"logical_date": None})["dag_run_id"]
                    until(lambda: all("success" in one.states(f"diamond/{made}") for one in people.pages), 240)

                rates[count] = relay.rate(lambda: time.sleep(20)), relay.rate(ran)
    for alone, ten in zip(rates[1], rates[10], strict=True):
        assert ten <= alone * 1.3 + 10, rates


@pytest.mark.timeout(900)
def test_the_elected_replica_follows_this_airflow_and_the_next_one_misses_nothing(
    project: Path, served: AirflowOrchestrator, airflow: Airflow, postgres: Postgres
) -> None:
    del served
    issuer, relay = Issuer(), Relay(airflow.uri)
    olo_yml = (project / "olo.yml").read_text()
    service = SERVICE.format(issuer=issuer.url, audience=AUDIENCE)
    (project / "olo.yml").write_text(olo_yml.replace(airflow.uri, relay.url) + service)
    client = AirflowClient(airflow.uri, username="admin", password=lambda: airflow.passwords["admin"])
    store = postgres.create(f"olo_{os.urandom(6).hex()}")

    def run() -> str:
        return f"diamond/{client.send('POST', 'dags/diamond/dagRuns', {'logical_date': None})['dag_run_id']}"

    with ExitStack() as stack:
        stack.callback((project / "olo.yml").write_text, olo_yml)
        stack.callback(relay.stop)
        stack.callback(issuer.stop)
        replicas = [Replica(project, store) for _ in range(2)]
        for one in replicas:
            stack.callback(one.end)
        token = issuer.token("ana", "admins", exp=int(time.time()) + 3600)
        browser = Browser(replicas, token)
        stack.callback(browser.close)
        until(lambda: any(one.leads() for one in replicas))
        leader = next(one for one in replicas if one.leads())
        other = next(one for one in replicas if one is not leader)
        signed = {"Authorization": f"Bearer {token}"}
        # A page asks the replica that doesn't lead: the one that does follows from now on.
        until(lambda: other.get("/olo/api/runs?target=prod", headers=signed) == 200)
        first = run()
        until(lambda: "success" in browser.states(first), 240)
        begun = time.monotonic()
        second = run()
        leader.end(signal.SIGKILL)
        until(other.leads, 60)
        led = time.monotonic() - begun
        until(lambda: "success" in browser.states(second), 240)
        third = run()
        until(lambda: "success" in browser.states(third), 240)
        before = relay.count()
        time.sleep(20)
        asked = relay.count() - before
        time.sleep(max(0.0, SETTLE - 20))
        figures = httpx.get(f"{other.url}/metrics", timeout=30).text
    # The next one begins where the last one was for sure: it may tell again what was told, and leaves nothing out.
    for made in (first, second, third):
        assert browser.states(made)[-1] == "success", browser.states(made)
    assert browser.states(third).count("success") == 1, browser.states(third)
    sys.stderr.write(f"\nanother replica leads {led:.1f} s after the kill; then {asked} questions in 20 s\n")
    assert asked <= 60
    assert measured(figures, "olo_runs_total", state="success") >= 1
    assert measured(figures, "olo_run_seconds_sum", state="success") > 0
    for task in ("first", "left", "right", "last"):
        assert measured(figures, "olo_task_cpu_seconds_total", task=task) > 0
        assert measured(figures, "olo_task_memory_bytes", task=task) > 1_000_000
    client.close()


def measured(figures: str, name: str, **labels: str) -> float:
    """A figure of the job diamond in Prometheus' text."""
    wanted = {"job_name": "diamond", "target": "prod", "workspace": "shop", **labels}
    (value,) = [
        sample.value
        for family in text_string_to_metric_families(figures)
        for sample in family.samples
        if sample.name == name and sample.labels == wanted
    ]
    return value
