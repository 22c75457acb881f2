"""The lineage store on PostgreSQL: the same rows as on SQLite, from many writers at once, and after a restart."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.event import listen, remove

from olo_jupyter.backends.lineage.base import LineageError, NodeName, Search
from olo_jupyter.backends.lineage.store import LineageStore
from olo_jupyter.store.database import Database, StoreError
from olo_jupyter.store.lineage_tables import LINEAGE
from tests.migrations import differences
from tests.openlineage import dataset, event, facet, made_of
from tests.services.postgres import Postgres

WRITERS, JOBS = 8, 25


def events() -> list[object]:
    """Runs of jobs that share tables; two tell of one thing at the same moment, so that the order of texts decides."""
    told: list[object] = []
    for job in range(JOBS):
        out = dataset(
            f"t{job % 7}", schema=facet(fields=[{"name": "ä" if job % 2 else "Z", "type": "int"}]),
            documentation=facet(description=f"{'ä' if job % 3 else 'Z'}{job % 5}"),
            columnLineage=made_of({"x": [(f"t{(job + 1) % 7}", "y")]}),
            outputFacets={"outputStatistics": facet(rowCount=job)},
        )  # fmt: skip
        told += [event("START", job % 3, f"job{job}", f"r{job}", [f"t{(job + 1) % 7}"])]
        told += [event("COMPLETE", 5, f"job{job}", f"r{job}", [], [out])]
    return told


def content(store: LineageStore) -> dict[str, list[object]]:
    return store.database.read(
        lambda connection: {
            table.name: sorted((tuple(map(_plain, row)) for row in connection.execute(select(table))), key=str)
            for table in LINEAGE
        }
    )


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def test_many_writers_in_any_order_give_what_sqlite_gives(postgres: Postgres, tmp_path: Path) -> None:
    uri = postgres.create("lineage_many")
    told = events()

    def write(seed: int) -> None:
        store = LineageStore(Database(uri))
        mine = told * 2
        random.Random(seed).shuffle(mine)
        while mine:
            store.add(mine[:7])
            mine = mine[7:]
        store.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    here, there = LineageStore(Database(f"sqlite:///{tmp_path / 'lineage.db'}")), LineageStore(Database(uri))
    here.add(told)
    assert content(there) == content(here)
    assert there.events() == len(told)
    ours, theirs = (store.graph("dataset:lake:t3", depth=3) for store in (here, there))
    assert ours == theirs
    assert there.columns("dataset:lake:t3") == here.columns("dataset:lake:t3")
    assert there.search(Search("T")).total == here.search(Search("t")).total
    assert there.namespaces() == here.namespaces()
    assert there.version().startswith("PostgreSQL 1")
    here.close()
    there.close()


def test_a_graph_is_read_by_keys_though_the_database_knows_nothing_of_its_tables(postgres: Postgres) -> None:
    """Fresh statistics come minutes after the rows; until then a plan must not read whole tables, nor be compiled."""
    store = LineageStore(Database(postgres.create("lineage_plans")))
    try:
        for begin in range(0, 3_000, 1_000):
            numbers = range(begin, begin + 1_000)
            store.add([event("COMPLETE", 5, f"j{n}", f"r{n}", [f"t{n}"], [f"t{n + 1}"]) for n in numbers])
        asked: list[tuple[str, Any]] = []
        listen(Engine, "before_cursor_execute", heard := lambda *told: asked.append((told[2], told[3])))
        try:
            assert len(store.graph("dataset:lake:t1500", depth=3).nodes) == 7
        finally:
            remove(Engine, "before_cursor_execute", heard)
        edges = [one for one in asked if "FROM lineage_edges" in one[0]]

        def plans(connection: Connection) -> list[str]:
            found = [connection.exec_driver_sql(f"EXPLAIN {statement}", given) for statement, given in edges]
            return ["\n".join(str(line) for (line,) in plan) for plan in found]

        told = store.database.read(plans)
        assert len(told) == 5  # each of three steps, then what the jobs and the datasets have beyond
        assert [plan for plan in told if "Seq Scan" in plan or "JIT" in plan] == []
        assert store.database.read(lambda one: one.exec_driver_sql("SHOW jit").scalar_one()) == "off"
    finally:
        store.close()


def test_long_names_and_any_letters(postgres: Postgres) -> None:
    store = LineageStore(Database(postgres.create("lineage_names")))
    for name in ("🛫" * 1000, "a:b%c", "Z" * 4000):
        store.add([event("COMPLETE", 1, name, name, [], [dataset(name, name)])])
        assert store.graph(NodeName("dataset", name, name).id).nodes[0].name == name
    store.close()


def test_connections_that_were_cut_are_made_anew(postgres: Postgres) -> None:
    uri = postgres.create("lineage_cut")
    store = LineageStore(Database(uri))
    store.add(events())
    admin = create_engine(postgres.uri)
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'lineage_cut'"))
    admin.dispose()
    assert store.events() == 2 * JOBS
    store.close()


def test_one_that_is_away_is_a_typed_error_without_the_password() -> None:
    store = LineageStore(Database("postgresql://ana:planted-password@127.0.0.1:9/lineage", patience=0))
    with pytest.raises(LineageError) as caught:
        store.graph("dataset:lake:t1")
    assert caught.value.code == "lineage-unavailable"
    assert "planted-password" not in str(caught.value.as_json())
    with pytest.raises(StoreError) as refused:
        Database("mysql://ana:planted-password@127.0.0.1/x")
    assert "planted-password" not in str(refused.value.as_json())


def test_a_store_of_an_earlier_version_keeps_its_events(postgres: Postgres) -> None:
    uri = postgres.create("lineage_earlier")
    store = LineageStore(Database(uri))
    store.add(events())
    before = content(store)
    # As it was when lineage made its tables itself.
    store.database.write(lambda connection: connection.execute(text("UPDATE olo_version SET version_num = '0002'")))
    store.close()

    def open_it(_: int) -> int:
        opened = LineageStore(Database(uri))
        try:
            return opened.add(events()).stored
        finally:
            opened.close()

    with ThreadPoolExecutor(4) as replicas:
        assert list(replicas.map(open_it, range(4))) == [0] * 4
    store = LineageStore(Database(uri))
    assert content(store) == before
    assert store.database.read(differences) == []
    store.close()
