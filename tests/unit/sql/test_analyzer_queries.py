"""Forms of queries give what a real Trino 483 gave (queries.json), names, types and errors too."""

from __future__ import annotations

import json

import duckdb
import pytest

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.runtime_errors import to_query_error
from tests.unit.sql.asking import HERE, make_tables, queries, shown
from tests.unit.sql.world import World

RUN, REFUSED = queries()
ANSWERS = json.loads((HERE / "queries.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    make_tables(world)
    return world


def test_every_query_has_an_answer() -> None:
    assert list(ANSWERS) == list(dict.fromkeys(RUN))


@pytest.mark.parametrize("query", RUN)
def test_query(world: World, query: str) -> None:
    expected = ANSWERS[query]
    try:
        translated = world.query(query)
        rows = world.execute(translated)
    except QueryError as error:
        assert error.code == expected, error.message
        assert error.line is not None and error.column is not None
        return
    except duckdb.Error as error:
        assert to_query_error(error).code == expected
        return
    assert [[field.name, str(field.type)] for field in translated.fields] == expected[0]
    assert shown(rows, query) == expected[1]


@pytest.mark.parametrize("query", REFUSED)
def test_refused(world: World, query: str) -> None:
    """Before it runs, or by a value on the way."""
    try:
        translated = world.query(query)
    except Unsupported:
        return
    with pytest.raises(duckdb.Error) as raised:
        world.execute(translated)
    assert to_query_error(raised.value).code == "unsupported"


def test_the_exact_answer_that_a_refused_estimate_offers_is_taken(world: World) -> None:
    many = "FROM (SELECT CASE WHEN n > 0 THEN n END AS x FROM UNNEST(sequence(0, 100)) AS t(n))"
    with pytest.raises(duckdb.Error) as raised:
        world.run(f"SELECT approx_percentile(x, 0.9) {many}")
    refused = to_query_error(raised.value)
    offered = (refused.hint or "").rpartition("exact answer: ")[2].removesuffix(".").replace("p *", "0.9 *")
    assert refused.code == "unsupported"
    assert world.run(f"SELECT {offered} {many}") == [(90,)]
    assert world.run(f"SELECT {offered} {many} WHERE x < 0") == [(None,)]
