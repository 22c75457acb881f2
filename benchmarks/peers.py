"""Engines to be compared, each in a process of its own: it gets statements on its standard input, one JSON a line."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.services.cache import installed

_HERE = Path(__file__).parent
_EXTENSION_PACKAGES = ("duckdb==1.5.5", "duckdb-extension-iceberg==1.5.5", "duckdb-extension-avro==1.5.5", "pyarrow")


class PeerError(Exception):
    """The engine failed: its own words."""


class Peer:
    """An engine's process.

    Args:
        command: Program and arguments; it answers each line with a line.
        work: Working directory, None for this process's.
    """

    def __init__(self, command: Sequence[str | Path], work: Path | None = None) -> None:
        self._process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=work
        )

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and wait for the answer.

        Raises:
            PeerError: The engine couldn't do it.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the engine's process has ended"}
        if "error" in answer:
            raise PeerError(f"{answer['error']} ({str(request.get('sql', ''))[:80]})")
        return answer

    def run(self, sql: str) -> dict[str, Any]:
        """Run a statement: ``seconds`` that it took there, ``rows`` that it gave, ``peak`` memory so far in bytes."""
        return self.ask({"sql": sql})

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def ours(settings: str, namespace: str) -> Peer:
    """This product: ``settings`` as JSON, names counted from ``namespace``."""
    return Peer([sys.executable, "-m", "benchmarks.ours_peer", settings, namespace], _HERE.parent)


def duckdb(views: Mapping[str, str], threads: int) -> Peer:
    """DuckDB as this product has it, with views over plain files."""
    return Peer([sys.executable, _HERE / "duckdb_peer.py", json.dumps({"views": dict(views), "threads": threads})])


def iceberg_extension(tables: Mapping[str, str], threads: int) -> Peer:
    """DuckDB 1.5.5 with its own iceberg extension, in an environment of its own.

    Args:
        tables: Location of the current metadata file, by table.
    """
    environment = installed("duckdb-iceberg-1.5.5", " ".join(_EXTENSION_PACKAGES), _install)
    views = {name: f"SELECT * FROM iceberg_scan('{location}')" for name, location in tables.items()}
    task = {"views": views, "threads": threads, "extensions": ["avro", "iceberg"]}
    return Peer([environment / "bin" / "python", _HERE / "duckdb_peer.py", json.dumps(task)])


def _install(target: Path) -> None:
    venv.create(target, with_pip=True)
    python = str(target / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *_EXTENSION_PACKAGES], check=True)
