"""Child processes of tasks: own process group, output into a log file, a time limit, ended with their children."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_LONGEST_LINE = 65_536
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit that the system gives a process's memory in."""
_LAST_WORDS = 5.0
"""Seconds to read on after the process has ended."""
GRACE = 10.0
"""Seconds between asking a process group to end and killing it."""


class TimeLimitError(Exception):
    """The process ran longer than it may and was ended."""


class CancelledError(Exception):
    """The run was cancelled and the process ended."""


class _Measured(subprocess.Popen[bytes]):
    """A process whose use of the machine is known when it has ended, with that of all its children it waited for."""

    usage: resource.struct_rusage | None = None

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """As subprocess's own, by wait4."""
        try:
            pid, status, usage = os.wait4(self.pid, wait_flags)
        except ChildProcessError:  # somebody else has waited for it, as subprocess allows for
            return self.pid, 0
        if pid == self.pid:
            self.usage = usage
        return pid, status


class ChildProcesses:
    """The processes of one run, so that all of them can be ended at once."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        write: Callable[[str], object] | Path,
        timeout: float | None = None,
        hide: Sequence[str] = (),
        on_start: Callable[[int], object] | None = None,
        on_end: Callable[[float, int], object] | None = None,
    ) -> int:
        """Run to the end.

        Args:
            write: Takes each line of output, or the log file that output is appended to.
            timeout: Seconds; None for no limit.
            hide: Secrets: shown as *** where the output has them.
            on_start: Called with the process id, which is the group's too.
            on_end: Called with the CPU seconds and the most memory (bytes) that it used, however it ended.

        Returns:
            The exit code.

        Raises:
            TimeLimitError: Ended after ``timeout``.
            CancelledError: ``cancel`` was called.
        """
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(write.open("ab")) if isinstance(write, Path) else None
            direct = log is not None and not hide
            with self._lock:
                if self._cancelled.is_set():
                    raise CancelledError
                process = _Measured(
                    list(command),
                    cwd=cwd,
                    env=dict(environ),
                    stdin=subprocess.DEVNULL,
                    stdout=log if direct else subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._running.add(process)
            reader = None
            if process.stdout is not None:
                take = write if not isinstance(write, Path) else _append_to(log)
                reader = threading.Thread(target=_copy, args=(process.stdout, take, hide), daemon=True)
                reader.start()
            try:
                if on_start is not None:
                    on_start(process.pid)
                code = process.wait(timeout)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise TimeLimitError from error
            except BaseException:  # an interrupt, or Airflow's time limit, raised in this thread
                _end(process)
                raise
            finally:
                with self._lock:
                    self._running.discard(process)
                if on_end is not None and process.usage is not None:
                    used = process.usage
                    on_end(used.ru_utime + used.ru_stime, used.ru_maxrss * _RSS_UNIT)
                if reader is not None:
                    reader.join(_LAST_WORDS)  # a child that it left behind may hold the pipe open
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
        self.cancel_rest()

    def cancel_rest(self) -> None:
        """End what still runs."""
        with self._lock:
            running = list(self._running)
        enders = [threading.Thread(target=_end, args=(process,)) for process in running]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()


def _append_to(log: IO[bytes] | None) -> Callable[[str], object]:
    assert log is not None

    def append(line: str) -> None:
        log.write(line.encode() + b"\n")
        log.flush()

    return append


def _copy(stream: IO[bytes], write: Callable[[str], object], hide: Sequence[str]) -> None:
    """Hand on what a process prints, a line at a time; a line without end in parts."""
    with contextlib.suppress(ValueError):  # the log was closed: the process is over, a child of its still prints
        while line := stream.readline(_LONGEST_LINE):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            for secret in hide:
                text = text.replace(secret, "***")
            write(text)


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the whole group; after the grace time, or when its first process is gone, SIGKILL to what is left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


def identity(pid: int) -> str:
    """A process as ``pid/start``, so that a reused pid is not taken for it; '' when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return ""
    else:
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] == "Z" else f"{pid}/{fields[19]}"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return f"{pid}/?"
    return f"{pid}/?"


def end_group(told: str) -> None:
    """Kill the process group that ``identity`` named, where it is still there: what a killed runner left behind."""
    pid = int(told.partition("/")[0] or 0)
    if pid > 1 and identity(pid) == told:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def end_marked(variable: str, value: str) -> None:
    """Kill every process of ours whose environment says ``variable=value``, where the system shows environments.

    So even a process is found that was started a moment before its starter was killed, or that left its group.
    """
    wanted = f"{variable}={value}".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found = wanted in path.read_bytes().split(b"\0")
        except OSError:
            continue  # gone, or somebody else's
        if found and int(path.parent.name) != os.getpid():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(path.parent.name), signal.SIGKILL)
