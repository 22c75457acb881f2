"""Back up and restore: while others write, whole or not at all, with every checksum."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from olo_jupyter.backup import BackupError, back_up, restore


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    (folder / "runs" / "1").mkdir(parents=True)
    (folder / "runs" / "1" / "task.log").write_text("done\n")
    (folder / "worktrees" / "x").mkdir(parents=True)
    (folder / "worktrees" / "x" / "big").write_text("made again")
    with closing(sqlite3.connect(folder / "runs.db")) as store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE runs (id)")
        store.execute("INSERT INTO runs VALUES (1)")
        store.commit()
    return folder


def rows(state: Path) -> list[tuple[int]]:
    with closing(sqlite3.connect(state / "runs.db")) as store:
        return store.execute("SELECT id FROM runs").fetchall()


def test_what_was_backed_up_is_put_back_while_a_writer_has_the_file_open(state: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(state / "runs.db")) as writer:
        writer.execute("INSERT INTO runs VALUES (2)")
        writer.commit()
        writer.execute("INSERT INTO runs VALUES (3)")  # not committed: it isn't in the backup
        back_up(state, tmp_path / "b.tar.gz")
    made, kept = restore(tmp_path / "b.tar.gz", tmp_path / "new" / "state")
    assert (made.files, kept) == (2, None)
    assert rows(tmp_path / "new" / "state") == [(1,), (2,)]
    assert (tmp_path / "new" / "state" / "runs" / "1" / "task.log").read_text() == "done\n"
    assert not (tmp_path / "new" / "state" / "worktrees").exists()
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0


def test_records_that_are_there_are_never_lost(state: Path, tmp_path: Path) -> None:
    back_up(state, tmp_path / "b.tar.gz")
    with closing(sqlite3.connect(state / "runs.db")) as store:
        store.execute("INSERT INTO runs VALUES (9)")
        store.commit()
    with pytest.raises(BackupError) as refused:
        restore(tmp_path / "b.tar.gz", state)
    assert refused.value.code == "state-exists"
    assert rows(state) == [(1,), (9,)]
    _, kept = restore(tmp_path / "b.tar.gz", state, force=True)
    assert kept is not None
    assert (rows(state), rows(kept)) == ([(1,)], [(1,), (9,)])


@pytest.mark.parametrize("damage", ["cut", "changed", "added", "no archive", "outside"])
def test_a_damaged_archive_changes_nothing(state: Path, tmp_path: Path, damage: str) -> None:
    archive, place = tmp_path / "b.tar.gz", tmp_path / "restored"
    back_up(state, archive)
    if damage == "cut":
        archive.write_bytes(archive.read_bytes()[:-200])
    elif damage == "no archive":
        archive.write_text("hello")
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(tmp_path / "open", filter="data")
        (tmp_path / "open" / "files" / ("more" if damage == "added" else "runs/1/task.log")).write_text("other\n")
        name = "../../outside" if damage == "outside" else "files"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(tmp_path / "open" / "manifest.json", "manifest.json")
            tar.add(tmp_path / "open" / "files", name)
    with pytest.raises(BackupError):
        restore(archive, place)
    assert not place.exists()
    assert not (tmp_path / "outside").exists()


def test_an_empty_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no state folder"):
        back_up(tmp_path / "none", tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="missing"):
        restore(tmp_path / "none.tar.gz", tmp_path / "state")
