"""Seeds: types, delimiters, quoting, a byte order mark, empty files, and one commit for all rows."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.simple_seed.test_seed import (
    BaseSeedSpecificFormats,
    BaseSimpleSeedEnabledViaConfig,
    BaseTestEmptySeed,
)
from dbt.tests.util import relation_from_name, run_dbt

full = pytest.mark.full

SEEDS = {
    "plain.csv": "id,name,at,ok,share\n1,Ada,2026-01-01 10:00:00,true,0.1\n2,,,false,12.25\n",
    "semicolons.csv": "id;name\n1;a,b\n2;c\n",
    "with_bom.csv": "\ufeffid,name\n1,über\n",
    "typed.csv": "amount,day,code,big\n10.50,2026-01-01,007,9007199254740993\n",
    "Mixed.csv": 'Some Id,select\n1,"a ""quoted"" text"\n',
}
CONFIG = """
seeds:
  - name: semicolons
    config: {delimiter: ";"}
  - name: typed
    config:
      column_types: {amount: "decimal(10,2)", day: date, code: varchar(3), big: bigint}
  - name: Mixed
    config: {quote_columns: true}
"""


class TestSeeds:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {**SEEDS, "config.yml": CONFIG}

    @pytest.fixture(scope="class", autouse=True)
    def seeded(self, project: Any) -> None:
        for arguments in (["seed"], ["seed"], ["seed", "--full-refresh"]):
            assert len(run_dbt(arguments)) == len(SEEDS)

    def types(self, project: Any, name: str) -> dict[str, str]:
        with project.adapter.connection_named("types"):
            columns = project.adapter.get_columns_in_relation(relation_from_name(project.adapter, name))
        return {column.name: column.data_type for column in columns}

    def rows(self, project: Any, name: str) -> list[tuple[Any, ...]]:
        found = project.run_sql(f"select * from {relation_from_name(project.adapter, name)}", fetch="all")
        return [tuple(row) for row in found]

    def test_inferred_types(self, project: Any) -> None:
        assert self.types(project, "plain") == {
            "id": "integer",
            "name": "varchar",
            "at": "timestamp(6)",
            "ok": "boolean",
            "share": "double",
        }
        assert [row[1] for row in self.rows(project, "plain")] == ["Ada", None]

    def test_given_types(self, project: Any) -> None:
        assert self.types(project, "typed") == {
            "amount": "decimal(10,2)",
            "day": "date",
            "code": "varchar",  # Iceberg keeps no length
            "big": "bigint",
        }
        assert str(self.rows(project, "typed")[0][0]) == "10.50"
        assert self.rows(project, "typed")[0][2:] == ("007", 9007199254740993)

    def test_formats(self, project: Any) -> None:
        assert self.rows(project, "semicolons") == [(1, "a,b"), (2, "c")]
        assert self.rows(project, "with_bom") == [(1, "über")]
        assert self.rows(project, "mixed") == [(1, 'a "quoted" text')]

    def test_each_run_is_one_commit(self, project: Any) -> None:
        found = project.run_sql(f'select count(*) from {project.test_schema}."plain$snapshots"', fetch="one")
        assert found[0] == 3


@full
class TestSpecificFormats(BaseSeedSpecificFormats):
    pass


@full
class TestEnabledViaConfig(BaseSimpleSeedEnabledViaConfig):
    pass


@full
class TestEmptySeed(BaseTestEmptySeed):
    pass
