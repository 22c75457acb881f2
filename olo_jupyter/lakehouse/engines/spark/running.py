"""One statement on Spark: on a thread of its own, tagged, so that the waiting thread can interrupt it."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.engines.spark.session import is_connect
from olo_jupyter.lakehouse.errors import QueryCancelled

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")
TICK_SECONDS = 0.1
_INTERRUPT_AGAIN_SECONDS = 0.2
_THREAD = "olo-spark"


class Running:
    """A statement's thread and tag.

    Args:
        session: Where it runs.
        tag: By which Spark knows its jobs.
        on_progress: Called in the waiting thread, ten times a second.
        where: What Spark's own pages show of it.
    """

    def __init__(
        self, session: SparkSession, tag: str, on_progress: Callable[[Progress], None] | None = None, where: str = ""
    ) -> None:
        self.session = session
        self.tag = tag
        self._on_progress = on_progress
        self._where = where or "olo"
        self._pool = ThreadPoolExecutor(1, _THREAD)
        self._started = time.perf_counter()
        self._stages: tuple[int, int, int] | None = None
        self._operation = ""

    def run(self, call: Callable[[SparkSession], T]) -> T:
        """Run ``call`` on the statement's thread and wait for it.

        Raises:
            QueryCancelled: KeyboardInterrupt came while waiting; the jobs on Spark have ended.
            Exception: What ``call`` raised.
        """
        future = self._pool.submit(self._tagged, call)
        if self._on_progress is not None and not is_connect(self.session):
            threading.Thread(target=self._track, args=[future], name=_THREAD, daemon=True).start()
        try:
            with _plain_interrupt():
                while not future.done():
                    wait([future], TICK_SECONDS)  # timed: an interrupt just before an endless wait isn't noted
                    if self._on_progress is not None and not future.done():
                        self._on_progress(self._progress())
        except KeyboardInterrupt:
            self._stop(future)
            raise QueryCancelled("The query was cancelled.") from None
        except BaseException:
            self._stop(future)
            raise
        finally:
            if future.done():
                self._pool.shutdown(wait=False)
        return future.result()

    def _tagged(self, call: Callable[[SparkSession], T]) -> T:
        session = self.session
        _quiet()
        session.addTag(self.tag)
        handler: Any = None
        if is_connect(session):
            if self._on_progress is not None:
                handler = self._note
                session.registerProgressHandler(handler)
        else:
            # Its status tracker knows groups, not tags.
            session.sparkContext.setJobGroup(self.tag, self._where, interruptOnCancel=True)
        try:
            return call(session)
        finally:
            with contextlib.suppress(Exception):  # the way to Spark may be what has failed
                if handler is not None:
                    session.removeProgressHandler(handler)
                session.removeTag(self.tag)

    def _stop(self, future: Future[Any]) -> None:
        """Interrupt until the statement has ended: jobs may begin after the first call."""
        while not future.done():
            with contextlib.suppress(KeyboardInterrupt):  # impatience: it is being stopped already
                threading.Thread(target=self._interrupt, daemon=True).start()
                wait([future], _INTERRUPT_AGAIN_SECONDS)

    def _interrupt(self) -> None:
        with contextlib.suppress(Exception):  # asked again, until the statement has ended
            if is_connect(self.session):
                # A job that is about to begin may still begin (seen with 4.1.4); no client can end that one.
                self.session.interruptTag(self.tag)
            else:
                # Its tags are of one of the JVM's threads; what collects Arrow runs on another one, in the same group.
                context: Any = self.session.sparkContext
                context.cancelJobGroup(self.tag)
                context._jsc.sc().cancelJobGroupAndFutureJobs(self.tag)

    def _note(self, stages: Any, inflight_tasks: int, operation_id: str | None, done: bool) -> None:  # noqa: ARG002
        """What Spark Connect tells while an operation runs."""
        listed = list(stages or ())
        total = sum(stage.num_tasks for stage in listed)
        self._stages = (
            total,
            sum(stage.num_completed_tasks for stage in listed),
            sum(stage.num_bytes_read for stage in listed),
        )
        self._operation = operation_id or self._operation

    def _progress(self) -> Progress:
        seconds = time.perf_counter() - self._started
        found = self._stages
        if found is None or not found[0]:
            return Progress("planning", seconds=seconds, query_id=self._operation or self.tag)
        total, done, read = found
        return Progress(
            "running",
            min(done / total, 1.0),
            bytes=read or None,
            seconds=seconds,
            splits=total,
            splits_done=done,
            query_id=self._operation or self.tag,
        )

    def _track(self, future: Future[Any]) -> None:
        """Ask a classic session's status tracker, not from the waiting thread: an interrupt would break the call."""
        while not future.done():
            with contextlib.suppress(Exception):  # figures only
                self._stages = self._tracked()
            wait([future], 2 * TICK_SECONDS)

    def _tracked(self) -> tuple[int, int, int]:
        """Tasks in all, tasks done, 0."""
        tracker = self.session.sparkContext.statusTracker()
        total = done = 0
        for job in tracker.getJobIdsForGroup(self.tag):
            info = tracker.getJobInfo(job)
            for stage in info.stageIds if info is not None else ():
                known = tracker.getStageInfo(stage)
                if known is not None:
                    total += known.numTasks
                    done += known.numCompletedTasks
        return total, done, 0


@contextlib.contextmanager
def _plain_interrupt() -> Iterator[None]:
    """Ctrl-C as Python has it: a classic session puts in a handler that cancels all jobs, those of others too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if getattr(before, "__module__", "").startswith("pyspark"):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _quiet() -> None:
    """Keep pyspark from printing each error as JSON; it is raised, too. Statements of the user's own threads go on."""
    from pyspark.logger import PySparkLogger

    logger = PySparkLogger.getLogger("SQLQueryContextLogger")
    if not any(isinstance(each, _NotOurs) for each in logger.filters):
        logger.addFilter(_NotOurs())


class _NotOurs(logging.Filter):
    """Lets through what other threads log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.threadName or "").startswith(_THREAD)
