"""Child processes of tasks: own process group, output into a log file, a time limit, ended with their children."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE = 10.0
"""Seconds between asking a process group to end and killing it."""


class TimeLimitError(Exception):
    """The process ran longer than it may and was ended."""


class CancelledError(Exception):
    """The run was cancelled and the process ended."""


class ChildProcesses:
    """The processes of one run, so that all of them can be ended at once."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    def run(
        self, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], log: Path, timeout: float | None
    ) -> int:
        """Run to the end, output appended to ``log``.

        Args:
            timeout: Seconds; None for no limit.

        Returns:
            The exit code.

        Raises:
            TimeLimitError: Ended after ``timeout``.
            CancelledError: ``cancel`` was called.
        """
        with log.open("ab") as output:
            with self._lock:
                if self._cancelled.is_set():
                    raise CancelledError
                process = subprocess.Popen(
                    list(command),
                    cwd=cwd,
                    env=dict(environ),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._running.add(process)
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise TimeLimitError from error
            finally:
                with self._lock:
                    self._running.discard(process)
        if self._cancelled.is_set():
            raise CancelledError
        return code

    @property
    def cancelled(self) -> bool:
        """Whether the run was cancelled."""
        return self._cancelled.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep between two attempts; a cancel ends it at once."""
        self._cancelled.wait(seconds)

    def cancel(self) -> None:
        """End all processes of the run, and let no new one start."""
        self._cancelled.set()
        with self._lock:
            running = list(self._running)
        enders = [threading.Thread(target=_end, args=(process,)) for process in running]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the whole group, SIGKILL to what is left after the grace time."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue
        return
