"""The adapter: dbt-trino's, with history kept and seeds written in one commit."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dbt.adapters.base.meta import available
from dbt.adapters.events.types import AdapterEventWarning
from dbt.adapters.trino.impl import TrinoAdapter
from dbt_common.events.functions import warn_or_error

from dbt.adapters.olo.connections import OloAdapterResponse, OloConnectionManager
from dbt.adapters.olo.seeds import ROWS, seed_result, seed_sql

if TYPE_CHECKING:
    import agate
    from dbt.adapters.base.relation import BaseRelation


class OloAdapter(TrinoAdapter):
    """dbt-trino's adapter on the embedded engine.

    Where a model says nothing, ``on_table_exists`` is ``replace``: one commit that keeps the table's snapshots.
    dbt-trino's own default (rename) makes a new table and drops the old one with its history.
    """

    ConnectionManager = OloConnectionManager
    connections: OloConnectionManager

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._warning = threading.Lock()
        self._warned: set[BaseRelation] = set()

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

    @available
    def warn_of_two_commits(self, relation: BaseRelation, strategy: str) -> None:
        """Warn, once a table and command, that ``strategy`` isn't all or nothing."""
        with self._warning:
            if relation in self._warned:
                return
            self._warned.add(relation)
        warn_or_error(
            AdapterEventWarning(
                name="Olo",
                base_msg=f"{relation}: incremental_strategy '{strategy}' deletes and inserts in two commits. Readers may "
                "see the table between them, and a failure leaves the rows deleted (they stay readable at the snapshot "
                "before). 'merge' and 'append' are one commit.",
            )
        )

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
