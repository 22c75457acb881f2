"""A state folder that the first versions wrote, used by this one: every row is there, and new ones come to it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.backends.lineage.store import LineageStore
from olo_jupyter.jobs.query import RunQuery
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.jobs.usage import query_usage, run_usage, task_usage
from olo_jupyter.store.audit import Audit, Entry
from olo_jupyter.store.database import Database
from olo_jupyter.store.outbox import Outbox
from tests.migrations import differences
from tests.shop import add_items, forget_environment, lay_out
from tests.unit.backends.test_lineage_store import SHOP

FIRST = Path(__file__).with_name("first")
JOB = "version: 1\nname: daily\ntasks: [{name: first, shell: {command: [echo, again]}}]\n"
DAILY = ["01a2231f-28ee-7081-b582-db28116b8eb6", "01a2231f-2885-7c06-babc-c5ba82f8647e"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project on the state folder of those versions."""
    forget_environment(monkeypatch)
    root = lay_out(tmp_path)
    state = tmp_path / "state"
    (state / "lineage").mkdir(parents=True)
    for name in ("runs", "history", "olo"):
        written(name, state / f"{name}.db", {"/home/ana/shop": str(root), "/home/ana/state": str(state)})
    (state / "lineage" / "events.jsonl").write_text((FIRST / "events.jsonl").read_text(encoding="utf-8"))
    (root / "targets").mkdir()
    (root / "targets" / "sandbox.yml").write_text("catalog: ana_sandbox\nsources: dev\n", encoding="utf-8")
    (root / "jobs").mkdir()
    (root / "jobs" / "daily.yml").write_text(JOB, encoding="utf-8")
    yield root


def written(name: str, path: Path, places: dict[str, str] | None = None) -> None:
    """The file as that version left it, its paths put where this test is."""
    text = (FIRST / f"{name}.sql").read_text(encoding="utf-8")
    for before, after in (places or {}).items():
        text = text.replace(before, after)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(text)


