"""The shared service's database: backed up and restored by the runbook's commands, and upgraded from its first form."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from olo_jupyter import store as store_package
from olo_jupyter.store.audit import Audit, Entry
from olo_jupyter.store.database import Database
from olo_jupyter.store.outbox import Outbox
from olo_jupyter.workspaces.members import MemberStore
from tests.services.postgres import Postgres
from tests.services.postgres import install as programs

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbooks" / "backup.md"
EVENT = "https://events.example.org/olo/run/v1"


@pytest.fixture
def url(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.create(f"olo_{os.urandom(6).hex()}")


def commands() -> tuple[list[str], list[str]]:
    """The runbook's commands of the shared service: to back up, to restore."""
    section = RUNBOOK.read_text(encoding="utf-8").partition("## The shared service")[2].partition("## ")[0]
    back_up, restore = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    return tuple([line.removeprefix("$ ") for line in block.splitlines()] for block in (back_up, restore))  # type: ignore[return-value]


def run(lines: list[str], url: str, folder: Path) -> None:
    where = make_url(url)
    plain = f"postgresql://{where.username}@{where.host}:{where.port}/{where.database}"
    environ = {
        "PATH": f"{programs()}:/usr/bin:/bin",
        "OLO_SERVICE_DATABASE": plain,
        "PGPASSWORD": str(where.password),
    }
    for line in lines:
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=environ, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def fill(database: Database) -> None:
    Audit(database).append(
        Entry("ana", "tag", "table/dev.gold.delays", after={"name": "März"}), Entry("bo", "deploy", "job/x")
    )
    Outbox(database).publish([(EVENT, {"run": 1}), (EVENT, {"run": 2})])
    members = MemberStore(database)
    members.set_role("flights", "user", "ana", "workspace-admin")
    members.set_role("flights", "group", "everybody", "viewer")
    members.set_applied("flights", "a" * 40, "ana")


def said(database: Database) -> object:
    """All that the store tells."""
    members = MemberStore(database)
    entries = [entry.as_json() for entry in Audit(database).entries()]
    events = [(event.number, event.data) for event in Outbox(database).after(0)]
    return entries, events, members.members("flights"), members.applied("flights")


def sizes(url: str) -> dict[str, int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
    engine.dispose()
    return found


def refuses_changes(url: str) -> None:
    engine = create_engine(url)
    for change in ("DELETE FROM olo_audit", "UPDATE olo_audit SET who = 'eve'", "TRUNCATE olo_audit"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()


def test_what_was_backed_up_is_restored_into_a_database_that_went_on(url: str, tmp_path: Path) -> None:
    back_up, restore = commands()
    database = Database(url)
    fill(database)
    before, counts = said(database), sizes(url)
    run(back_up, url, tmp_path)
    Audit(database).append(Entry("eve", "later", "table/y"))
    MemberStore(database).set_role("flights", "user", "ana", None)
    database.close()
    engine = create_engine(url)
    with engine.begin() as connection:  # of a later version
        connection.execute(text("CREATE TABLE olo_of_tomorrow (a int)"))
        connection.execute(text("UPDATE olo_version SET version_num = '9999'"))
    engine.dispose()
    for _ in range(2):  # also over what was restored
        run(restore, url, tmp_path)
        assert sizes(url) == counts
        again = Database(url)
        assert said(again) == before
        refuses_changes(url)
        # Numbers go on: nothing that a client has seen is given twice.
        Audit(again).append(Entry("cy", "tag", "table/z"))
        Outbox(again).publish([(EVENT, {"run": 3})])
        assert [entry.number for entry in Audit(again).entries()] == [3, 2, 1]
        assert [event.number for event in Outbox(again).after(0)] == [1, 2, 3]
        again.close()
    run([back_up[0].replace("olo.dump", "second.dump")], url, tmp_path)
    run([line.replace("olo.dump", "second.dump") for line in restore], url, tmp_path)
    assert sizes(url)["olo_audit"] == 3


def at_first_revision(url: str) -> None:
    """A store as the first revision made it, with an entry, events and a memory."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(store_package.__file__).parent / "migrations"))
        config.attributes.update(connection=connection, version_table="olo_version")
        command.upgrade(config, "0001")
        row = "'k1', 1767225600000000, 'ana', 'tag', 'table/a', NULL, '{\"name\": \"v1\"}', 'done', ''"
        columns = '"key", at, who, action, subject, "before", "after", outcome, detail'
        connection.exec_driver_sql(f"INSERT INTO olo_audit ({columns}) VALUES ({row})")
        for number in (1, 2):
            connection.exec_driver_sql(
                'INSERT INTO olo_events ("key", at, schema_id, data) '
                f"VALUES ('e{number}', 1767225600000000, '{EVENT}', '{{\"run\": {number}}}')"
            )
        connection.exec_driver_sql("INSERT INTO olo_memory (name, value) VALUES ('poller', '7')")
    engine.dispose()


def is_whole(url: str) -> None:
    database = Database(url)
    (entry,) = Audit(database).entries()
    assert (entry.who, entry.subject, entry.after, entry.at.year) == ("ana", "table/a", {"name": "v1"}, 2026)
    assert [event.data["run"] for event in Outbox(database).after(0)] == [1, 2]
    assert Outbox(database).memory("poller") == "7"
    fill(database)
    assert MemberStore(database).members("flights") == {"user ana": "workspace-admin", "group everybody": "viewer"}
    assert {"olo_workspace_members", "lineage_events"} <= set(sizes(url))
    database.close()


def test_the_first_form_of_the_store_is_brought_up_to_date_with_what_it_holds(
    url: str, tmp_path: Path, postgres: Postgres
) -> None:
    """On PostgreSQL, from a dump of that version restored into a database of this one, and in a file of one person."""
    back_up, restore = commands()
    at_first_revision(url)
    run(back_up, url, tmp_path)
    is_whole(url)
    refuses_changes(url)
    run(restore, url, tmp_path)
    assert "olo_workspace_members" not in sizes(url)
    is_whole(url)
    file = f"sqlite:///{tmp_path / 'olo.db'}"
    at_first_revision(file)
    is_whole(file)
