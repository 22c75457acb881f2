"""TPC-H's 22 queries, translated and run, against DuckDB's own answers to the same text."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.sql.world import World

QUERIES = sorted((Path(__file__).parent / "tpch").glob("*.sql"))


@pytest.fixture(scope="module")
def tpch(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("tpch")
    generator = Path(sys.executable).parent / "tpchgen-cli"
    subprocess.run([generator, "parquet", "-s", "0.01", "--output-dir", folder], check=True, capture_output=True)
    world = World()
    for path in sorted(folder.glob("*.parquet")):
        world.parquet(path)
    return world


def _close(ours: Any, theirs: Any) -> bool:
    """Equal, where DuckDB's types differ (avg and division of decimals are double there) up to Trino's scale."""
    if isinstance(ours, Decimal) and isinstance(theirs, float | Decimal):
        exponent = ours.as_tuple().exponent
        assert isinstance(exponent, int)
        return abs(float(ours) - float(theirs)) <= 10.0**exponent + 1e-12 * abs(float(theirs))
    return bool(ours == theirs)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_tpch(tpch: World, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    query = tpch.query(text)
    ours, theirs = tpch.execute(query), tpch.duck.execute(text).fetchall()
    assert len(ours) == len(theirs)
    assert all(_close(a, b) for mine, other in zip(ours, theirs, strict=True) for a, b in zip(mine, other, strict=True))
