"""SQLite files that several open at once."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from olo_jupyter.sqlite import write_ahead


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A new file without a write-ahead log, as one process leaves it for a moment."""
    path = tmp_path / "runs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE runs (id TEXT)")
    return path


def test_a_new_file_that_another_one_makes_is_waited_for(held: Path) -> None:
    with closing(sqlite3.connect(held, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        release = threading.Timer(0.4, other.execute, ["COMMIT"])
        release.start()
        with closing(sqlite3.connect(held, timeout=30)) as connection:
            write_ahead(connection)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        release.join()
        assert time.monotonic() - begun >= 0.4


def test_a_file_that_stays_locked_is_told_after_its_timeout(held: Path) -> None:
    with closing(sqlite3.connect(held, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            closing(sqlite3.connect(held, timeout=0.2)) as connection,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            write_ahead(connection)


def test_many_that_make_a_file_at_once(tmp_path: Path) -> None:
    failed: list[str] = []

    def opens(path: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
                write_ahead(connection)
                connection.execute("CREATE TABLE IF NOT EXISTS runs (id TEXT)")
        except sqlite3.Error as error:
            failed.append(str(error))

    for turn in range(40):  # without waiting, one in fifty fails
        start = threading.Barrier(6)
        threads = [threading.Thread(target=opens, args=(tmp_path / f"{turn}.db", start)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