def olo(root: Path, *words: str) -> list[Any]:
    """What a command says with ``--json``: an object a line."""
    command = [sys.executable, "-m", "olo_jupyter.cli", *words, "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_figures_are_told_before_anything_was_written(root: Path) -> None:
    """Prometheus reads the files as they are: a server that only looks changes nothing in them."""
    state = root.parent / "state"
    before = [(state / name).read_bytes() for name in ("runs.db", "history.db")]
    assert [(one.job, one.target, one.state, one.runs) for one in run_usage(state)] == [
        ("broken", "sandbox", "failed", 1), ("daily", "sandbox", "success", 2),
    ]  # fmt: skip
    assert {(one.job, one.task) for one in task_usage(state)} >= {("daily", "first"), ("daily", "second")}
    assert [(one.state, one.statements) for one in query_usage(state)] == [("failed", 1), ("finished", 3)]
    assert [(state / name).read_bytes() for name in ("runs.db", "history.db")] == before


def test_commands_show_what_was_kept_and_add_to_it(root: Path) -> None:
    runs = {run["id"]: run for run in olo(root, "runs")}
    assert [runs[id]["state"] for id in DAILY] == ["success", "success"]
    assert runs[DAILY[0]]["parameters"] == {"day": "2026-02-01"}
    assert [task["name"] for task in runs[DAILY[0]]["tasks"]] == ["first", "second"]
    assert runs["01a2231f-2934-78b9-877f-9746a3a7a260"]["tasks"][0]["message"] == "Exit code 3.\nit is no use"
    assert runs["killed"]["state"] == "failed", "its process is gone"
    assert [run["id"] for run in olo(root, "runs", "daily")] == ["killed", *DAILY]
    statements = olo(root, "history")
    assert [one["sql"].split()[0] for one in statements] == ["SELECT", "SELECT", "CREATE", "CREATE"]
    assert statements[1]["snapshots"] == {"dev.silver.items": 2477829058695660071}
    assert statements[0]["error"].startswith("column-not-found")
    assert [entry["subject"] for entry in olo(root, "audit")] == ["table/dev.gold.delays", "job/daily"]
    add_items(root)
    new = olo(root, "run", "daily")[-1]
    assert [run["id"] for run in olo(root, "runs", "daily")] == [new["id"], "killed", *DAILY]
    kept = olo(root, "history", "--limit", "100")
    assert kept[-4:] == statements
    assert len(kept) > 4
    assert len(olo(root, "audit")) >= 2


def test_run_records_have_the_columns_of_today(root: Path) -> None:
    path = root.parent / "state" / "runs.db"
    page = RunStore(path).page(RunQuery(states=("success",)), "sandbox")
    assert [record.id for record in page.runs] == DAILY
    RunStore(path.with_name("new.db"))
    assert shape(path) == shape(path.with_name("new.db"))


def shape(path: Path) -> list[Any]:
    """The columns and indexes of a file of SQLite, however they came there."""
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: list[Any] = []
        for table in sorted(tables):
            columns = sorted(row[1:4] for row in database.execute(f"PRAGMA table_info({table})"))
            found.append((table, columns, sorted(row[1] for row in database.execute(f"PRAGMA index_list({table})"))))
        return found


def test_the_store_is_migrated_and_the_audit_still_refuses_changes(root: Path) -> None:
    database = Database(f"sqlite:///{root.parent / 'state' / 'olo.db'}")
    entries = Audit(database).entries()
    assert [(one.who, one.subject, one.after, one.outcome) for one in entries] == [
        ("bo", "job/daily", None, "failed"), ("ana", "table/dev.gold.delays", {"name": "März"}, "done"),
    ]  # fmt: skip
    assert [event.data["run"]["id"] for event in Outbox(database).after(0)] == ["r1", "r2"]
    assert Outbox(database).memory("poller") == "7"
    assert database.read(differences) == []
    Audit(database).append(Entry("cy", "tag", "table/z"))
    Outbox(database).publish([("urn:olo-jupyter:run-changed:v1", {"run": {"id": "r3"}})])
    assert [event.number for event in Outbox(database).after(0)] == [1, 2, 3]
    database.close()
    for change in ("DELETE FROM olo_audit", "UPDATE olo_audit SET who = 'eve'"):
        file = sqlite3.connect(root.parent / "state" / "olo.db")
        with closing(file), pytest.raises(sqlite3.Error, match="append-only"):
            file.execute(change)


def test_lineage_keeps_its_graph(root: Path) -> None:
    path = root.parent / "state" / "lineage" / "lineage.db"
    written("lineage", path)
    store = LineageStore(Database(f"sqlite:///{path}"))
    fresh = LineageStore(Database(f"sqlite:///{path.with_name('fresh.db')}"))
    fresh.add(SHOP)
    assert store.add(SHOP).stored == 0, "they are known"
    assert store.graph("dataset:lake:silver", depth=3) == fresh.graph("dataset:lake:silver", depth=3)
    assert store.columns("dataset:lake:silver") == fresh.columns("dataset:lake:silver")
    # Migrations only add: the one table that nobody reads any more stays.
    assert [(kind, table.name) for kind, table in store.database.read(differences)] == [
        ("remove_table", "lineage_files")
    ]
    for one in (store, fresh):
        one.close()


def test_the_events_of_runs_are_read(root: Path) -> None:
    events = (root.parent / "state" / "lineage" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    store = LineageStore(Database(f"sqlite:///{root.parent / 'state' / 'lineage' / 'lineage.db'}"))
    receipt = store.add([json.loads(event) for event in events])
    assert (receipt.stored, receipt.refused) == (len(events), ())
    assert [run.state for run in store.runs("job:shop:daily")] == ["success", "success"]
    assert store.runs("job:shop:broken")[0].message == "Failed: fails."
    store.close()
