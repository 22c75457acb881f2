"""A value that is drawn (random, uuid, shuffle) is drawn once, or the expression is refused."""

from __future__ import annotations

import pytest

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from tests.unit.sql.asking import make_tables
from tests.unit.sql.world import World


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    make_tables(world)
    return world


@pytest.mark.parametrize(
    "query",
    [
        "select cast(random() as varchar)",
        "select random() between 0.2 and 0.8",
        "select random() = random()",
        "select round(random() * 100, 2)",
        "select avg(random()), sum(random()) from t",
        "select r, r + 1 from (select random() as r from t) order by r",
        "select random(10) + 1.5, random(5, 9), rand(3)",
    ],
)
def test_each_value_is_drawn_once(world: World, query: str) -> None:
    sql = world.query(query).sql
    wanted = query.count("random(") + query.count("rand(")
    assert sql.count("random()") + sql.count("olo_drawn_") == wanted


@pytest.mark.parametrize(
    "query",
    [
        "select greatest(random(), 0.5e0)",
        "select nullif(random(), 0.5e0)",
        "select max(random()) from t",
        "select random() as r from t order by r + 1",
    ],
)
def test_what_would_draw_again_is_refused(world: World, query: str) -> None:
    with pytest.raises(Unsupported, match="drawn more than once"):
        world.query(query)


def test_a_sample_draws_for_each_row(world: World) -> None:
    many = "unnest(sequence(1, 1000)) n(i)"
    assert world.run(f"select count(*) between 350 and 650 from {many} tablesample bernoulli (50)") == [(True,)]
    assert world.run(f"select count(*), max(s.i) from ({'select i from ' + many}) s tablesample bernoulli (100.0)") == [
        (1000, 1000)
    ]
    both = f"with a as (select i from {many}) select count(*) from a tablesample bernoulli (50) join a b on a.i = b.i"
    assert 350 < world.run(both)[0][0] < 650  # the second use of the name isn't sampled
    assert world.run(f"select count(*) from {many} tablesample bernoulli (0)") == [(0,)]


@pytest.mark.parametrize("sample", ["system (10)", "bernoulli (n.i)", "bernoulli (5 + 5)"])
def test_other_samples_are_refused(world: World, sample: str) -> None:
    with pytest.raises(Unsupported, match="TABLESAMPLE"):
        world.query(f"select * from (values 1) n(i) tablesample {sample}")


def test_a_sample_of_more_than_all(world: World) -> None:
    with pytest.raises(QueryError, match="between 0 and 100") as raised:
        world.query("select * from t tablesample bernoulli (101)")
    assert (raised.value.line, raised.value.column) == (1, 40)
