"""What a table name of the notebook is in the dbt project: a model, a source, or an earlier result."""

from __future__ import annotations

from dataclasses import dataclass, field

from olo_converters.capture import KnownSource, ProjectFacts
from olo_converters.dbt.values import jinja_literal

OWN_SCHEMA = "own_schema"
"""The source of tables whose names have no namespace."""


@dataclass(frozen=True)
class NewSource:
    """A source table that the project doesn't have yet. ``database`` '' is the target's own."""

    source: str
    table: str
    namespace: str
    database: str = ""


@dataclass
class Relations:
    """Resolves table names; remembers what was used.

    Args:
        name: The model that is written; it must not read itself.
        catalog, namespace: Where unqualified names count from.
    """

    project: ProjectFacts
    name: str
    catalog: str
    namespace: str
    models: list[str] = field(default_factory=list)
    sources: list[tuple[str, str]] = field(default_factory=list)
    new_sources: list[NewSource] = field(default_factory=list)

    def full(self, parts: tuple[str, ...]) -> tuple[str, str, str]:
        """Catalog, namespace ('' for a bare name where none is set) and table."""
        if len(parts) == 1:
            return (self.catalog, self.namespace, parts[0])
        if len(parts) == 2:
            return (self.catalog, parts[0], parts[1])
        return (parts[0], ".".join(parts[1:-1]), parts[-1])

    def relation(self, catalog: str, namespace: str, table: str, *, is_prepared: bool = False) -> str:
        """``{{ ref(…) }}`` where a model of the project makes the table, else ``{{ source(…) }}``.

        Args:
            is_prepared: A script of the job makes the table, in the target's own catalog.

        Raises:
            RecursionError: It is the model's own table.
            LookupError: Several models make it.
        """
        own = catalog in self.project.catalogs or catalog == self.catalog
        if own:
            models = sorted(
                {one.name for one in self.project.models if (one.namespace, one.table) == (namespace, table)}
            )
            if len(models) > 1:
                raise LookupError(", ".join(models))
            if models and is_prepared:
                raise LookupError(f"the model {models[0]}, and a script of the notebook's SQL")
            if models:
                if models[0] == self.name:
                    raise RecursionError
                return self.ref(models[0])
        known = None if is_prepared else self._known_source(catalog, namespace, table, own=own)
        if known is None:
            source = namespace.replace(".", "_") if own else f"{catalog}_{namespace}".replace(".", "_")
            database = self.project.source_database if own else catalog
            if is_prepared and own:
                source, database = f"{source}_prepared", ""
            known = KnownSource(source, table, namespace, table, "" if own else catalog)
            if not namespace:  # the session's own namespace, which is the target's schema in dbt
                source, database = OWN_SCHEMA, ""
                known = KnownSource(source, table, namespace, table)
            new = NewSource(source, table, namespace or "{{ target.schema }}", database)
            if new not in self.new_sources:
                self.new_sources.append(new)
        if (known.source, known.name) not in self.sources:
            self.sources.append((known.source, known.name))
        return f"{{{{ source({jinja_literal(known.source)}, {jinja_literal(known.name)}) }}}}"

    def _known_source(self, catalog: str, namespace: str, table: str, *, own: bool) -> KnownSource | None:
        for one in self.project.sources:
            if (one.namespace, one.table) != (namespace, table):
                continue
            if one.catalog == catalog or (own and (not one.catalog or one.catalog in self.project.catalogs)):
                return one
        return None

    def ref(self, model: str) -> str:
        """``{{ ref(…) }}``."""
        if model not in self.models:
            self.models.append(model)
        return f"{{{{ ref({jinja_literal(model)}) }}}}"
