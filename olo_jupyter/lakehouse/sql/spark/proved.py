"""What was compared with Trino's answers on a real Spark: nothing else runs there.

A *form* is one way of writing something: a function's overload, a cast between two types, an operator over types, a
clause. ``data/proved.txt`` lists those that stand in a case whose answer was the same on Spark (``tests/parity/spark.py``
writes it, tests/parity/test_spark_proof.py holds it); a statement with any other form is refused, by its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.sql.expressions.duck import HINT
from olo_jupyter.lakehouse.sql.spark.text import ENGINE

_FILE = resources.files("olo_jupyter.lakehouse.sql.spark") / "data" / "proved.txt"
_collected: ContextVar[set[str] | None] = ContextVar("olo_spark_forms", default=None)


@cache
def proved() -> frozenset[str]:
    """The forms that may run."""
    return frozenset(_FILE.read_text(encoding="utf-8").splitlines())


_DIFFERENT = {"WITH of drawn values that is used again": "Spark draws them once for all uses"}
"""Forms whose answers are known to be others than Trino's."""


def need(form: str) -> None:
    """A statement that is being translated has ``form``.

    Raises:
        Unsupported: No case with it was the same on Spark as on Trino.
    """
    collected = _collected.get()
    if form in _DIFFERENT:
        raise Unsupported(f"{ENGINE} doesn't run Trino's {form}: {_DIFFERENT[form]}.", hint=HINT)
    if collected is not None:
        collected.add(form)
    elif form not in proved():
        raise Unsupported(
            f"{ENGINE} doesn't run Trino's {form}: its answers were never compared with Trino's.", hint=HINT
        )


@contextmanager
def collecting() -> Iterator[set[str]]:
    """Gather the forms of what is translated inside, and refuse none: for judging them."""
    forms: set[str] = set()
    token = _collected.set(forms)
    try:
        yield forms
    finally:
        _collected.reset(token)
