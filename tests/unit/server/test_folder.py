"""A folder of many files is looked at in parts; what comes, goes or is replaced is seen at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from olo_jupyter.server import folder as room
from olo_jupyter.server.folder import Folder

FILES, PART = 25, 10


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """25 files that nobody touched for a while; ten are read at a look."""
    monkeypatch.setattr(room, "PART", PART)
    for number in range(FILES):
        (tmp_path / f"job_{number:02}.yml").write_text("version: 1\n", encoding="utf-8")
    os.utime(tmp_path, (1, 1))
    return tmp_path


def _created(folder: Path) -> None:
    (folder / "new.yml").write_text("", encoding="utf-8")


def _removed(folder: Path) -> None:
    (folder / "job_24.yml").unlink()


def _replaced(folder: Path) -> None:
    (folder / "written.tmp").write_text("version: 2\n", encoding="utf-8")
    (folder / "written.tmp").replace(folder / "job_24.yml")


def _renamed(folder: Path) -> None:
    (folder / "job_03.yml").rename(folder / "job_99.yml")


@pytest.mark.parametrize("change", [_created, _removed, _replaced, _renamed])
def test_a_file_that_comes_goes_or_is_replaced_is_seen_at_the_next_look(
    jobs: Path, change: Callable[[Path], None]
) -> None:
    watched = Folder(jobs, ".yml")
    first = [watched.look() for _ in range(4)]
    assert len(set(first)) == 1
    change(jobs)
    assert watched.look() != first[0]


def test_a_file_that_is_written_in_place_is_seen_in_its_turn(jobs: Path) -> None:
    watched = Folder(jobs, ".yml")
    for number in (0, 11, 24):
        before = watched.look()
        with (jobs / f"job_{number:02}.yml").open("a", encoding="utf-8") as stream:
            stream.write("# edited\n")
        assert before != [watched.look() for _ in range(2 * -(-FILES // PART))][-1]


def test_an_idle_look_reads_no_more_than_its_part(jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Folder(jobs, ".yml")
    watched.look()
    asked: list[str] = []
    true = room.stamp

    def counted(path: Path | str) -> room.Stamp:
        asked.append(str(path))
        return true(path)

    monkeypatch.setattr(room, "stamp", counted)
    counts = []
    for _ in range(3):  # one round: every file once, and the folder each time
        watched.look()
        counts.append(len(asked))
    assert counts == [PART + 1, 2 * (PART + 1), FILES + 3]
    assert len(set(asked)) == FILES + 1


def test_two_changes_within_one_tick_of_the_file_system_are_both_seen(jobs: Path) -> None:
    watched = Folder(jobs, ".yml")
    _created(jobs)
    when = (jobs.stat().st_atime_ns, jobs.stat().st_mtime_ns)
    before = watched.look()
    (jobs / "another.yml").write_text("", encoding="utf-8")
    os.utime(jobs, ns=when)
    assert watched.look() != before


def test_two_folders_that_look_at_the_same_files_say_the_same(jobs: Path) -> None:
    assert Folder(jobs, ".yml").look() == Folder(jobs, ".yml").look()


def test_other_files_and_a_folder_that_is_not_there_yet(jobs: Path) -> None:
    watched = Folder(jobs / "later", ".yml")
    first = watched.look()
    assert watched.look() == first
    (jobs / "later").mkdir()
    (jobs / "later" / "notes.txt").write_text("", encoding="utf-8")
    assert watched.look() == first
    (jobs / "later" / "job.yml").write_text("", encoding="utf-8")
    assert watched.look() != first
