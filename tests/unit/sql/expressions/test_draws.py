"""A value that is drawn (random, uuid, shuffle) is drawn once, or the expression is refused."""

from __future__ import annotations

import pytest

from olo_jupyter.lakehouse.errors import Unsupported
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
