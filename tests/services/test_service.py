"""The shared service on a real PostgreSQL: replicas, election, restarts, kills: nothing is lost, all is back soon."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from olo_jupyter.jobs.local import LocalOrchestrator
from olo_jupyter.jobs.query import Changes
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.server import following
from olo_jupyter.server.service.followed import Followed
from olo_jupyter.server.workspace import Workspace
from olo_jupyter.store.audit import Audit, Entry
from olo_jupyter.store.database import Database
from olo_jupyter.store.leader import Leader
from olo_jupyter.store.outbox import Outbox
from tests.issuer import AUDIENCE, Issuer
from tests.services.postgres import Postgres
from tests.services.postgres import start as start_postgres
from tests.services.replicas import Browser, Replica, wait_for
from tests.shop import lay_out


def back() -> float:
    """Seconds after which everything must be as before: ten, on a machine that has nothing else to do."""
    return 10.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture(scope="module")
def postgres(services_folder: Path) -> Iterator[Postgres]:
    """Of this module alone: it is restarted, and the others' servers keep connections to theirs."""
    service = start_postgres(services_folder / "postgres-restarted")
    yield service
    service.stop()


@pytest.fixture
def store(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.create(f"olo_{os.urandom(6).hex()}")


@pytest.fixture
def root(tmp_path: Path, issuer: Issuer) -> Path:
    root = lay_out(tmp_path)
    with (root / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write(
            f"service:\n  oidc: {{issuer: '{issuer.url}', audience: {AUDIENCE}}}\n"
            "  groups: {admins: platform-admin}\n  requests_per_minute: 100000\n"
        )
    return root


@pytest.fixture
def replicas(root: Path, store: str) -> Iterator[list[Replica]]:
    with ExitStack() as stack:
        found = []
        for _ in range(2):
            replica = Replica(root, store)
            stack.callback(replica.end)
            found.append(replica)
        yield found


@pytest.fixture
def browser(replicas: list[Replica], issuer: Issuer) -> Iterator[Browser]:
    browser = Browser(replicas, issuer.token("ana", "admins"))
    yield browser
    browser.close()


def test_replicas_elect_one_and_each_tells_every_event_once(
    replicas: list[Replica], issuer: Issuer, root: Path
) -> None:
    wait_for(lambda: sum(replica.leads() for replica in replicas) == 1)
    runs = RunStore(root.parent / "state" / "runs.db")
    browsers = [Browser([replica], issuer.token("ana", "admins")) for replica in replicas]
    try:
        for number in range(100):
            now = datetime.now(UTC)
            runs.save(RunRecord(id=f"r{number}", job="daily", target="dev", state="success", started=now))
        wait_for(lambda: all(browser.states(f"r{n}") for browser in browsers for n in range(100)))
        first, second = ([event for event in browser.seen if "run" in event[1]] for browser in browsers)
        assert first == second
        assert len(first) == len({json.dumps(event) for event in first})
    finally:
        for browser in browsers:
            browser.close()


def test_a_replica_is_killed(replicas: list[Replica], browser: Browser, root: Path, issuer: Issuer) -> None:
    wait_for(lambda: any(replica.leads() for replica in replicas))
    leader = next(replica for replica in replicas if replica.leads())
    other = next(replica for replica in replicas if replica is not leader)
    runs = RunStore(root.parent / "state" / "runs.db")
    runs.save(RunRecord(id="a", job="daily", target="dev", state="running"))
    wait_for(lambda: browser.states("a") == ["running"])
    leader.end(signal.SIGKILL)
    # What happens while nobody leads is told by the next one.
    runs.save(RunRecord(id="a", job="daily", target="dev", state="success"))
    wait_for(lambda: browser.states("a") == ["running", "success"], back())
    assert other.leads()
    sent = {"Authorization": f"Bearer {issuer.token('ana', 'admins')}"}
    assert other.get("/olo/api/runs", headers=sent) == 200


def test_a_rolling_restart_loses_no_event(replicas: list[Replica], browser: Browser, root: Path) -> None:
    runs, stop = RunStore(root.parent / "state" / "runs.db"), threading.Event()
    told: list[str] = []

    def work() -> None:
        while not stop.is_set():
            told.append(f"r{len(told)}")
            now = datetime.now(UTC)
            runs.save(RunRecord(id=told[-1], job="daily", target="dev", state="success", started=now))
            time.sleep(0.5)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for replica in replicas:
            assert replica.end() == 0
            replica.start()
    finally:
        stop.set()
        thread.join()
    wait_for(lambda: all(browser.states(run) for run in told), back() + 5)
    assert [browser.states(run) for run in told] == [["success"]] * len(told)


def test_postgresql_is_restarted(
    replicas: list[Replica], browser: Browser, root: Path, postgres: Postgres, issuer: Issuer
) -> None:
    runs = RunStore(root.parent / "state" / "runs.db")
    runs.save(RunRecord(id="a", job="daily", target="dev", state="running"))
    wait_for(lambda: browser.states("a") == ["running"])
    sent = {"Authorization": f"Bearer {issuer.token('ana', 'admins')}"}
    with postgres.away():
        runs.save(RunRecord(id="a", job="daily", target="dev", state="success"))
        time.sleep(1)
        # One area is away, the others are not.
        assert replicas[0].get("/health") == 200
        assert replicas[0].get("/olo/api/runs", headers=sent) == 200
        assert replicas[0].get("/ready") == 503
    wait_for(lambda: all(replica.get("/ready") == 200 for replica in replicas), back())
    wait_for(lambda: browser.states("a") == ["running", "success"], back())
    wait_for(lambda: sum(replica.leads() for replica in replicas) == 1)
    for replica in replicas:
        assert "Traceback" not in replica.log.read_text()


def test_events_get_their_numbers_in_the_order_of_their_commits(store: str) -> None:
    """A reader that asks for what comes after the last it saw misses none, however many write."""
    seen: list[int] = []
    stop = threading.Event()

    def follow() -> None:
        outbox, last = Outbox(Database(store)), 0
        while True:
            ended = stop.is_set()
            for event in outbox.after(last, 50):
                seen.append(event.data["n"])
                last = event.number
            if ended and len(seen) >= 1000:
                return
            if ended and not outbox.after(last, 1):
                return

    Outbox(Database(store)).span()
    reader = threading.Thread(target=follow)
    reader.start()
    databases = [Database(store) for _ in range(10)]

    def write(job: int) -> None:
        outbox = Outbox(databases[job % 10])
        for step in range(10):
            outbox.publish([("urn:olo-jupyter:run-changed:v1", {"n": job * 10 + step})])

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(100)))
    stop.set()
    reader.join(60)
    assert sorted(seen) == list(range(1000))


