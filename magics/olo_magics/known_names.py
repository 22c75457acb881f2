"""What a kernel knows of the catalogs for completion: fetched in the background, kept, never waited for long.

A catalog that is slow or dead costs nothing but its suggestions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.result import Result

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.session import Session
    from olo_magics.kernel import Kernel

FRESH_SECONDS = 60.0
PATIENCE_SECONDS = 0.03
"""How long one completion waits for all that it doesn't know yet."""
_WORKERS = 4
_LISTED_PINS = 50


@dataclass
class _Known:
    value: Any
    at: float
    asked: bool = False


class KnownNames:
    """Implements the completion's ``World`` for a kernel.

    Threads are daemons: one that hangs on a dead catalog doesn't keep the kernel from ending.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._known: dict[Hashable, _Known] = {}
        self._lock = threading.Lock()
        self._free = threading.Semaphore(_WORKERS)
        self._until = 0.0

    def begin(self) -> None:
        """Start a completion: from now on it may wait a moment in all."""
        self._until = time.monotonic() + PATIENCE_SECONDS

    @property
    def session(self) -> Session:
        return self._kernel.session

    @property
    def catalog(self) -> str:
        return self.session.catalog

    @property
    def namespace(self) -> str:
        return self.session.namespace

    def catalogs(self) -> Sequence[str]:
        return self.session.catalogs.names()

    def namespaces(self, catalog: str) -> Sequence[str]:
        return self._get(("namespaces", catalog), lambda: self.session.catalogs.namespaces(catalog))

    def tables(self, catalog: str, namespace: str) -> Sequence[str]:
        return self._get(("tables", catalog, namespace), lambda: self._listed(catalog, namespace))

    def columns(self, table: TableName) -> Sequence[tuple[str, str]]:
        return self._get(("columns", table), lambda: self._described(table))

    def pins(self, table: TableName) -> Sequence[tuple[str, str]]:
        return self._get(("pins", table), lambda: self._points(table))

    def parameters(self) -> Mapping[str, str]:
        from olo_magics.sql import bindable

        plain = (bool, int, float, str, bytes, list, tuple)
        return {
            name: type(value).__name__
            for name, value in bindable(self._kernel).items()
            if isinstance(value, plain) or type(value).__module__ in ("datetime", "decimal")
        }

    def results(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        return {
            name: [(column.name, column.type) for column in value.columns]
            for name, value in self._kernel.variables.items()
            if isinstance(value, Result) and not name.startswith("_")
        }

    def _listed(self, catalog: str, namespace: str) -> Sequence[str]:
        from olo_jupyter.lakehouse.views import list_views

        catalogs = self.session.catalogs
        return sorted({*catalogs.tables(catalog, namespace), *list_views(catalogs, catalog, namespace)})

    def _described(self, table: TableName) -> Sequence[tuple[str, str]]:
        from olo_jupyter.lakehouse.iceberg_types import table_schema
        from olo_jupyter.lakehouse.views import find_view

        found = self.session.catalogs.find(table)
        if found is not None:
            fields = table_schema(found.schema()).fields
        else:
            view = find_view(self.session.catalogs, table)
            fields = view.fields if view is not None else ()
        return [(field.name, str(field.type)) for field in fields]

    def _points(self, table: TableName) -> Sequence[tuple[str, str]]:
        from olo_jupyter.lakehouse.time_travel import moment_text

        found = self.session.catalogs.find(table)
        if found is None:
            return ()
        metadata = found.metadata
        refs = [(f"'{name}'", str(ref.snapshot_ref_type.value)) for name, ref in sorted(metadata.refs.items())]
        newest = sorted(metadata.snapshots, key=lambda each: -each.timestamp_ms)[:_LISTED_PINS]
        return [*refs, *((str(one.snapshot_id), f"snapshot at {moment_text(one.timestamp_ms)}") for one in newest)]

    def _get(self, key: Hashable, ask: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        """What is known of ``key``; asked for where it is old or missing, waited for a moment where missing."""
        with self._lock:
            known = self._known.setdefault(key, _Known(None, 0.0))
            stale = time.monotonic() - known.at > FRESH_SECONDS or known.value is None
            wanted = stale and not known.asked
            known.asked = known.asked or wanted
        if wanted:
            threading.Thread(target=self._ask, args=(known, ask), daemon=True, name="olo-completion").start()
        while known.value is None and time.monotonic() < self._until:
            time.sleep(0.001)
        return known.value or ()

    def _ask(self, known: _Known, ask: Callable[[], Sequence[Any]]) -> None:
        try:
            with self._free:
                known.value = ask()
        except OloError:
            known.value = known.value or ()  # nothing to suggest; asked again when that is old
        finally:
            known.at = time.monotonic()
            known.asked = False
