"""SQLite files that several processes open at once."""

from __future__ import annotations

import sqlite3
import time

_PAUSE = 0.01


def write_ahead(connection: sqlite3.Connection) -> None:
    """Let a file's readers and its writer work at the same time: its write-ahead log.

    Two that make the same new file at once would fail with "database is locked": SQLite doesn't wait when one
    connection changes the journal's mode while another has the file open, whatever its timeout. So this waits, as long
    as that timeout says. A killed process loses nothing; only a machine that loses power may lose the last moments.

    Source: https://www.sqlite.org/wal.html, "Sometimes queries return SQLITE_BUSY in WAL mode".

    Raises:
        sqlite3.Error: The file can't be written, or stays locked.
    """
    (wait,) = connection.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + wait / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
    connection.execute("PRAGMA synchronous=NORMAL")
