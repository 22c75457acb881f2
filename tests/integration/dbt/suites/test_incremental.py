"""Incremental models: every strategy, keys, predicates, changed schemas, and what each commits."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.basic.test_incremental import (
    BaseIncremental,
    BaseIncrementalBadStrategy,
    BaseIncrementalNotSchemaChange,
)
from dbt.tests.adapter.incremental import test_incremental_unique_id as keyed
from dbt.tests.adapter.incremental.test_incremental_merge_exclude_columns import BaseMergeExcludeColumns
from dbt.tests.adapter.incremental.test_incremental_microbatch import BaseMicrobatch
from dbt.tests.adapter.incremental.test_incremental_on_schema_change import BaseIncrementalOnSchemaChange
from dbt.tests.adapter.incremental.test_incremental_predicates import BaseIncrementalPredicates
from dbt.tests.adapter.incremental.test_incremental_unique_id import BaseIncrementalUniqueKey
from dbt.tests.util import run_dbt, run_dbt_and_capture

full = pytest.mark.full


class TestIncremental(BaseIncremental):
    def test_incremental(self, project: Any) -> None:
        super().test_incremental(project)
        assert len(run_dbt(["run", "--vars", "seed_name: base", "--full-refresh"])) == 1


@full
class TestNotSchemaChange(BaseIncrementalNotSchemaChange):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "incremental_not_schema_change.sql": """
                {{ config(materialized='incremental', unique_key='made_at', on_schema_change='sync_all_columns') }}
                select cast(current_timestamp as varchar) as made_at,
                    {% if is_incremental() %} 'thisis18characters' {% else %} 'okthisis20characters' {% endif %} as text
            """
        }


class TestBadStrategy(BaseIncrementalBadStrategy):
    pass


@full
class TestOnSchemaChange(BaseIncrementalOnSchemaChange):
    pass


class KeyedModels(BaseIncrementalUniqueKey):
    """The base class's models; dates stand as DATE literals where it relies on PostgreSQL's casts of texts."""

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {
            "seed.csv": keyed.seeds__seed_csv,
            "duplicate_insert.sql": keyed.seeds__duplicate_insert_sql.replace("'20", "date '20"),
            "add_new_rows.sql": keyed.seeds__add_new_rows_sql.replace("'20", "date '20"),
        }

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, Any]:
        found: dict[str, Any] = {"expected": {}}
        for name, text in vars(keyed).items():
            if name.startswith("models__expected__"):
                file = name.removeprefix("models__expected__").removesuffix("_sql")
                found["expected"][f"{file}.sql"] = text.replace(",'20", ",date '20")
            elif name.startswith("models__"):
                found[name.removeprefix("models__").removesuffix("_sql") + ".sql"] = text
        return found


@full
class TestUniqueKeyMerge(KeyedModels):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"+incremental_strategy": "merge"}}


@full
class TestUniqueKeyDeleteInsert(KeyedModels):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"+incremental_strategy": "delete+insert"}}


class TestMergeExcludeColumns(BaseMergeExcludeColumns):
    pass


@full
class TestPredicatesDeleteInsert(BaseIncrementalPredicates):
    pass


@full
class TestPredicatesMerge(BaseIncrementalPredicates):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        config = {"+incremental_predicates": ["dbt_internal_dest.id != 2"], "+incremental_strategy": "merge"}
        return {"models": config}


class TestMicrobatch(BaseMicrobatch):
    def test_warning(self, project: Any) -> None:
        # Run last: the base class's test made the table, so that these batches delete and insert.
        _, output = run_dbt_and_capture(
            [
                "run",
                "--select",
                "microbatch_model",
                "--event-time-start",
                "2020-01-01",
                "--event-time-end",
                "2020-01-03",
            ]
        )
        assert output.count("deletes and inserts in two commits") == 1
