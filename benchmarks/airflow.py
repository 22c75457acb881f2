"""A real Airflow: how soon a change in it is on the screen, and what many browsers and many servers ask of it."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.measure import Figure
from benchmarks.options import Options
from olo_jupyter.backends.airflow import AirflowClient
from olo_jupyter.config import load_settings
from olo_jupyter.jobs.orchestrator import connect
from tests.issuer import AUDIENCE, Issuer
from tests.services.airflow_project import deployed
from tests.services.catalogue import running
from tests.services.counting import Relay
from tests.services.people import People
from tests.services.process import ServiceError, until
from tests.services.replicas import Replica
from tests.services.screen import Screen

GOAL, MORE = 2.0, 1.2
"""Seconds until a change is on the screen; times the questions of one: no two runs take the same time."""
MANY, WATCHED, RUNS = 50, 60.0, 10
_JOB = """\
version: 1
name: beat
tasks:
  - {name: waits, shell: {command: sleep 5}}
  - {name: ends, depends_on: [waits], shell: {command: echo done}}
"""
_SERVICE = """\
service:
  oidc: {{issuer: '{issuer}', audience: {audience}}}
  groups: {{all: platform-admin}}
  requests_per_minute: 100000
"""
_SHOWN = ("runs?job=beat&target=prod", "jobs?target=prod", "health")


class _Watched:
    """Airflow with the job ``beat``, behind a relay that counts."""

    def __init__(self, root: Path, client: AirflowClient, relay: Relay) -> None:
        self.root, self.client, self.relay = root, client, relay

    def run(self, seen: Callable[[str], object]) -> str:
        """A run from its start until ``seen(its id)`` returns; the id."""
        made = f"beat/{self.client.send('POST', 'dags/beat/dagRuns', {'logical_date': None})['dag_run_id']}"
        seen(made)
        return made

    def rates(self, seen: Callable[[str], object]) -> tuple[float, float]:
        """Questions a minute while nothing happens, and while a run goes on."""
        time.sleep(5)
        return self.relay.rate(lambda: time.sleep(WATCHED)), self.relay.rate(lambda: self.run(seen))


def figures(options: Options) -> Iterator[Figure]:
    """Delays of starts and ends; questions of one browser and fifty; of one server behind the service and fifty."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="olo-bench-")))
        folder.chmod(0o755)  # PostgreSQL has an account of its own
        try:
            services = stack.enter_context(running(["airflow"], folder))
        except ServiceError as error:
            sys.stderr.write(f"no Airflow: {error}\n")
            return
        airflow, root = services["airflow"], folder / "work" / "shop"
        stack.enter_context(deployed(airflow, root, {"jobs/beat.yml": _JOB}))
        orchestrator = connect(load_settings(root), "prod")
        stack.callback(orchestrator.close)
        until(lambda: "beat" in {job.name for job in orchestrator.jobs() if not job.problem}, 180)
        client = AirflowClient(airflow.uri, username="admin", password=lambda: airflow.passwords["admin"])
        relay = Relay(airflow.uri)
        stack.callback(relay.stop)
        stack.callback(client.close)
        olo_yml = (root / "olo.yml").read_text(encoding="utf-8").replace(airflow.uri, relay.url)
        (root / "olo.yml").write_text(olo_yml, encoding="utf-8")
        watched = _Watched(root, client, relay)
        commits = _Commits(airflow.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        stack.callback(commits.stop)
        yield from _screen(watched, folder, commits, RUNS if options.full else 2)
        issuer = Issuer()
        stack.callback(issuer.stop)
        (root / "olo.yml").write_text(olo_yml + _SERVICE.format(issuer=issuer.url, audience=AUDIENCE), encoding="utf-8")
        replica = Replica(root, services["postgres"].create("olo_bench"))
        stack.callback(replica.end)
        yield _servers(watched, folder, replica.url, issuer, MANY if options.full else 5)


class _Commits:
    """When each state of a run was there in Airflow's database, to a twentieth of a second: before, nobody can know it.

    Args:
        url: The database's address.
    """

    def __init__(self, url: str) -> None:
        self._seen: dict[tuple[str, str], float] = {}
        self._stop = threading.Event()
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        with self._engine.connect() as connection:
            while not self._stop.wait(0.05):
                for run, state in connection.execute(text("SELECT run_id, state FROM dag_run")):
                    self._seen.setdefault((f"beat/{run}", state), time.time())

    def moment(self, run: str, state: str) -> float:
        """In seconds since 1970."""
        return self._seen[run, state]

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()
        self._engine.dispose()


def _screen(watched: _Watched, folder: Path, commits: _Commits, runs: int) -> Iterator[Figure]:
    late: list[float] = []
    (folder / "lab").mkdir()
    with Screen(watched.root, folder / "lab", "beat", "prod") as screen:

        def seen(run: str) -> None:
            screen.wait_for(run, "success")

        watched.run(seen)  # its API answers nobody for seconds while it is at its first run
        for _ in range(runs):
            run = watched.run(seen)
            late += [screen.moment(run, state) - commits.moment(run, state) for state in ("running", "success")]
        what = "a run's start or end in a real Airflow's database until it is on the screen"
        yield Figure(
            f"{what}, {len(late)} changes after a first run",
            f"median {statistics.median(late):.2f} s", "", f"worst {max(late):.2f} s", f"≤ {GOAL:.0f} s",
            max(late) <= GOAL, f"{sum(one > GOAL for one in late)} of {len(late)} later; all on {os.cpu_count()} cores",
        )  # fmt: skip
        one = watched.rates(seen)
        with screen.many(MANY - 1):
            yield _asked(f"{MANY} browsers of one server", watched.rates(seen), one)


def _servers(watched: _Watched, folder: Path, service: str, issuer: Issuer, many: int) -> Figure:
    found: list[tuple[float, float]] = []
    for count in (1, many):
        tokens = [issuer.token(f"p{number}", "all", exp=int(time.time()) + 7200) for number in range(count)]
        with People(watched.root, folder / f"people-{count}", service, tokens, _SHOWN) as people:

            def seen(run: str, people: People = people) -> None:
                until(lambda: all("success" in page.states(run) for page in people.pages), 600)

            found.append(watched.rates(seen))
    return _asked(f"{many} Jupyter Servers behind the shared service, each with a browser", found[1], found[0])


def _asked(who: str, many: tuple[float, float], one: tuple[float, float]) -> Figure:
    ratios = [of_many / of_one for of_many, of_one in zip(many, one, strict=True)]
    told = ["{:.0f} and {:.0f} a minute".format(*each) for each in (many, one)]
    return Figure(
        f"questions to a real Airflow, quiet and while a run goes on: {who}, over one",
        *told,
        f"{ratios[0]:.2f} ×, {ratios[1]:.2f} ×",
        f"as of one (≤ {MORE} ×: no two runs take the same time)",
        max(ratios) <= MORE,
    )
