"""One poller for the whole server, however many browsers: it looks at files' stamps, and tells what changed as events.

An idle look costs a few calls of stat. What it emits doesn't count as activity, so that an idle server can be culled.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, get_args

from olo_jupyter import measures
from olo_jupyter.config_file import ConfigError
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.history import history_path
from olo_jupyter.server.events import CATALOG_CHANGED, HEALTH_CHANGED, JOBS_CHANGED, QUERIES_CHANGED, RUN_CHANGED
from olo_jupyter.server.folder import Stamp, stamp
from olo_jupyter.server.follow import run_detail
from olo_jupyter.server.routes.route import Area
from olo_jupyter.server.workspace import Opened, Workspace, sqlite_file

Change = tuple[str, dict[str, Any]]
"""An event: the id of its schema, its data."""

ALL: frozenset[Area] = frozenset(get_args(Area))
RUNS_LISTED = 100
"""The newest runs are looked at for changes."""
_OPEN = ("queued", "running")
_log = logging.getLogger(__name__)


class Poller:
    """Watches a workspace.

    Args:
        workspace: What to watch.
        emit: Called in the event loop for every change.
        executor: Where the looking is done, so that a slow disk never holds up the server.
        interval: Seconds between two looks.
        areas: What to look at.
    """

    def __init__(
        self,
        workspace: Workspace,
        emit: Callable[[str, dict[str, Any]], None],
        executor: Executor,
        interval: float = 1.0,
        areas: frozenset[Area] = ALL,
    ) -> None:
        self._workspace = workspace
        self._emit = emit
        self._executor = executor
        self._interval = interval
        self._areas = areas
        self._task: asyncio.Task[None] | None = None
        self._seen: dict[str, str] = {}
        self._runs: dict[str, dict[str, Any]] | None = None
        self._memory: str | None = None

    def start(self) -> None:
        """Begin; the event loop must be running."""
        self._task = asyncio.get_running_loop().create_task(self._watch())
        self._task.add_done_callback(_log_failure)

    async def stop(self) -> None:
        """End, and wait for the end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                with measures.look("project"):
                    changes = await loop.run_in_executor(self._executor, self.look)
            except (OSError, OloError, ValueError) as error:
                # A disk, or a record that this version can't read: the next look may do better.
                _log.warning("The poller can't look: %s", error)
                changes = []
            for schema_id, data in changes:
                self._emit(schema_id, data)
            await asyncio.sleep(self._interval)

    def look(self) -> list[Change]:
        """What changed since the last look; the first look only learns how things are."""
        changes: list[Change] = []
        if self._changed("config", self._workspace.config_stamp()):
            changes.append((CATALOG_CHANGED, {"catalog": ""}))
        try:
            opened = self._workspace.open()
        except ConfigError:
            return changes  # the routes tell it to whoever looks
        looks: dict[Area, Callable[[Opened], list[Change]]] = {
            "catalog": self._changed_catalogs,
            "jobs": self._changed_jobs,
            "queries": self._changed_queries,
            "health": self._changed_health,
            "runs": self._changed_runs,
            "lineage": self._take_in_lineage,
        }
        return changes + [change for area, look in looks.items() if area in self._areas for change in look(opened)]

    def remember(self) -> str:
        """What was seen, for :meth:`recall`."""
        if self._memory is None:  # not at each idle look: the runs are many
            self._memory = json.dumps({"seen": self._seen, "runs": self._runs})
        return self._memory

    def recall(self, seen: str | None) -> None:
        """Go on from what was seen, here or by another poller; from nothing where that is None."""
        known = json.loads(seen) if seen else {"seen": {}, "runs": None}
        self._seen, self._runs, self._memory = known["seen"], known["runs"], None

    def _changed_catalogs(self, opened: Opened) -> list[Change]:
        files = {name: sqlite_file(settings) for name, settings in opened.settings.catalogs.items()}
        return [
            (CATALOG_CHANGED, {"catalog": name})
            for name, file in files.items()
            if file is not None and self._changed(("catalog", name), _database_stamp(file))
        ]

    def _changed_jobs(self, opened: Opened) -> list[Change]:
        return [(JOBS_CHANGED, {})] if self._changed("jobs", opened.job_folder.look()) else []

    def _changed_queries(self, opened: Opened) -> list[Change]:
        now = opened.query_folder.look(), _database_stamp(history_path(opened.settings))
        return [(QUERIES_CHANGED, {})] if self._changed("queries", now) else []

    def _changed_health(self, opened: Opened) -> list[Change]:
        opened.watch.refresh()
        return [
            (HEALTH_CHANGED, {"service": service, "state": state})
            for service, state in opened.watch.states().items()
            if self._changed(("health", service), state)
        ]

    def _changed_runs(self, opened: Opened) -> list[Change]:
        now = repr(_database_stamp(opened.runs_path))
        touched = self._seen.get("runs") != now
        # A run whose process died changes no file: while one is open the store is asked, and it ends the orphan.
        if not touched and self._runs is not None and not any(run["state"] in _OPEN for run in self._runs.values()):
            return []
        store = opened.runs()
        records = store.runs(limit=RUNS_LISTED) if store else []
        runs = {record.id: run_detail(record).model_dump(mode="json") for record in records}
        # Only now: a look that failed is done again.
        before, self._runs = self._runs, runs
        self._note("runs", now)
        if before is None:
            return []
        changed = [run for id, run in runs.items() if before.get(id) != run]
        if changed:
            self._memory = None
        return [(RUN_CHANGED, {"run": run}) for run in reversed(changed)]

    def _take_in_lineage(self, opened: Opened) -> list[Change]:
        """Events of new runs, some at each look, so that whoever opens the lineage doesn't wait for all of them."""
        found = stamp(opened.events_path)
        now = repr(found)
        if found is None or self._seen.get("lineage") == now:
            return []
        try:
            taken = opened.take_in_lineage()
        except OloError as error:  # whoever looks at the lineage is told, and asks again; here the next event does
            _log.info("Lineage can't be taken in: %s", error)
            taken = True
        if taken:
            self._note("lineage", now)
        return []

    def _changed(self, key: object, now: object) -> bool:
        """Remember ``now``; whether it differs from what was remembered (a first time is no change)."""
        name, value = repr(key), repr(now)
        changed = self._seen.get(name, value) != value
        self._note(name, value)
        return changed

    def _note(self, name: str, value: str) -> None:
        if self._seen.get(name) != value:
            self._seen[name], self._memory = value, None


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("The poller stopped: panels no longer follow by themselves.", exc_info=error)


def _database_stamp(path: Path) -> tuple[Stamp, Stamp]:
    """Of an SQLite database and its write-ahead log."""
    return stamp(path), stamp(path.with_name(f"{path.name}-wal"))
