"""One started program: a process group of its own, a log file, a wait for health, an end that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


class ServiceError(Exception):
    """A service can't be installed or started; the message carries the end of its log."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_GUARD = 'read -r _; kill -TERM "-$1" || exit 0; sleep 10; kill -KILL "-$1"'
"""Waits until nobody can write to it any more, then ends a process group."""


class Process:
    """A program in a process group of its own, which ends with us: also where we are killed, as a worker of pytest is.

    Args:
        command: Program and arguments.
        log: File that takes its output.
        environ: Variables to set over this process's own.
        cwd: Folder to start it in.
    """

    def __init__(
        self, command: Sequence[str], log: Path, *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.log = log
        self._command, self._environ, self._cwd = list(command), {**os.environ, **(environ or {})}, cwd
        self._start()

    def _start(self) -> None:
        with self.log.open("ab") as output:
            self._popen = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environ,
                cwd=self._cwd,
                start_new_session=True,
            )
        command = ["sh", "-c", _GUARD, "guard", str(self.pid)]
        # No other child has our end of the pipe: Python closes it in each.
        self._guard = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def pid(self) -> int:
        """The process id, which is its group's too."""
        return self._popen.pid

    def wait_until(self, healthy: Callable[[], bool], seconds: float, name: str) -> None:
        """Return when ``healthy()`` is true; stop the program and raise when it ends or the time is up.

        Raises:
            ServiceError: With the end of the log.
        """
        end = time.monotonic() + seconds
        while not healthy():
            code = self._popen.poll()
            if code is not None or time.monotonic() > end:
                self.stop()
                why = f"ended with exit code {code}" if code is not None else f"was not ready after {seconds:.0f} s"
                raise ServiceError(f"{name} {why}. The end of {self.log}:\n{tail(self.log)}")
            time.sleep(0.2)

    def stop(self, seconds: float = 20, *, first: signal.Signals = signal.SIGTERM) -> int:
        """End the whole group: ``first``, then SIGKILL after ``seconds``; the exit code. Safe to call twice."""
        self._signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)
        self.kill()
        return self._popen.wait()

    def kill(self) -> None:
        """End the whole group at once, as a machine does that fails."""
        self._signal(signal.SIGKILL)
        self._popen.wait()
        self._guard.kill()
        self._guard.communicate()

    def again(self) -> None:
        """Start the program that has ended once more."""
        self._start()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return


def finished(command: Sequence[str], cwd: Path, environ: Mapping[str, str] | None = None) -> str:
    """Run a program to its end; what it printed.

    Raises:
        ServiceError: It failed; with the end of what it said.
    """
    done = subprocess.run(
        list(command), cwd=cwd, env={**os.environ, **(environ or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = " ".join(command[-3:])
        raise ServiceError(f"{Path(command[0]).name} … {words} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def tail(log: Path, lines: int = 40) -> str:
    """The last ``lines`` of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def until(look: Callable[[], Any], seconds: float = 120) -> Any:
    """What ``look`` gives once that is something; an AssertionError after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.5)
    return found


def http_answers(url: str, accept: Callable[[bytes], bool] = lambda body: True) -> Callable[[], bool]:
    """A health check: a GET of ``url`` gives 2xx and ``accept(body)`` holds."""

    def healthy() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                return accept(response.read())
        except (urllib.error.URLError, OSError):
            return False

    return healthy


def port_answers(port: int) -> Callable[[], bool]:
    """A probe: whether something listens on a port of loopback."""

    def healthy() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
        return False

    return healthy
