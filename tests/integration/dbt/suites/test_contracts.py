"""Contracts and constraints: what dbt checks before, what the engine enforces, and what a failure leaves."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.constraints import fixtures
from dbt.tests.adapter.constraints.test_constraints import (
    BaseConstraintsRollback,
    BaseIncrementalConstraintsColumnsEqual,
    BaseIncrementalConstraintsRollback,
    BaseTableConstraintsColumnsEqual,
    BaseViewConstraintsColumnsEqual,
)

full = pytest.mark.full

SCHEMA = """
version: 2
models:
  - name: my_model
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, constraints: [{type: not_null}]}
      - {name: color, data_type: varchar}
      - {name: date_day, data_type: varchar}
  - name: my_model_wrong_order
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, constraints: [{type: not_null}]}
      - {name: color, data_type: varchar}
      - {name: date_day, data_type: varchar}
  - name: my_model_wrong_name
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer}
      - {name: color, data_type: varchar}
      - {name: date_day, data_type: varchar}
"""


class TrinoTypes:
    @pytest.fixture
    def string_type(self) -> str:
        return "VARCHAR"

    @pytest.fixture
    def int_type(self) -> str:
        return "INTEGER"

    @pytest.fixture
    def data_types(self, schema_int_type: str, int_type: str, string_type: str) -> list[list[str]]:
        # value, type in the contract, type in the error
        return [
            ["1", schema_int_type, int_type],
            ["'1'", string_type, string_type],
            ["true", "boolean", "BOOLEAN"],
            ["date '2019-01-01'", "date", "DATE"],
            ["timestamp '2013-11-03 00:00:00'", "timestamp(6)", "TIMESTAMP"],
            ["timestamp '2013-11-03 00:00:00 UTC'", "timestamp(6) with time zone", "TIMESTAMP"],
            ["array['a', 'b']", "array(varchar)", "ARRAY"],
            ["decimal '1.5'", "decimal(2,1)", "DECIMAL"],
        ]


@full
class TestTableColumns(TrinoTypes, BaseTableConstraintsColumnsEqual):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model_wrong_order.sql": fixtures.my_model_wrong_order_sql,
            "my_model_wrong_name.sql": fixtures.my_model_wrong_name_sql,
            "constraints_schema.yml": SCHEMA,
        }


@full
class TestViewColumns(TrinoTypes, BaseViewConstraintsColumnsEqual):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model_wrong_order.sql": fixtures.my_model_view_wrong_order_sql,
            "my_model_wrong_name.sql": fixtures.my_model_view_wrong_name_sql,
            "constraints_schema.yml": SCHEMA,
        }


@full
class TestIncrementalColumns(TrinoTypes, BaseIncrementalConstraintsColumnsEqual):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model_wrong_order.sql": fixtures.my_model_incremental_wrong_order_sql,
            "my_model_wrong_name.sql": fixtures.my_model_incremental_wrong_name_sql,
            "constraints_schema.yml": SCHEMA,
        }


class TestRollback(BaseConstraintsRollback):
    """A model that breaks its constraint fails, and the table still has the rows it had."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"my_model.sql": fixtures.my_model_sql, "constraints_schema.yml": SCHEMA}

    @pytest.fixture(scope="class")
    def expected_error_messages(self) -> list[str]:
        return ["NULL value not allowed for NOT NULL column: id"]


@full
class TestIncrementalRollback(BaseIncrementalConstraintsRollback):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"my_model.sql": fixtures.my_incremental_model_sql, "constraints_schema.yml": SCHEMA}

    @pytest.fixture(scope="class")
    def expected_error_messages(self) -> list[str]:
        return ["NULL value not allowed for NOT NULL column: id"]
