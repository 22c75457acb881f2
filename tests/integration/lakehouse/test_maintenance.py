"""Looking after tables: what goes, what must stay, and that the rows are the same."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.manifest import DataFileContent

from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.fingerprint import fingerprint
from olo_jupyter.lakehouse.maintenance import compact as compacting
from olo_jupyter.lakehouse.maintenance.compact import compact
from olo_jupyter.lakehouse.maintenance.expire import expirable, expire_snapshots
from olo_jupyter.lakehouse.maintenance.orphans import remove_orphans
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session
from tests.delete_files import commit_deletes, keyed

T = TableName("dev", "silver", "t")
NOW = timedelta(0)
MONTH = timedelta(days=30)


def engine(session: Session) -> EmbeddedEngine:
    found = session.engine("embedded")
    assert isinstance(found, EmbeddedEngine)
    return found


def rows(session: Session, sql: str = "SELECT * FROM t") -> str:
    return fingerprint(session.sql(sql).arrow)


def snapshots(session: Session, name: TableName = T) -> list[int]:
    return [snapshot.snapshot_id for snapshot in session.catalogs.load(name).snapshots()]


def ago(age: timedelta) -> datetime:
    return datetime.now(UTC) - age


def files(session: Session, name: TableName = T) -> list[Path]:
    folder = Path(session.catalogs.load(name).location().removeprefix("file://"))
    return sorted(path for path in folder.rglob("*") if path.is_file())


def aged(path: Path, age: timedelta = MONTH) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left by a killed write") if not path.exists() else None
    os.utime(path, times=(time.time() - age.total_seconds(),) * 2)
    return path


@pytest.fixture
def lake(session: Session) -> Iterator[Session]:
    """A partitioned, sorted table of five small files in four snapshots, one of them deleted from."""
    session.sql("CREATE TABLE t (n bigint, v varchar) WITH (partitioning = ARRAY['v'], sorted_by = ARRAY['n DESC'])")
    session.sql("INSERT INTO t VALUES (1, 'a'), (5, 'a'), (2, 'b')")
    session.sql("INSERT INTO t VALUES (3, 'a'), (NULL, 'b')")
    session.sql("INSERT INTO t VALUES (4, 'a')")
    yield session


def test_compaction_is_one_snapshot_with_the_same_rows_in_fewer_files_in_order(lake: Session) -> None:
    before = rows(lake)
    told = compact(engine(lake), T, dry_run=True)
    assert (told.files_before, told.files_after, told.snapshot_id) == (5, 2, None) and len(snapshots(lake)) == 4
    done = compact(engine(lake), T)
    assert (done.files_before, done.files_after, done.rows) == (5, 2, 6)
    assert rows(lake) == before
    head = lake.catalogs.load(T).current_snapshot()
    assert head is not None and head.summary is not None and head.summary.operation.value == "replace"
    assert head.snapshot_id == done.snapshot_id and head.summary["total-data-files"] == "2"
    assert list(lake.sql("SELECT n FROM t WHERE v = 'a'").rows()) == [(5,), (4,), (3,), (1,)]
    assert compact(engine(lake), T).files_before == 0  # a second run finds nothing to do
    for snapshot in snapshots(lake):  # the past is as it was
        lake.sql(f"SELECT * FROM t FOR VERSION AS OF {snapshot}")


def test_deleted_rows_go_with_their_delete_files(session: Session, tmp_path: Path) -> None:
    name = TableName("dev", "silver", "p")
    session.sql("CREATE TABLE p AS SELECT n FROM UNNEST(sequence(1, 10)) AS u (n)")
    table = session.catalogs.load(name)
    (file,) = (task.file.file_path for task in table.scan().plan_files())
    positions = pa.table({"file_path": [file, file], "pos": pa.array([1, 3], pa.int64())})
    commit_deletes(table, positions, DataFileContent.POSITION_DELETES, tmp_path)
    commit_deletes(table.refresh(), keyed(pa.table({"n": [9]}), n=1), DataFileContent.EQUALITY_DELETES, tmp_path, [1])
    before = rows(session, "SELECT * FROM p")
    done = compact(engine(session), name)
    assert (done.files_before, done.delete_files, done.rows) == (1, 2, 7)
    assert rows(session, "SELECT * FROM p") == before
    assert sorted(session.sql("SELECT n FROM p").rows()) == [(n,) for n in (1, 3, 5, 6, 7, 8, 10)]
    head = session.catalogs.load(name).current_snapshot()
    assert head is not None and head.summary is not None and head.summary["total-delete-files"] == "0"
    assert not any(
        manifest.content.value == 1 and manifest.has_existing_files() for manifest in head.manifests(table.io)
    )
    assert compact(engine(session), name).files_before == 0


def test_a_compaction_that_loses_the_race_runs_again_and_one_with_other_rows_is_never_committed(
    lake: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(lake)
    real = compacting._commit
    turns: list[int] = []

    def late(*arguments: Any) -> int:
        if not turns:
            lake.sql("INSERT INTO t VALUES (7, 'c')")
        turns.append(1)
        return real(*arguments)

    monkeypatch.setattr(compacting, "_commit", late)
    compact(engine(lake), T)
    assert len(turns) == 2 and list(lake.sql("SELECT n FROM t WHERE v = 'c'").rows()) == [(7,)]
    assert rows(lake, "SELECT * FROM t WHERE v <> 'c'") == before
    monkeypatch.undo()
    lake.sql("INSERT INTO t VALUES (8, 'c')")
    there, held = snapshots(lake), set(files(lake))
    prints = iter(["m1:read", "m1:written"])
    monkeypatch.setattr(compacting, "fingerprint", lambda _: next(prints))
    with pytest.raises(QueryError) as refused:
        compact(engine(lake), T)
    assert refused.value.code == "compaction-mismatch"
    assert snapshots(lake) == there and set(files(lake)) == held


def test_expired_snapshots_go_with_the_files_that_nobody_needs_any_more(lake: Session) -> None:
    first, second, third, fourth = snapshots(lake)
    tagged = lake.catalogs.load(T)
    tagged.manage_snapshots().create_tag(second, "kept").commit()
    before, was = rows(lake), rows(lake, "SELECT * FROM t FOR VERSION AS OF 'kept'")
    compact(engine(lake), T)
    told = expire_snapshots(lake.catalogs, T, ago(NOW), dry_run=True)
    assert set(told.snapshots) == {first, third, fourth} and told.files.count > 0 and len(snapshots(lake)) == 5
    held = files(lake)
    done = expire_snapshots(lake.catalogs, T, ago(NOW))
    assert (done.snapshots, done.files.count, done.files.left) == (told.snapshots, told.files.count, ())
    assert len(held) - len(files(lake)) == done.files.count - 1  # and one metadata file came
    assert rows(lake) == before and rows(lake, "SELECT * FROM t FOR VERSION AS OF 'kept'") == was
    assert expire_snapshots(lake.catalogs, T, ago(NOW)).snapshots == ()
    moment = tagged.metadata.snapshot_by_id(third)
    assert moment is not None  # between the tag and the head there is a gap: no answer, never the tagged rows
    with pytest.raises(QueryError):
        at = datetime.fromtimestamp(moment.timestamp_ms / 1000, UTC)
        lake.sql(f"SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '{at:%Y-%m-%d %H:%M:%S.%f} UTC'")


def test_retention_of_branches_and_tags(lake: Session) -> None:
    first, second, third, _ = snapshots(lake)
    table = lake.catalogs.load(T)
    week = 7 * 24 * 3600 * 1000
    with table.manage_snapshots() as refs:
        refs.create_tag(first, "short", max_ref_age_ms=1).create_branch(second, "line", min_snapshots_to_keep=2)
        refs.create_branch(third, "young", max_snapshot_age_ms=week)
    metadata = lake.catalogs.load(T).metadata
    now = round(time.time() * 1000)
    found = expirable(metadata, now + 1, None, now)
    assert found.refs == ("short",) and found.snapshots == ()  # line keeps two, young all of its week
    later = expirable(metadata, now + 2 * week, None, now + 2 * week)
    assert later.snapshots == ()
    table.manage_snapshots().remove_branch("line").commit()
    later = expirable(lake.catalogs.load(T).metadata, now + 2 * week, None, now + 2 * week)
    assert set(later.snapshots) == {first, second}
    assert set(expirable(lake.catalogs.load(T).metadata, now + 2 * week, 2, now + 2 * week).snapshots) == {first}
    assert expirable(metadata, now - week, None, now).snapshots == ()
    lake.sql("ALTER TABLE t SET PROPERTIES extra_properties = MAP(ARRAY['gc.enabled'], ARRAY['false'])")
    for work in (lambda: expire_snapshots(lake.catalogs, T, ago(NOW)), lambda: remove_orphans(lake.catalogs, T)):
        with pytest.raises(QueryError) as refused:
            work()
        assert refused.value.code == "gc-disabled"


def test_a_kill_between_commit_and_delete_leaves_orphans_that_a_later_run_takes(
    lake: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(lake)
    compact(engine(lake), T)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("olo_jupyter.lakehouse.maintenance.expire.delete_files", killed)
        with pytest.raises(KeyboardInterrupt):
            expire_snapshots(lake.catalogs, T, ago(NOW))
    assert len(snapshots(lake)) == 1 and rows(lake) == before
    for path in files(lake):
        aged(path)
    done = remove_orphans(lake.catalogs, T)
    assert done.files.count >= 5 and rows(lake) == before
    assert remove_orphans(lake.catalogs, T).files.count == 0


def test_orphans_are_old_files_of_nobody(lake: Session) -> None:
    folder = Path(lake.catalogs.load(T).location().removeprefix("file://"))
    written = str(folder).replace("'", "''")
    lake.sql("CREATE VIEW v AS SELECT 1 AS a")
    lake.sql(f"CREATE TABLE inner_one (a integer) WITH (location = 'file://{written}/inner')")
    lake.sql("INSERT INTO inner_one VALUES 1")
    lake.sql(f"CREATE TABLE same_place (a integer) WITH (location = 'file:{written}')")
    lake.sql("INSERT INTO same_place VALUES 2")
    lost = [aged(folder / "data" / "lost.parquet"), aged(folder / "metadata" / "lost.metadata.json")]
    of_inner = aged(folder / "inner" / "data" / "its-own.parquet")
    young = aged(folder / "data" / "young.parquet", timedelta(hours=1))
    for path in files(lake):
        if path != young:
            aged(path)
    told = remove_orphans(lake.catalogs, T, dry_run=True)
    assert {Path(path.removeprefix("file://")) for path in told.paths} == set(lost) and told.young == 1
    assert all(path.exists() for path in lost)
    done = remove_orphans(lake.catalogs, T)
    assert done.paths == told.paths and not any(path.exists() for path in lost)
    assert young.exists() and of_inner.exists()
    for table in ("t", "inner_one", "same_place", "v"):
        lake.sql(f"SELECT * FROM {table}")


def test_a_neighbour_that_cant_be_read_stops_the_work(lake: Session) -> None:
    lake.sql("CREATE TABLE broken (a integer)")
    Path(lake.catalogs.load(TableName("dev", "silver", "broken")).metadata_location.removeprefix("file://")).unlink()
    folder = Path(lake.catalogs.load(T).location().removeprefix("file://"))
    lost = aged(folder / "data" / "lost.parquet")
    with pytest.raises(QueryError, match="broken") as refused:
        remove_orphans(lake.catalogs, T)
    assert refused.value.code == "iceberg-missing-metadata" and lost.exists()
    lake.sql("DROP TABLE broken")
    assert remove_orphans(lake.catalogs, T).files.count == 1


def test_table_procedures_have_trinos_answers_and_guard_rails(lake: Session) -> None:
    assert list(lake.sql("ALTER TABLE t EXECUTE optimize").rows()) == [
        ("rewritten_data_files_count", 5),
        ("removed_delete_files_count", 0),
        ("added_data_files_count", 2),
    ]
    assert list(lake.sql("ALTER TABLE t EXECUTE expire_snapshots(retention_threshold => '7d')").rows()) == []
    metrics = dict(lake.sql("ALTER TABLE t EXECUTE remove_orphan_files").rows())
    assert metrics["active_files_count"] == metrics["scanned_files_count"] and metrics["deleted_files_count"] == 0
    for procedure in ("expire_snapshots", "remove_orphan_files"):
        with pytest.raises(QueryError, match="shorter than the minimum") as refused:
            lake.sql(f"ALTER TABLE t EXECUTE {procedure}(retention_threshold => '1d')")
        assert refused.value.code == "invalid-procedure-argument" and "olo maintain" in refused.value.hint
    first = snapshots(lake)[1]
    lake.sql(f"ALTER TABLE t EXECUTE rollback_to_snapshot({first})")
    assert list(lake.sql("SELECT count(*) FROM t").rows()) == [(3,)]
    with pytest.raises(QueryError, match="unknown snapshot"):
        lake.sql("ALTER TABLE t EXECUTE rollback_to_snapshot(1)")
