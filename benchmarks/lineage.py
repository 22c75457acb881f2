"""The lineage store with a million events: graphs three edges deep, columns, searches, and what storing costs."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, text

from benchmarks.measure import Figure
from benchmarks.options import Options
from olo_jupyter.backends.lineage.base import Search
from olo_jupyter.backends.lineage.store import LineageStore
from olo_jupyter.store.database import Database
from tests.services import postgres
from tests.services.process import ServiceError

EVENTS = 1_000_000
FEW = 100_000
"""Without --full."""
GOAL = 0.100
JOBS = 10_000
ASKED = 60
_BATCH = 20_000
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_FACET = {"_producer": "https://example.org", "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/Facet.json"}


def figures(options: Options) -> Iterator[Figure]:
    """Storing, then questions about nodes drawn at random: in a file, and in PostgreSQL where it can be had."""
    count = EVENTS if options.full else FEW
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lineage.db"
        yield from _of("SQLite", f"sqlite:///{path}", count, lambda: path.stat().st_size)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        try:
            service = postgres.start(Path(folder) / "postgres")
        except ServiceError as error:
            sys.stderr.write(f"no PostgreSQL: {error}\n")
            return
        try:
            yield from _of("PostgreSQL", service.uri, count, lambda: _size(service.uri))
        finally:
            service.stop()


def _of(kind: str, url: str, count: int, size: Callable[[], int]) -> Iterator[Figure]:
    draw = random.Random(7)
    store = LineageStore(Database(url))
    begun = time.perf_counter()
    batch: list[dict[str, Any]] = []
    for event in _events(count, draw):
        batch.append(event)
        if len(batch) == _BATCH:
            store.add(batch)
            batch = []
    store.add(batch)
    took = time.perf_counter() - begun
    rate = f"{count / took:,.0f} a second, {size() / 2**20:.0f} MiB"
    yield Figure(f"Storing {count:,} events of {JOBS:,} jobs, {kind}", f"{took:.0f} s", "", rate, "", None)
    datasets = [f"dataset:lake:layer.table_{draw.randrange(JOBS)}" for _ in range(ASKED)]
    store.graph(datasets[0], depth=3)
    yield _asked(f"Lineage three edges deep, {kind}", count, lambda one: store.graph(one, depth=3), datasets, goal=GOAL)
    yield _asked(f"Columns three steps deep, {kind}", count, lambda one: store.columns(one, depth=3), datasets)
    yield _asked(f"Search by a part of the name, {kind}", count, lambda one: store.search(Search(one[-4:])), datasets)
    store.close()


def _size(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    engine.dispose()
    return found


def _asked(what: str, count: int, ask: Callable[[str], object], nodes: list[str], goal: float | None = None) -> Figure:
    times = []
    for node in nodes:
        begun = time.perf_counter()
        ask(node)
        times.append(time.perf_counter() - begun)
    worst = sorted(times)[int(len(times) * 0.95)]
    met = None if goal is None else worst <= goal
    shown = "" if goal is None else f"95 % ≤ {goal * 1000:.0f} ms"
    return Figure(
        f"{what}, {count:,} events", f"{median(times) * 1000:.1f} ms", "", f"95 % ≤ {worst * 1000:.1f} ms", shown, met
    )


def _events(count: int, draw: random.Random) -> Iterator[dict[str, Any]]:
    """Two events a run; each job reads up to three tables made before its own, the near ones more often."""
    reads = [[max(0, job - 1 - int(draw.expovariate(1 / 200))) for _ in range(1 + job % 3)] for job in range(JOBS)]
    for number in range(count // 2):
        job, at = number % JOBS, _BEGIN + timedelta(seconds=number * 20)
        made = {"a": {"inputFields": [_field(source, "a") for source in reads[job]]}, "b": {"inputFields": []}}
        facets = {
            "schema": {**_FACET, "fields": [{"name": name, "type": "bigint"} for name in "abcdefgh"]},
            "columnLineage": {**_FACET, "fields": made},
        }
        event = {
            "eventTime": at.isoformat(), "producer": "https://example.org",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": str(UUID(int=number))}, "job": {"namespace": "shop", "name": f"job_{job}"},
            "inputs": [{"namespace": "lake", "name": f"layer.table_{source}"} for source in reads[job]],
        }  # fmt: skip
        yield {**event, "eventType": "START", "outputs": []}
        ended = (at + timedelta(seconds=15)).isoformat()
        output = {"namespace": "lake", "name": f"layer.table_{job}", "facets": facets}
        yield {**event, "eventType": "COMPLETE", "eventTime": ended, "outputs": [output]}


def _field(table: int, name: str) -> dict[str, str]:
    return {"namespace": "lake", "name": f"layer.table_{table}", "field": name}
