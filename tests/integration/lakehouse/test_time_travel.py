"""Time travel in all its spellings, and what is said where there is nothing to travel to."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.types import LongType, NestedField

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import RefPin, SnapshotPin, TimestampPin
from olo_jupyter.lakehouse.session import Session

NAME = TableName("dev", "silver", "t")


@pytest.fixture
def history(session: Session, make: Callable[..., Table]) -> list[tuple[int, datetime]]:
    """A table with three snapshots (1, 2, 3 rows), a tag ``first`` and a branch ``audit``; ids and times of them."""
    table = make(pa.table({"a": [1]}))
    for value in (2, 3):
        time.sleep(0.01)
        table.append(pa.table({"a": [value]}))
    snapshots = [(s.snapshot_id, datetime.fromtimestamp(s.timestamp_ms / 1000, UTC)) for s in table.metadata.snapshots]
    table.manage_snapshots().create_tag(snapshots[0][0], "first").create_branch(snapshots[1][0], "audit").commit()
    return snapshots


def count(session: Session, suffix: str = "", **more: Any) -> int:
    (row,) = session.sql(f"SELECT count(*) FROM t {suffix}", **more).rows()
    return int(row[0])


def test_every_spelling(session: Session, history: list[tuple[int, datetime]]) -> None:
    (first, _), (second, at), _ = history
    assert count(session) == 3
    assert count(session, f"FOR VERSION AS OF {first}") == 1
    assert count(session, "FOR VERSION AS OF 'first'") == 1
    assert count(session, "FOR VERSION AS OF 'audit'") == 2
    assert count(session, "FOR VERSION AS OF :id", parameters={"id": second}) == 2
    text = f"{at:%Y-%m-%d %H:%M:%S.%f}"
    assert count(session, f"FOR TIMESTAMP AS OF TIMESTAMP '{text} UTC'") == 2
    assert count(session, f"FOR TIMESTAMP AS OF TIMESTAMP '{text}'") == 2
    assert count(session, "FOR TIMESTAMP AS OF :at", parameters={"at": at}) == 2
    before = at - timedelta(milliseconds=1)
    assert count(session, "FOR TIMESTAMP AS OF :at", parameters={"at": before}) == 1
    berlin = at.astimezone(tz=None) + timedelta(hours=1)
    assert count(session, f"FOR TIMESTAMP AS OF TIMESTAMP '{berlin:%Y-%m-%d %H:%M:%S.%f} +01:00'") == 2


def test_pins_of_the_session(session: Session, history: list[tuple[int, datetime]]) -> None:
    (first, _), (second, at), (third, _) = history
    assert count(session, as_of=RefPin("first")) == 1
    assert count(session, as_of=TimestampPin(at)) == 2
    session.pins[NAME] = second
    session.as_of = SnapshotPin(first)
    result = session.sql("SELECT count(*) FROM t")
    assert list(result.rows()) == [(2,)]
    assert dict(result.provenance.snapshots) == {"dev.silver.t": second}
    assert count(session, "FOR VERSION AS OF 'main'") == 3
    assert count(session, as_of=SnapshotPin(third)) == 3  # what the call says wins over the session


def test_two_snapshots_of_one_table(session: Session, history: list[tuple[int, datetime]]) -> None:
    (first, _), (second, _), (third, _) = history
    sql = "SELECT a FROM t EXCEPT SELECT a FROM t FOR VERSION AS OF {}"
    result = session.sql(sql.format(first))
    assert sorted(result.rows()) == [(2,), (3,)]
    assert dict(result.provenance.snapshots) == {"dev.silver.t": third, f"dev.silver.t@{first}": first}
    again = Session(session.settings, namespace="silver", pins={NAME: second})
    assert sorted(again.sql(sql.format(first)).rows()) == [(2,)]
    again.close()


def test_what_is_not_there_is_listed(session: Session, history: list[tuple[int, datetime]]) -> None:
    (first, at), *_ = history
    with pytest.raises(QueryError, match="no snapshot 4321") as unknown:
        count(session, "FOR VERSION AS OF 4321")
    assert unknown.value.code == "invalid-arguments"
    assert str(first) in unknown.value.hint and f"{at:%Y-%m-%d %H:%M}" in unknown.value.hint
    assert unknown.value.line == 1
    with pytest.raises(QueryError, match="no branch or tag 'frist'") as misspelt:
        count(session, "FOR VERSION AS OF 'frist'")
    assert misspelt.value.hint == "Did you mean first?"
    with pytest.raises(QueryError, match="no branch or tag 'zzz'") as other:
        count(session, "FOR VERSION AS OF 'zzz'")
    assert "audit (branch), first (tag), main (branch)" in other.value.hint
    with pytest.raises(QueryError, match="no snapshot at or before 2020-01-01 00:00:00") as early:
        count(session, "FOR TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00 UTC'")
    assert str(first) in early.value.hint


def test_table_without_snapshots(session: Session, make: Callable[..., Table]) -> None:
    make(Schema(NestedField(1, "a", LongType(), required=False)))
    result = session.sql("SELECT a FROM t")
    assert (len(result), dict(result.provenance.snapshots)) == (0, {})
    assert [str(field.type) for field in result.arrow.schema] == ["int64"]
    assert count(session) == 0
    with pytest.raises(QueryError, match="no snapshot at or before") as empty:
        count(session, as_of=TimestampPin(datetime.now(UTC)))
    assert "nothing was written" in empty.value.hint


def test_rolled_back_snapshot_still_counts_for_its_time(session: Session, history: list[tuple[int, datetime]]) -> None:
    (first, _), (_, at), _ = history
    session.catalogs.load(NAME).manage_snapshots().rollback_to_snapshot(first).commit()
    assert count(session) == 1
    assert count(session, as_of=TimestampPin(at)) == 2


def test_metadata_tables(session: Session, history: list[tuple[int, datetime]]) -> None:
    snapshots = list(session.sql('SELECT snapshot_id, parent_id, operation FROM "t$snapshots"').rows())
    ids = [snapshot_id for snapshot_id, _ in history]
    assert snapshots == [(ids[0], None, "append"), (ids[1], ids[0], "append"), (ids[2], ids[1], "append")]
    refs = session.sql('SELECT name, type, snapshot_id FROM "t$refs" ORDER BY name').rows()
    assert list(refs) == [("audit", "BRANCH", ids[1]), ("first", "TAG", ids[0]), ("main", "BRANCH", ids[2])]
    assert list(session.sql('SELECT count(*), sum(record_count) FROM "t$files"').rows()) == [(3, 3)]
    assert list(session.sql('SELECT count(*) FROM "t$files"', as_of=RefPin("first")).rows()) == [(1,)]
    assert list(session.sql('SELECT count(*) FROM "t$history" WHERE is_current_ancestor').rows()) == [(3,)]
    assert list(session.sql('SELECT sum(added_rows_count) FROM "t$manifests"').rows()) == [(3,)]
    (partition,) = session.sql('SELECT record_count, data.a.min, data.a.max FROM "t$partitions"').rows()
    assert partition == (3, 1, 3)
    with pytest.raises(QueryError, match=r'no metadata table "\$snapshot"') as misspelt:
        session.sql('SELECT * FROM "t$snapshot"')
    assert misspelt.value.hint == "Did you mean snapshots?"
