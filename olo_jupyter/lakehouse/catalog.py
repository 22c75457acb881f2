"""The Iceberg catalogs of a project: opened at first use, listed, and tables loaded; errors offer the nearest names."""

from __future__ import annotations

import contextlib
import difflib
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olo_jupyter.config import CONFIG_FILE, CatalogSettings, Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.metadata_checks import check_metadata, readable_metadata
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.sql_catalog import SqlTables

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

SQLITE_TIMEOUT_SECONDS = 60
"""How long a writer waits for SQLite's lock: the driver's default of 5 s fails when several jobs commit at once."""


class Catalogs:
    """All catalogs of the settings; each is opened when first asked for. Safe to use from several threads.

    Args:
        settings: The project's configuration.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open: dict[str, Catalog] = {}
        self._sql: dict[str, SqlTables] = {}
        self._lock = threading.Lock()

    def names(self) -> tuple[str, ...]:
        """Names of the catalogs, sorted."""
        return tuple(sorted(self.settings.catalogs))

    def catalog(self, name: str) -> Catalog:
        """PyIceberg's catalog ``name``.

        Raises:
            QueryError: ``catalog-not-found``, a governed catalog (``access-denied``), or one that can't be opened.
        """
        from pyiceberg.catalog.sql import SqlCatalog

        with self._lock:
            settings = self._settings_of(name)  # each time: what was open may be governed by now
            if name not in self._open:
                self._open[name] = opened = _opened(name, settings)
                if isinstance(opened, SqlCatalog):
                    self._sql[name] = SqlTables(opened)
            return self._open[name]

    def check_access(self, name: str) -> None:
        """Refuse a catalog that this process may not read; nothing is opened.

        Raises:
            QueryError: ``catalog-not-found``, or a governed catalog (``access-denied``).
        """
        self._settings_of(name)

    def namespaces(self, catalog: str) -> tuple[str, ...]:
        """Namespaces of a catalog, sorted; a nested one is written with dots."""
        opened = self.catalog(catalog)
        if catalog in self._sql:
            with reachable(catalog):
                return tuple(sorted(self._sql[catalog].namespaces()))
        found: set[str] = set()
        pending: list[tuple[str, ...]] = [()]
        with reachable(catalog):
            while pending:
                parent = pending.pop()
                for namespace in opened.list_namespaces(parent):
                    name = ".".join(namespace)
                    if name not in found and tuple(namespace) != parent:
                        found.add(name)
                        pending.append(tuple(namespace))
        return tuple(sorted(found))

    def location(self, catalog: str, namespace: str) -> str:
        """Where a namespace keeps its tables, '' where the catalog doesn't tell.

        Raises:
            QueryError: ``schema-not-found``.
        """
        from pyiceberg.exceptions import NoSuchNamespaceError

        opened = self.catalog(catalog)
        try:
            with reachable(catalog):
                return str(opened.load_namespace_properties(tuple(namespace.split("."))).get("location", ""))
        except NoSuchNamespaceError as error:
            raise self.no_namespace(catalog, namespace) from error

    def tables(self, catalog: str, namespace: str) -> tuple[str, ...]:
        """Names of the tables in a namespace, sorted; no views.

        Raises:
            QueryError: ``schema-not-found``.
        """
        from pyiceberg.exceptions import NoSuchNamespaceError

        opened = self.catalog(catalog)
        if catalog in self._sql:
            with reachable(catalog):
                names = self._sql[catalog].names(namespace)
            if not names and namespace not in self.namespaces(catalog):
                raise self.no_namespace(catalog, namespace)
            return tuple(sorted(names))
        try:
            with reachable(catalog):
                identifiers = opened.list_tables(tuple(namespace.split(".")))
        except NoSuchNamespaceError as error:
            raise self.no_namespace(catalog, namespace) from error
        return tuple(sorted(identifier[-1] for identifier in identifiers))

    def load(self, name: TableName) -> Table:
        """The table as it is now.

        Trino knows lower-case names only; a table whose name has capitals is found by its lower-case name.

        Raises:
            QueryError: ``catalog-not-found``, ``schema-not-found`` or ``table-not-found``, with the nearest names.
        """
        found = self.find(name)
        if found is not None:
            return found
        if name.namespace not in self.namespaces(name.catalog):
            raise self.no_namespace(name.catalog, name.namespace)
        raise QueryError(f"Table {name} does not exist.", code="table-not-found", hint=self._nearest_tables(name))

    def find(self, name: TableName) -> Table | None:
        """The table as it is now, or None where there is no such table."""
        found = self.find_exactly(name)
        if found is not None:
            return found
        try:
            tables = self.tables(name.catalog, name.namespace)
        except QueryError as error:
            if error.code == "schema-not-found":
                return None
            raise
        same = [table for table in tables if table.lower() == name.table and table != name.table]
        if len(same) != 1:
            return None
        with reachable(name.catalog), readable_metadata(name):
            table = self._load(name.catalog, (*name.namespace.split("."), same[0]))
        check_metadata(table, name)
        return table

    def find_exactly(self, name: TableName) -> Table | None:
        """As :meth:`find`, in one question to the catalog: a table whose name has capitals isn't found."""
        from pyiceberg.exceptions import NoSuchIcebergTableError, NoSuchNamespaceError, NoSuchTableError

        try:
            with reachable(name.catalog), readable_metadata(name):
                table = self._load(name.catalog, name.identifier)
            check_metadata(table, name)
            return table
        except NoSuchIcebergTableError as error:
            raise QueryError(f"{name} is not an Iceberg table.", code="unsupported-table-type") from error
        except (NoSuchTableError, NoSuchNamespaceError):
            return None

    def _load(self, catalog: str, identifier: tuple[str, ...]) -> Table:
        opened = self.catalog(catalog)
        tables = self._sql.get(catalog)
        return opened.load_table(identifier) if tables is None else tables.load(identifier)

    def exists(self, name: TableName) -> bool:
        """Whether there is such a table (a view is none)."""
        return self.catalog(name.catalog).table_exists(name.identifier)

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            for catalog in self._open.values():
                with contextlib.suppress(AttributeError):  # only the SQL catalog has something to close
                    catalog.close()
            self._open.clear()
            self._sql.clear()

    def _no_catalogs(self) -> str:
        if (self.settings.root / CONFIG_FILE).is_file():
            return f"{CONFIG_FILE} defines no catalogs."
        return f"There is no project here ({CONFIG_FILE}): olo init FOLDER makes one."

    def _settings_of(self, name: str) -> CatalogSettings:
        settings = self.settings.catalogs.get(name)
        if settings is None:
            raise QueryError(
                f"Catalog {quoted(name)} does not exist.",
                code="catalog-not-found",
                hint=nearest(name, self.names()) or self._no_catalogs(),
            )
        governed = next((known for known in (name, *self.names()) if self._governs(known, settings)), None)
        if governed is not None:
            same = "" if governed == name else f" is the catalog {quoted(governed)} under another name, which"
            raise QueryError(
                f"Catalog {quoted(name)}{same} is governed (access: trino): who may see which rows and columns is "
                "decided by Trino, so only Trino may read it.",
                code="access-denied",
                hint="Run the statement with --engine trino.",
            )
        return settings

    def _governs(self, name: str, settings: CatalogSettings) -> bool:
        """Whether the catalog ``name`` is governed and the one with ``settings``, or another definition of the same."""
        other = self.settings.catalogs[name]
        places = [[one.properties.get(key) for key in ("uri", "warehouse")] for one in (other, settings)]
        alike = other.type == settings.type and places[0] == places[1] and any(places[0])
        return other.access == "trino" and (other is settings or alike)

    def no_namespace(self, catalog: str, namespace: str) -> QueryError:
        """The error for a namespace that isn't there."""
        full = f"{quoted(catalog)}.{quoted(namespace)}"
        hint = nearest(namespace, self.namespaces(catalog)) or f"The catalog is empty: CREATE SCHEMA {full} makes it."
        return QueryError(f"Schema {full} does not exist.", code="schema-not-found", hint=hint)

    def _nearest_tables(self, name: TableName) -> str:
        tables = self.tables(name.catalog, name.namespace)
        if difflib.get_close_matches(name.table, tables):
            return nearest(name.table, tables)
        elsewhere = [
            f"{quoted(namespace)}.{quoted(name.table)}"
            for namespace in self.namespaces(name.catalog)
            if namespace != name.namespace and name.table in self.tables(name.catalog, namespace)
        ]
        if elsewhere:
            return f"Did you mean {' or '.join(elsewhere)}?"
        return nearest(name.table, tables) or "The schema has no tables."


