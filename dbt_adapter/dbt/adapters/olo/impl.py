"""The adapter: dbt-trino's, with history kept and seeds written in one commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dbt.adapters.base.meta import available
from dbt.adapters.trino.impl import TrinoAdapter
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.olo.connections import OloAdapterResponse, OloConnectionManager
from dbt.adapters.olo.seeds import ROWS, seed_result, seed_sql

if TYPE_CHECKING:
    import agate
    from dbt.adapters.base.relation import BaseRelation

_NEEDS = {"merge": "MERGE", "delete+insert": "DELETE", "microbatch": "DELETE"}


class OloAdapter(TrinoAdapter):
    """dbt-trino's adapter on the embedded engine.

    Where a model says nothing, ``on_table_exists`` is ``replace``: one commit that keeps the table's snapshots.
    dbt-trino's own default (rename) makes a new table and drops the old one with its history.
    """

    ConnectionManager = OloConnectionManager
    connections: OloConnectionManager

    def pre_model_hook(self, config: Mapping[str, Any]) -> bool | None:
        """Keep history by default. A view that becomes a table is swapped by rename: a table can't replace a view."""
        model = getattr(config, "model", None)
        if model is not None and model.config.get("on_table_exists") is None:
            existing = self.get_relation(model.database, model.schema, model.alias) if model.alias else None
            mode = "rename" if existing is not None and existing.is_view else "replace"
            model.config["on_table_exists"] = mode
        return None

    def post_model_hook(self, config: Mapping[str, Any], context: bool | None) -> None:
        """Nothing to undo."""

    def valid_incremental_strategies(self) -> list[str]:
        """Strategies whose statements the embedded engine runs."""
        return ["append"]

    def get_incremental_strategy_macro(self, model_context: Any, strategy: str | None) -> Any:
        """As dbt's own.

        Raises:
            DbtRuntimeError: The strategy needs a statement that the embedded engine doesn't run yet.
        """
        if strategy in _NEEDS:
            raise DbtRuntimeError(
                f"incremental_strategy '{strategy}' needs {_NEEDS[strategy]}, which the embedded engine can't run yet. "
                "Use incremental_strategy 'append' or materialized 'table', or run this model on a Trino target."
            )
        return super().get_incremental_strategy_macro(model_context, strategy)

    @available
    def write_seed(
        self, relation: BaseRelation, table: agate.Table, columns: list[tuple[str, str]]
    ) -> OloAdapterResponse:
        """Write a seed's rows in one commit that replaces what the table held and keeps its snapshots.

        Args:
            relation: The seed's table.
            table: The rows, as dbt read them from the file.
            columns: Name (quoted where it must be) and Trino type of each column, in the file's order.
        """
        sql = seed_sql(relation.render(), columns)
        connection = self.connections.get_thread_connection()
        if not connection.transaction_open:  # the seed materialization commits at its end
            self.connections.begin()
        with self.connections.exception_handler(sql):
            cursor = connection.handle.cursor()
            cursor._cursor.execute_with(sql, results={ROWS: seed_result(table)})
            return self.connections.get_response(cursor)
