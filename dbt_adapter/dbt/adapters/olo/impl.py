"""The adapter: dbt-trino's, with history kept and seeds written in one commit."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dbt.adapters.base.meta import available
from dbt.adapters.contracts.relation import RelationType
from dbt.adapters.events.types import AdapterEventWarning
from dbt.adapters.trino.impl import TrinoAdapter
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtDatabaseError

from dbt.adapters.olo.connections import OloAdapterResponse, OloConnectionManager, leave_alone
from dbt.adapters.olo.seeds import ROWS, seed_result, seed_sql
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.views import list_views

if TYPE_CHECKING:
    import agate
    from dbt.adapters.base.column import Column
    from dbt.adapters.base.relation import BaseRelation

    from olo_jupyter.lakehouse.session import Session


class OloAdapter(TrinoAdapter):
    """dbt-trino's adapter on the embedded engine.

    Where a model says nothing, ``on_table_exists`` is ``replace``: one commit that keeps the table's snapshots.
    dbt-trino's own default (rename) makes a new table and drops the old one with its history.
    """

    ConnectionManager = OloConnectionManager
    connections: OloConnectionManager

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        leave_alone("modules")
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

    def list_schemas(self, database: str) -> list[str]:
        """Namespaces of a catalog, from the catalog itself: a statement over information_schema costs far more."""
        return list(self._session.catalogs.namespaces(_unquoted(database)))

    def check_schema_exists(self, database: str, schema: str) -> bool:
        """Whether the catalog has the namespace."""
        return schema.lower() in self._session.catalogs.namespaces(_unquoted(database))

    def list_relations_without_caching(self, schema_relation: BaseRelation) -> list[BaseRelation]:
        """Tables and views of a namespace; none where there is no such namespace."""
        catalogs = self._session.catalogs
        database, schema = str(schema_relation.database), str(schema_relation.schema).lower()
        if schema not in catalogs.namespaces(database):
            return []
        kinds = dict.fromkeys(catalogs.tables(database, schema), RelationType.Table)
        kinds.update(dict.fromkeys(list_views(catalogs, database, schema), RelationType.View))
        quoted = {"database": True, "schema": True, "identifier": True}
        return [
            self.Relation.create(database=database, schema=schema, identifier=name, type=kind, quote_policy=quoted)
            for name, kind in kinds.items()
        ]

    def get_columns_in_relation(self, relation: BaseRelation) -> list[Column]:
        """Columns of a table or view with their Trino types; none where there is no such relation."""
        name = TableName(*(str(part).lower() for part in (relation.database, relation.schema, relation.identifier)))
        try:
            fields = Reading(self._session.catalogs).relation(name, None, None).fields
        except QueryError as error:
            if error.code in ("table-not-found", "schema-not-found"):
                return []
            raise DbtDatabaseError(str(error)) from error
        return [self.Column.from_description(field.name.lower(), str(field.type)) for field in fields]

    @property
    def _session(self) -> Session:
        session: Session = self.connections.get_thread_connection().handle.handle.session
        return session

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
                base_msg=f"{relation}: incremental_strategy '{strategy}' deletes and inserts in two commits. Readers "
                "may see the table between them, and a failure leaves the rows deleted (the snapshot before still has "
                "them). 'merge' and 'append' are one commit.",
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


def _unquoted(database: str) -> str:
    """dbt hands a catalog's name on as it stands in SQL."""
    return database.strip('"').lower()
