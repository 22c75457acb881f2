"""The orchestrators and logs that a server looks at for its browsers: each connected and asked once for all of them."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olo_jobs.fields import seconds
from olo_jobs.load import SpecError
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.ended import EndedRuns
from olo_jupyter.jobs.logs import LogIndex
from olo_jupyter.jobs.orchestrator import LOCAL, Orchestrator, OrchestratorError, connect, orchestrator_for
from olo_jupyter.jobs.query import Changes
from olo_jupyter.jobs.records import ENDED, RunRecord, TaskRun
from olo_jupyter.project.project import Project
from olo_jupyter.server.events import LOG_GREW, RUN_CHANGED
from olo_jupyter.server.follow import run_detail

Emit = Callable[[str, dict[str, Any]], None]

INTERVAL = 1.0
"""Seconds from one look at an orchestrator that is far away to the next, and at the logs that somebody reads."""
LONGEST_PAUSE = 30.0
"""Seconds between two looks at one that doesn't answer."""
_READ_FOR = 600.0
"""Seconds after its last reading that a growing log is watched."""
_LOGS = 64
_TOLD = 1000
_NOWHERE = Path(os.devnull)
_log = logging.getLogger(__name__)


@dataclass
class FollowedLog:
    """A task's log: its lines, and where to read on where it is brought from far away."""

    target: str
    run: str
    task: str
    attempt: int | None
    index: LogIndex
    after: str = ""
    complete: bool = False
    total: int = 0
    asked: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Told:
    """The runs that were told of: each change is told once, though looks overlap."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, RunRecord] = OrderedDict()

    def news(self, changes: Changes) -> list[tuple[str, dict[str, Any]]]:
        """What of a look's changes wasn't told yet, as events, the oldest first."""
        events = []
        for record in reversed(changes.runs):
            if self._runs.get(record.id) != record:
                self._runs[record.id] = record
                events.append((RUN_CHANGED, {"run": run_detail(record).model_dump(mode="json")}))
        while len(self._runs) > _TOLD:
            self._runs.popitem(last=False)
        return events


def rest(begun: float) -> float:
    """Seconds until the next look, where one began at ``begun`` (monotonic): a slow upstream gets half of the time."""
    return max(INTERVAL - (time.monotonic() - begun), INTERVAL / 2)


class Following:
    """What a project's jobs, runs and logs are read from. Safe to use from several threads.

    Args:
        settings: The project.
        ended: Counts what ends in targets that other machines serve.
    """

    def __init__(self, settings: Settings, ended: EndedRuns) -> None:
        self._settings = settings
        self._ended = ended
        self._project = Project(settings)
        self._lock = threading.Lock()
        self._orchestrators: dict[str, Orchestrator] = {}
        self._logs: OrderedDict[tuple[str, str, str, int | None], FollowedLog] = OrderedDict()
        self._watched: set[str] = set()
        self._stop = threading.Event()
        self._spool: tempfile.TemporaryDirectory[str] | None = None

    def orchestrator(self, target: str) -> Orchestrator:
        """The one that runs a target's jobs; of '' this machine.

        Raises:
            TargetError: There is no such target.
            OrchestratorError: As ``connect``.
        """
        with self._lock:
            if target not in self._orchestrators:
                if target:
                    self._project.target(target)
                self._orchestrators[target] = connect(self._settings, target, None if target else LOCAL)
            return self._orchestrators[target]

    def is_local(self, target: str) -> bool:
        """Whether this machine runs a target's jobs."""
        return not target or orchestrator_for(self._settings, target) == LOCAL

    @property
    def far_targets(self) -> list[str]:
        """The targets whose jobs other machines run."""
        named = (target for one in self._settings.orchestrators.values() for target in one.targets)
        return [target for target in dict.fromkeys(named) if not self.is_local(target)]

    def count(self, target: str, changes: Changes) -> None:
        """Count the runs that ended among a look's changes."""
        for record in changes.runs:
            if record.state in ENDED:
                self._ended.add(record, self._sla(record.job, target))

    def watch(self, target: str, emit: Emit) -> None:
        """Tell what changes in a target that another machine serves: one look for all browsers, until ``close``."""
        with self._lock:
            if self.is_local(target) or target in self._watched:
                return
            self._watched.add(target)
        threading.Thread(target=self._look, args=(target, emit), name=f"olo-{target}", daemon=True).start()

    def log(self, target: str, run: str, task: str, attempt: int | None, emit: Emit) -> FollowedLog:
        """A task's log as it is now; while it grows, LOG_GREW is told.

        Raises:
            OrchestratorError: run-not-found, task-not-found.
        """
        if self.is_local(target):
            attempt = None  # all attempts are in one log
        key = (target, run, task, attempt)
        with self._lock:
            followed = self._logs.get(key)
            if followed is not None:
                self._logs.move_to_end(key)
        if followed is None:
            record = self.orchestrator(target).run(run)
            followed = FollowedLog(target, run, task, attempt, LogIndex(self._place(key, _task(record, task))))
            with self._lock:
                followed = self._logs.setdefault(key, followed)
                if len(self._logs) > _LOGS:
                    self._logs.popitem(last=False)
        now, before = time.monotonic(), followed.asked
        followed.asked = now
        if before == 0.0 or (followed.complete and now - before > INTERVAL):  # a run again may have begun it again
            self._bring(followed)
        if not followed.complete:
            with self._lock:
                if "" in self._watched:
                    return followed
                self._watched.add("")
            threading.Thread(target=self._grow, args=(emit,), name="olo-logs", daemon=True).start()
        return followed

    def close(self) -> None:
        """Stop looking, and let go of connections and copies of logs."""
        self._stop.set()
        with self._lock:
            for one in self._orchestrators.values():
                one.close()
            self._orchestrators.clear()
            if self._spool is not None:
                self._spool.cleanup()
                self._spool = None

    def _place(self, key: tuple[str, str, str, int | None], task: TaskRun) -> Path:
        """Where a log is: on this machine its file, else a copy that is read on from time to time."""
        if self.is_local(key[0]):
            path = Path(task.log) if task.log else _NOWHERE
            # A record is a file that somebody might have edited: nothing else of this machine is shown by it.
            return path if path.resolve().is_relative_to(self._settings.state.resolve()) else _NOWHERE
        with self._lock:
            self._spool = self._spool or tempfile.TemporaryDirectory(prefix="olo-logs-")
            return Path(self._spool.name) / f"{hashlib.sha256(repr(key).encode()).hexdigest()}.log"

    def _bring(self, followed: FollowedLog) -> bool:
        """Read on; whether there is more than before."""
        with followed.lock:
            orchestrator = self.orchestrator(followed.target)
            if self.is_local(followed.target):
                task = _task(orchestrator.run(followed.run), followed.task)
                if task.log and followed.index.path == _NOWHERE:  # it has begun
                    followed.index = LogIndex(self._place((followed.target, "", "", None), task))
                followed.complete = task.state in ENDED
            else:
                part = orchestrator.log(followed.run, followed.task, attempt=followed.attempt, after=followed.after)
                if part.text:
                    with followed.index.path.open("a", encoding="utf-8", errors="surrogatepass") as stream:
                        stream.write(part.text)
                followed.after, followed.complete = part.after, part.complete and not part.text
            before, followed.total = followed.total, followed.index.lines(0, 0).total
            return followed.total != before or followed.complete

    def _look(self, target: str, emit: Emit) -> None:
        """The watch over one orchestrator: tells each run that changed, once."""
        told, after, pause = Told(), "", INTERVAL
        while not self._stop.wait(pause):
            begun = time.monotonic()
            try:
                changes = self.orchestrator(target).changes(after)
            except RuntimeError:
                if self._stop.is_set():  # its connection was closed under the request
                    return
                raise
            except OloError as error:
                if pause <= INTERVAL:
                    _log.warning("Can't follow %s: %s", target, error)
                pause = min(2 * max(pause, INTERVAL), LONGEST_PAUSE)
                continue
            after, pause = changes.after, rest(begun)
            self.count(target, changes)
            for schema_id, data in told.news(changes):
                emit(schema_id, data)

    def _sla(self, job: str, target: str) -> float | None:
        """Seconds in which a run must be done; None where the project has no such job, or none that can be read."""
        try:
            sla = self._project.job(job, target).sla
        except (OloError, SpecError):
            return None
        return float(seconds(sla)) if sla else None

    def _grow(self, emit: Emit) -> None:
        """The watch over the logs that somebody reads; ends when there is none."""
        while not self._stop.wait(INTERVAL):
            now = time.monotonic()
            with self._lock:
                growing = [one for one in self._logs.values() if not one.complete and now - one.asked < _READ_FOR]
                if not growing:
                    self._watched.discard("")
                    return
            for one in growing:
                try:
                    grew = self._bring(one)
                except OloError as error:
                    _log.warning("Can't follow the log of %s in run %s: %s", one.task, one.run, error)
                    continue
                if grew:
                    told = {"run": one.run, "task": one.task, "total": one.total, "complete": one.complete}
                    emit(LOG_GREW, told)


def _task(record: RunRecord, name: str) -> TaskRun:
    try:
        return record.task(name)
    except KeyError:
        known = ", ".join(task.name for task in record.tasks)
        raise OrchestratorError(
            f"Run {record.id} has no task {name!r}.", code="task-not-found", hint=f"Its tasks: {known}."
        ) from None