def nearest(name: str, names: Iterable[str], limit: int = 10) -> str:
    """A hint for a name that isn't there: the closest ones, else the first ``limit`` that are, '' where there are none.

    Example:
        >>> nearest("flihgts", ["flights", "planes"]), nearest("x", ["flights", "planes"])
        ('Did you mean flights?', 'There is: flights, planes.')
    """
    known = sorted(names)
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"Did you mean {' or '.join(map(quoted, close))}?"
    if not known:
        return ""
    more = f" and {len(known) - limit} more" if len(known) > limit else ""
    return f"There is: {', '.join(map(quoted, known[:limit]))}{more}."


def _opened(name: str, settings: CatalogSettings) -> Catalog:
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NoSuchPropertyException, NotInstalledError

    from olo_jupyter.backends.upstream.authority import certificates
    from olo_jupyter.lakehouse.metadata_cache import remember_metadata
    from olo_jupyter.lakehouse.pyiceberg_repairs import repair

    repair()
    remember_metadata()
    properties: dict[str, Any] = {"type": settings.type, **settings.properties}
    if settings.ca_file is not None:
        certificates(settings.ca_file)  # can they be read? requests tells that badly
        properties["ssl"] = {"cabundle": str(settings.ca_file)}
    uri = properties.get("uri", "")
    if settings.type == "sql" and uri.startswith("sqlite:") and "timeout=" not in uri:
        # SQLAlchemy turns the query of the URI into the driver's arguments.
        properties["uri"] = f"{uri}{'&' if '?' in uri else '?'}timeout={SQLITE_TIMEOUT_SECONDS}"
    with reachable(name):
        if uri.startswith("sqlite:////"):
            # SQLite makes the file, not its folder; a new project has neither.
            Path(uri.removeprefix("sqlite:///").partition("?")[0]).parent.mkdir(parents=True, exist_ok=True)
        try:
            if settings.type == "rest":
                from olo_jupyter.lakehouse.rest_catalog import RestTables

                return RestTables(name, **properties)
            return load_catalog(name, **properties)
        except (ValueError, NoSuchPropertyException, NotInstalledError) as error:
            raise QueryError(
                f"Catalog {quoted(name)} is not set up right: {error}",
                code="catalog-not-available",
                hint="Give it uri and warehouse under catalogs in olo.yml.",
            ) from error


