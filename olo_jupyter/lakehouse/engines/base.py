"""What an engine is. Browse (the catalogs) and run (the engine) are two interfaces; cancel and parameters are in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.result import Result


@dataclass(frozen=True)
class Progress:
    """The engine's own figures while a statement runs; None (or '') for what an engine doesn't tell.

    Args:
        state: In the engine's own words, lower case: ``queued``, ``planning``, ``running``, ``finishing`` …
        fraction: 0–1.
        rows, bytes: Read so far.
        seconds: Since the statement was sent.
        splits, splits_done: Pieces of work (Trino's splits, Spark's tasks).
        cpu_seconds: On all machines together.
        peak_memory: Bytes, on all machines together.
        queued: Waits for its turn on the engine.
        query_id: The engine's own id, to look it up there.
    """

    state: str
    fraction: float | None = None
    rows: int | None = None
    bytes: int | None = None
    seconds: float = 0.0
    splits: int | None = None
    splits_done: int | None = None
    cpu_seconds: float | None = None
    peak_memory: int | None = None
    queued: bool = False
    query_id: str = ""


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
        notebook, cell: Where the statement stands, for the engine's own records (client tags); '' for nowhere.
        dialect: Language of ``sql``: ``trino``, or ``spark`` where the engine speaks it.
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
    notebook: str = ""
    cell: str = ""
    dialect: Literal["trino", "spark"] = "trino"


class Engine(Protocol):
    """Runs statements. ``Engine(catalogs, settings)`` makes one; nothing is connected to before the first statement."""

    name: str

    def execute(self, request: Request) -> Result:
        """Run one statement, once, and wait for it. KeyboardInterrupt in the waiting thread cancels it on the engine.

        Raises:
            QueryError: With line and column in ``request.sql`` where known; ``Unsupported`` for what is refused.
        """

    def explain(self, request: Request) -> str:
        """The engine's own plan of a query, as text; the query isn't run.

        Raises:
            QueryError: As :meth:`execute`.
        """

    def close(self) -> None:
        """Release connections, memory and spill files."""
