"""Which of pytest's workers runs which tests, so that one waits for its servers while another one computes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

OF_TRINO = frozenset(
    {
        "test_conformance", "test_connect", "test_dbt_trino", "test_ddl", "test_faults", "test_governed",
        "test_governed_panel", "test_lake_queries", "test_recorded", "test_row_changes", "test_shared_catalog",
        "test_shared_views", "test_tpcds", "test_trino_engine", "test_trino_queries", "test_whole_queries",
    }
)  # fmt: skip
"""The files whose tests ask for the fixture ``trino``: one worker has them all, so the big Trino starts once."""


class ByServer(LoadScopeScheduling):
    """A file is one worker's as a whole, as its servers are; so are a folder's files, and those of :data:`OF_TRINO`.

    They come in the order in which they were collected: the largest aren't left for the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """What a test is given to a worker with.

    Example:
        >>> unit_of("tests/services/test_ddl.py::test_a[x/y::z]"), unit_of("tests/services/hub/test_b.py::test_c")
        ('trino', 'hub')
    """
    file = PurePosixPath(nodeid.partition("::")[0])
    if file.stem in OF_TRINO:
        return "trino"
    return file.stem if file.parent.name == "services" else file.parent.name


def check(items: Iterable[pytest.Item]) -> None:
    """Hold :data:`OF_TRINO` to what tests ask for.

    Raises:
        pytest.UsageError: A file is missing from it.
    """
    asking = {item.path.stem for item in items if "trino" in getattr(item, "fixturenames", ())}
    if missing := sorted(asking - OF_TRINO):
        raise pytest.UsageError(f"tests/services/schedule.py: OF_TRINO lacks {', '.join(missing)}.")