@contextlib.contextmanager
def reachable(catalog: str) -> Iterator[None]:
    """Turn what a catalog's database or server raises when it can't be used into one error that names the catalog.

    Raises:
        QueryError: access-denied: the catalog's own rights. authentication-failed: it doesn't know who asks.
            catalog-locked, iceberg-missing-metadata; catalog-not-available: everything else.
    """
    from pydantic import ValidationError
    from pyiceberg.exceptions import ForbiddenError, OAuthError, RESTError, UnauthorizedError
    from sqlalchemy.exc import SQLAlchemyError

    from olo_jupyter.backends.upstream.authority import authority_hint

    name = quoted(catalog)
    try:
        yield
    except FileNotFoundError as error:
        raise QueryError(
            f"A file that catalog {name} names is gone: {error}", code="iceberg-missing-metadata"
        ) from error
    except ForbiddenError as error:
        raise QueryError(
            f"Catalog {name} doesn't let you do this: {_first_line(error)}",
            code="access-denied",
            hint="Ask whoever runs the catalog for the right.",
        ) from error
    except (UnauthorizedError, OAuthError) as error:
        raise QueryError(
            f"Catalog {name} doesn't accept the sign-in: {_first_line(error)}",
            code="authentication-failed",
            hint=f"Check credential, scope or token under catalogs.{catalog} in olo.yml.",
        ) from error
    except ValidationError as error:
        raise QueryError(
            f"Catalog {name} can't be used: it answers something that isn't an Iceberg REST catalog's.",
            code="catalog-not-available",
            hint=f"Check catalogs.{catalog}.properties.uri in olo.yml, and that no sign-in page stands before it.",
        ) from error
    except (OSError, SQLAlchemyError, RESTError) as error:
        first = _first_line(error)
        if "database is locked" in first:
            raise QueryError(
                f"The database of catalog {name} stayed locked.",
                code="catalog-locked",
                hint="Another program is writing to it. Run the statement again when it is done.",
            ) from error
        raise QueryError(
            f"Catalog {name} can't be used: {first}",
            code="catalog-not-available",
            hint=authority_hint(first, f"catalogs.{catalog}.ca_file")
            or "Check its properties in olo.yml, and that its database or server runs.",
        ) from error


def _first_line(error: Exception) -> str:
    """What it says, without the body of an answer that PyIceberg couldn't read: anything may stand there."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r"(RESTError \d+): (Could not decode|Received unexpected) .*", r"\1: no catalog's answer", first)
