"""Snapshots: both strategies, hard deletes, keys of several columns, names of one's own."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.basic.test_snapshot_check_cols import BaseSnapshotCheckCols
from dbt.tests.adapter.basic.test_snapshot_timestamp import BaseSnapshotTimestamp
from dbt.tests.adapter.simple_snapshot.test_snapshot import BaseSimpleSnapshot, BaseSnapshotCheck
from dbt.tests.util import run_dbt

full = pytest.mark.full


@full
class TestCheckCols(BaseSnapshotCheckCols):
    pass


@full
class TestTimestamp(BaseSnapshotTimestamp):
    pass


@full
class TestSimpleSnapshot(BaseSimpleSnapshot):
    """The base class, with intervals and columns as Trino writes them."""

    def update_fact_records(self, updates: dict[str, str], where: str | None = None) -> None:
        trino = {name: text.replace("interval '1 day'", "interval '1' day") for name, text in updates.items()}
        super().update_fact_records(trino, where)

    def add_fact_column(self, column: str | None = None, definition: str | None = None) -> None:
        super().add_fact_column(column, (definition or "").replace(" default null", ""))


@full
class TestSnapshotCheck(BaseSnapshotCheck):
    def update_fact_records(self, updates: dict[str, str], where: str | None = None) -> None:
        trino = {name: text.replace("left(", "substring(").replace(", 3)", ", 1, 3)") for name, text in updates.items()}
        super().update_fact_records(trino, where)


SNAPSHOTS = """
snapshots:
  - name: by_time
    relation: ref('people')
    config: {strategy: timestamp, unique_key: id, updated_at: updated_at, hard_deletes: new_record}
  - name: by_value
    relation: ref('people')
    config: {strategy: check, unique_key: id, check_cols: [name], hard_deletes: invalidate}
  - name: by_two_keys
    relation: ref('people')
    config:
      strategy: check
      unique_key: [id, country]
      check_cols: all
      dbt_valid_to_current: "timestamp '9999-12-31 00:00:00'"
      snapshot_meta_column_names: {dbt_valid_from: since, dbt_valid_to: until, dbt_scd_id: row_id}
  - name: ignoring
    relation: ref('people')
    config: {strategy: timestamp, unique_key: id, updated_at: updated_at}
"""
PEOPLE = """
{{ config(materialized='table') }}
select * from (values
    (1, 'at', 'Ada', timestamp '2026-01-01 00:00:00.123456'),
    {% if var('day') > 1 %} (2, 'ch', 'Beat', timestamp '2026-01-02 00:00:00'), {% endif %}
    {% if var('day') == 1 %}
    (2, 'ch', 'Bea', timestamp '2026-01-01 00:00:00'), (3, 'de', 'Cy', timestamp '2026-01-01 00:00:00')
    {% else %}
    (4, 'de', 'Dan', timestamp '2026-01-02 00:00:00')
    {% endif %}
) as people (id, country, name, updated_at)
"""


class TestEveryKindInOneProject:
    """One changed, one deleted, one new, one as it was, under each setting; the third run changes nothing."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"people.sql": PEOPLE, "snapshots.yml": SNAPSHOTS}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any) -> None:
        for day in (1, 2, 2):
            run_dbt(["build", "--vars", f"day: {day}"])

    def rows(self, project: Any, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in project.run_sql(sql.format(schema=project.test_schema), fetch="all")]

    def test_new_record(self, project: Any) -> None:
        found = self.rows(
            project,
            """select id, name, cast(dbt_valid_from as varchar), dbt_valid_to is null, dbt_is_deleted
               from {schema}.by_time order by id, dbt_valid_from""",
        )
        assert [row for row in found if row[0] != 3] == [
            (1, "Ada", "2026-01-01 00:00:00.123456", True, "False"),
            (2, "Bea", "2026-01-01 00:00:00.000000", False, "False"),
            (2, "Beat", "2026-01-02 00:00:00.000000", True, "False"),
            (4, "Dan", "2026-01-02 00:00:00.000000", True, "False"),
        ]
        assert [row[3:] for row in found if row[0] == 3] == [(False, "False"), (True, "True")]

    def test_invalidate(self, project: Any) -> None:
        found = self.rows(project, "select id, name, dbt_valid_to is null from {schema}.by_value order by 1, 2")
        assert found == [(1, "Ada", True), (2, "Bea", False), (2, "Beat", True), (3, "Cy", False), (4, "Dan", True)]

    def test_two_keys_and_own_names(self, project: Any) -> None:
        found = self.rows(
            project,
            """select id, name, until = timestamp '9999-12-31 00:00:00' from {schema}.by_two_keys
               where row_id is not null and since <= until order by 1, 2""",
        )
        assert found == [(1, "Ada", True), (2, "Bea", False), (2, "Beat", True), (3, "Cy", True), (4, "Dan", True)]

    def test_hard_deletes_are_ignored_by_default(self, project: Any) -> None:
        found = self.rows(project, "select id, dbt_valid_to is null from {schema}.ignoring order by 1, 2")
        assert found == [(1, True), (2, False), (2, True), (3, True), (4, True)]

    def test_a_run_without_changes_writes_no_row(self, project: Any) -> None:
        found = self.rows(project, 'select count(*) from {schema}."by_value$snapshots" where summary is not null')
        assert found[0][0] <= 3
