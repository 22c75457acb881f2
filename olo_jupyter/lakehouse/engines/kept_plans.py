"""Plans that DuckDB keeps for a statement that runs again as it is: planning a short query takes as long as running it.

A plan is kept by the whole text, which names the files themselves (they never change), and on one cursor. Nothing that
could be different under the same text may be in it: no relation that is registered, no bound value.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import duckdb

_TEXTS = 512
_PLANS = 32
"""Plans kept on a cursor."""
_LENGTH = 100_000
"""Characters of the longest statement whose plan is kept."""
_ROWS = 100_000
"""Rows of the largest result: DuckDB gives the rows of a kept plan as a copy."""


class KeptPlans:
    """The plans of an engine's cursors. Safe to use from several threads, each with a cursor of its own."""

    def __init__(self) -> None:
        self._small: OrderedDict[str, None] = OrderedDict()
        self._names: WeakKeyDictionary[duckdb.DuckDBPyConnection, OrderedDict[str, str]] = WeakKeyDictionary()
        self._count = itertools.count()
        self._lock = threading.Lock()

    def text(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> str:
        """What to run on ``cursor`` for ``sql``: itself, or the call of its plan, which is made where it pays."""
        with self._lock:
            names = self._names.setdefault(cursor, OrderedDict())
            pays = sql in self._small
        name = names.get(sql)
        if name is None and pays:
            if len(names) >= _PLANS:
                _, oldest = names.popitem(last=False)
                cursor.execute(f"DEALLOCATE {oldest}")
            name = f"olo_plan_{next(self._count)}"
            cursor.execute(f"PREPARE {name} AS {sql}")
            names[sql] = name
        if name is None:
            return sql
        names.move_to_end(sql)
        return f"EXECUTE {name}"

    def ran(self, sql: str, rows: int) -> None:
        """``sql`` gave ``rows`` rows: if it runs again, its plan is worth keeping where they are few."""
        if rows > _ROWS or len(sql) > _LENGTH:
            return
        with self._lock:
            self._small[sql] = None
            self._small.move_to_end(sql)
            while len(self._small) > _TEXTS:
                self._small.popitem(last=False)