def test_the_audit_waits_for_a_restart_and_can_not_be_changed(store: str, postgres: Postgres) -> None:
    database = Database(store, patience=30)
    audit = Audit(database)
    audit.append(Entry("ana", "tag", "table/a"))
    with ThreadPoolExecutor(1) as pool, postgres.away():
        kept = pool.submit(audit.append, Entry("ana", "tag", "table/b"))
        time.sleep(0.5)
        assert not kept.done()
    kept.result(30)
    assert [entry.subject for entry in audit.entries()] == ["table/b", "table/a"]
    engine = create_engine(store)
    for change in ("DELETE FROM olo_audit", "UPDATE olo_audit SET who = 'eve'", "TRUNCATE olo_audit"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()


def test_many_replicas_that_start_at_once_migrate_once(store: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: Outbox(Database(store)).span(), range(8))) == [(0, 0)] * 8


def test_a_leader_that_resigns_makes_room(store: str) -> None:
    first, second = Leader(Database(store), 7), Leader(Database(store), 7)
    assert (first.lead(), second.lead(), first.lead()) == (True, False, True)
    first.resign()
    assert (second.lead(), first.lead()) == (True, False)
    second.resign()


class Far:
    """Another machine's orchestrator in one replica's eyes: this machine's real one, and how often it was asked."""

    def __init__(self, root: Path, store: str) -> None:
        self.asked, database = 0, Database(store)
        self.workspace, self.leader = Workspace(root), Leader(database, 1)
        far = self.workspace.open().following.orchestrator("dev")
        changes = far.changes

        def counted(after: str = "") -> Changes:
            self.asked += 1
            return changes(after)

        far.changes = counted  # type: ignore[method-assign]
        self.followed = Followed(self.workspace, Outbox(database), lambda: self.leads)
        self.leads = False

    def look(self) -> bool:
        self.leads = self.leader.lead()
        if self.leads:
            self.followed.begin()
        return self.leads


def test_one_replica_follows_an_orchestrator_far_away_and_the_next_one_misses_nothing(
    root: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (root / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write("orchestrators:\n  far: {type: airflow, url: 'http://127.0.0.1:9', targets: [dev]}\n")
    (root / "targets").mkdir()
    (root / "targets" / "dev.yml").write_text("catalog: dev\nsources: dev\n", encoding="utf-8")
    monkeypatch.setattr(following, "connect", lambda settings, target, *_: LocalOrchestrator(settings, target))
    first, second = Far(root, store), Far(root, store)
    records, outbox = RunStore(first.workspace.open().runs_path), Outbox(Database(store))

    def save(name: str) -> None:
        at = datetime.now(UTC)
        records.save(RunRecord(id=name, job="daily", target="dev", state="success", started=at, ended=at))

    def told() -> list[str]:
        return [event.data["run"]["id"] for event in outbox.after(0)]

    try:
        assert [first.look(), second.look()] == [True, False]
        second.followed.ask("dev")  # a browser of the replica that doesn't lead
        first.followed.ask("dev")
        first.look()
        wait_for(lambda: first.asked > 1)
        save("a")
        wait_for(lambda: told() == ["a"])
        assert second.asked == 0
        # It dies, with its connection; what happens while nobody leads is told by the next one.
        first.followed.stop()
        engine = create_engine(store)
        with engine.connect() as connection:
            locks = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1"
            assert connection.scalar(text(locks))
        engine.dispose()
        save("b")
        wait_for(second.look)
        save("c")
        wait_for(lambda: sorted(set(told())) == ["a", "b", "c"])
    finally:
        for one in (first, second):
            one.followed.stop()
            one.leader.resign()
            one.workspace.close()
