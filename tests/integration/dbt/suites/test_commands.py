"""Commands beside run and build: show, clone, retry, debug, ``--empty``, ``--sample``, hooks, query comments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.tests.adapter.dbt_clone.fixtures import (
    custom_can_clone_tables_false_macros_sql,
    get_schema_name_sql,
    infinite_macros_sql,
    macros_sql,
)
from dbt.tests.adapter.dbt_clone.test_dbt_clone import BaseCloneNotPossible
from dbt.tests.adapter.dbt_show.test_dbt_show import BaseShowDoesNotHandleDoubleLimit, BaseShowLimit, BaseShowSqlHeader
from dbt.tests.adapter.empty.test_empty import BaseTestEmpty, BaseTestEmptyInlineSourceRef
from dbt.tests.adapter.query_comment.test_query_comment import (
    BaseEmptyQueryComments,
    BaseMacroArgsQueryComments,
    BaseMacroInvalidQueryComments,
    BaseMacroQueryComments,
    BaseNullQueryComments,
    BaseQueryComments,
)
from dbt.tests.adapter.sample_mode.test_sample_mode import BaseSampleModeTest
from dbt.tests.util import run_dbt, run_dbt_and_capture

full = pytest.mark.full


class TestShowLimit(BaseShowLimit):
    pass


@full
class TestShowSqlHeader(BaseShowSqlHeader):
    pass


@full
class TestShowDoubleLimit(BaseShowDoesNotHandleDoubleLimit):
    DATABASE_ERROR_MESSAGE = "mismatched input"


@full
class TestClone(BaseCloneNotPossible):
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {
            "macros.sql": macros_sql,
            "my_can_clone_tables.sql": custom_can_clone_tables_false_macros_sql,
            "infinite_macros.sql": infinite_macros_sql,
            "get_schema_name.sql": get_schema_name_sql,
        }


@full
class TestEmpty(BaseTestEmpty):
    pass


@full
class TestEmptyInlineSourceRef(BaseTestEmptyInlineSourceRef):
    pass


@full
class TestSampleMode(BaseSampleModeTest):
    pass


@full
class TestQueryComments(BaseQueryComments):
    pass


@full
class TestMacroQueryComments(BaseMacroQueryComments):
    pass


@full
class TestMacroArgsQueryComments(BaseMacroArgsQueryComments):
    pass


@full
class TestMacroInvalidQueryComments(BaseMacroInvalidQueryComments):
    pass


@full
class TestNullQueryComments(BaseNullQueryComments):
    pass


@full
class TestEmptyQueryComments(BaseEmptyQueryComments):
    pass


class TestRetryAndDebug:
    """A model that failed is run again by ``dbt retry``, with those that wait for it; ``dbt debug`` connects."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "fine.sql": "select 1 as n",
            "broken.sql": "select nn\nfrom {{ ref('fine') }}",
            "after.sql": "select n from {{ ref('broken') }}",
        }

    def test_retry(self, project: Any) -> None:
        results, output = run_dbt_and_capture(["build"], expect_pass=False)
        assert [str(result.status) for result in results] == ["success", "error", "skipped"]
        assert "line " in output and "Did you mean n?" in output
        Path(project.project_root, "models", "broken.sql").write_text("select n from {{ ref('fine') }}")
        again = run_dbt(["retry"])
        assert [(result.node.name, str(result.status)) for result in again] == [
            ("broken", "success"),
            ("after", "success"),
        ]

    def test_debug(self, project: Any) -> None:
        _, output = run_dbt_and_capture(["debug"])
        assert "OK connection ok" in output


LOG = "insert into {{ target.schema }}.log values (cast('%s' as varchar), cast('{{ target.name }}' as varchar))"


class TestHooks:
    """Hooks of the run, of a model, a seed and a snapshot, in their order."""

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {
            "on-run-start": [
                "create table if not exists {{ target.schema }}.log (what varchar, target varchar)",
                LOG % "run starts",
            ],
            "on-run-end": [LOG % "run ends: {{ schemas | length }}"],
            "models": {"+pre-hook": [LOG % "before {{ this.name }}"], "+post-hook": [LOG % "after {{ this.name }}"]},
            "seeds": {
                "+post-hook": [
                    "alter table {{ this }} add column doubled integer",
                    "update {{ this }} set doubled = n * 2",
                ]
            },
            "snapshots": {"+post-hook": [LOG % "after {{ this.name }}"]},
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"numbers.csv": "n\n1\n2\n"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "summed.sql": "select sum(doubled) as doubled from {{ ref('numbers') }}",
            "snapshots.yml": """
snapshots:
  - name: kept
    relation: ref('summed')
    config: {strategy: check, unique_key: doubled, check_cols: all}
""",
        }

    def test_hooks(self, project: Any) -> None:
        run_dbt(["build"])
        assert project.run_sql(f"select doubled from {project.test_schema}.summed", fetch="one")[0] == 6
        found = [row[0] for row in project.run_sql(f"select what from {project.test_schema}.log", fetch="all")]
        assert sorted(found) == sorted(["run starts", "before summed", "after summed", "after kept", "run ends: 1"])


class TestGrants:
    """There are no users: grants are named in a warning and otherwise ignored."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"granted.sql": "{{ config(materialized='table', grants={'select': ['ana']}) }} select 1 as n"}

    def test_grants(self, project: Any) -> None:
        for _ in range(2):
            results, output = run_dbt_and_capture(["run"])
            assert str(results[0].status) == "success"
            assert "are ignored: the embedded engine has no users" in output
