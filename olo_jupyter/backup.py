"""A backup of a project's state folder, and its restore: all of it or nothing, every file by its checksum."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from olo_jupyter.errors import OloError

MANIFEST = "manifest.json"
_VERSION = 1
_PASSING = frozenset({"worktrees", "branches", "locks", "dbt-parse", "dbt-parse.json", "verify"})
"""What commands make while they run, or can make again."""
_SQLITE = b"SQLite format 3\0"
_LOGS_OF_SQLITE = ("-wal", "-shm", "-journal")


class BackupError(OloError):
    """A backup that can't be made or put back; nothing was changed."""

    default_code = "backup"


@dataclass(frozen=True)
class Made:
    """What an archive holds."""

    archive: str
    files: int
    bytes: int


def back_up(state: Path, archive: Path) -> Made:
    """Write everything of a state folder that can't be made again into an archive (tar, gzip).

    Databases are copied by SQLite's own backup, so each is whole although others write to it meanwhile.

    Args:
        archive: Appears only when it is complete; one that is there is replaced then.

    Raises:
        BackupError: There is no state, or the archive can't be written.
    """
    if not state.is_dir():
        raise BackupError(f"There is no state folder {state} yet.", hint="It is made by the first query or run.")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".olo-backup-", dir=archive.parent) as scratch:
            copies, files = Path(scratch) / "files", []
            for path in _kept(state):
                copy = copies / path.relative_to(state)
                copy.parent.mkdir(parents=True, exist_ok=True)
                _copy(path, copy)
                files.append(copy)
            listed = {file.relative_to(copies).as_posix(): _told(file) for file in files}
            manifest = Path(scratch) / MANIFEST
            text = {"version": _VERSION, "made": datetime.now(UTC).isoformat(timespec="seconds"), "files": listed}
            manifest.write_text(json.dumps(text, indent=1), encoding="utf-8")
            draft = Path(scratch) / "archive"
            with tarfile.open(draft, "w:gz") as tar:
                tar.add(manifest, MANIFEST)
                for file in files:
                    tar.add(file, f"files/{file.relative_to(copies).as_posix()}")
            draft.chmod(0o600)
            draft.replace(archive)
    except OSError as error:
        raise BackupError(
            f"{archive} can't be written: {error.strerror}.", hint="Is there room on the disk?"
        ) from error
    return Made(str(archive), len(listed), sum(int(one["bytes"]) for one in listed.values()))


def restore(archive: Path, state: Path, *, force: bool = False) -> tuple[Made, Path | None]:
    """Put a backup back as a state folder.

    Args:
        force: Also where ``state`` has records: that folder is then kept beside it.

    Returns:
        What was put back, and where the old folder is now.

    Raises:
        BackupError: The archive is damaged or no backup, or ``state`` has records and ``force`` isn't given.
    """
    if not force and state.is_dir() and any(_kept(state)):
        hint = "--force puts the backup there and keeps the old folder beside it."
        raise BackupError(f"{state} has records of its own.", code="state-exists", hint=hint)
    state.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".olo-restore-", dir=state.parent) as scratch:
        made = _unpacked(archive, Path(scratch))
        kept = None
        if state.exists():
            kept = state.with_name(f"{state.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
            state.rename(kept)
        (Path(scratch) / "files").rename(state)
    return made, kept


def _unpacked(archive: Path, scratch: Path) -> Made:
    """Unpack into ``scratch``/files, every file as the manifest tells it."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(scratch, filter="data")
        manifest = json.loads((scratch / MANIFEST).read_text(encoding="utf-8"))
        listed = manifest["files"]
        version = manifest["version"]
    except FileNotFoundError as error:
        missing = archive if not archive.exists() else MANIFEST
        raise BackupError(f"{missing} is missing.", hint="Name an archive that olo backup made.") from error
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{archive} is damaged, or no backup: {error}.", hint="Nothing was changed.") from error
    if version != _VERSION:
        raise BackupError(f"{archive} was made by a later version (format {version}).", hint="Upgrade first.")
    files = scratch / "files"
    files.mkdir(exist_ok=True)
    there = {path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file()}
    wrong = [name for name, told in listed.items() if name not in there or _told(files / PurePosixPath(name)) != told]
    wrong += sorted(there - set(listed))
    if wrong:
        raise BackupError(f"{archive} is damaged at {', '.join(wrong[:3])}.", hint="Nothing was changed.")
    return Made(str(archive), len(listed), sum(int(one["bytes"]) for one in listed.values()))


def _kept(state: Path) -> list[Path]:
    """The files that a backup holds, sorted."""
    passing = tuple(f".db{end}" for end in _LOGS_OF_SQLITE)
    return [
        path
        for path in sorted(state.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path.relative_to(state).parts[0] not in _PASSING
        and not path.name.endswith(passing)
    ]


def _copy(path: Path, copy: Path) -> None:
    with path.open("rb") as stream:
        database = stream.read(len(_SQLITE)) == _SQLITE
    if not database:
        shutil.copyfile(path, copy)
        return
    try:
        with closing(sqlite3.connect(path, timeout=60)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise BackupError(f"{path} can't be copied: {error}.", hint="Is it damaged?") from error


def _told(file: Path) -> dict[str, str | int]:
    with file.open("rb") as stream:
        return {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "bytes": file.stat().st_size}
