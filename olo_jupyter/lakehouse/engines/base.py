"""What an engine is. Browse (the catalogs) and run (the engine) are two interfaces; cancel and parameters are in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.result import Result


@dataclass(frozen=True)
class Progress:
    """The engine's own figures while a statement runs. ``fraction`` is 0–1, None where the engine can't tell."""

    state: str
    fraction: float | None = None
    rows: int | None = None
    bytes: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Request:
    """One statement to run.

    Args:
        sql: Trino SQL, exactly one statement.
        parameters: Values for ``:name``.
        positional: Values for ``?``, in order.
        catalog, namespace: Where unqualified names count from (namespace may be '').
        sources: Catalog that a table is read from where its name has none and ``catalog`` lacks it; '' for none.
        pins: Snapshot ids that hold for tables without a pin of their own (a captured run is repeated by these).
        as_of: The notebook-wide pin, for tables in neither.
        results: Earlier results, usable as tables by name.
        limit: Keep at most this many rows (the result then says ``truncated``); None keeps all.
        on_progress: Called from the waiting thread, at most ten times a second.
    """

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    positional: Sequence[Any] = ()
    catalog: str = "dev"
    namespace: str = ""
    sources: str = ""
    pins: Mapping[TableName, int] = field(default_factory=dict)
    as_of: Pin | None = None
    results: Mapping[str, Result] = field(default_factory=dict)
    limit: int | None = None
    on_progress: Callable[[Progress], None] | None = None


class Engine(Protocol):
    """Runs statements."""

    name: str

    def execute(self, request: Request) -> Result:
        """Run one statement, once, and wait for it. KeyboardInterrupt in the waiting thread cancels it on the engine.

        Raises:
            QueryError: With line and column in ``request.sql`` where known; ``Unsupported`` for what is refused.
        """

    def close(self) -> None:
        """Release connections, memory and spill files."""
