"""Looking into a catalog in a database by plain questions.

PyIceberg asks through SQLAlchemy's mapper and makes a new file system for each table: that took longer than planning
the read of the table. What is loaded is the same: the database is asked each time where the table's metadata file is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.metadata_cache import Remembered

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.io import FileIO
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata
    from sqlalchemy import ColumnElement, Select


class SqlTables:
    """The tables of one SQL catalog. Safe to use from several threads.

    Args:
        catalog: PyIceberg's catalog, which writes.
    """

    def __init__(self, catalog: SqlCatalog) -> None:
        self._catalog = catalog
        self._question = location_question(catalog._iceberg_type_filter())
        self._loaded: Remembered[tuple[TableMetadata, FileIO]] = Remembered()

    def load(self, identifier: tuple[str, ...]) -> Table:
        """The table as it is now, as ``SqlCatalog.load_table`` gives it.

        Raises:
            NoSuchTableError: There is no such table.
        """
        from pyiceberg.exceptions import NoSuchTableError
        from pyiceberg.serializers import FromInputFile
        from pyiceberg.table import Table

        *namespace, name = identifier
        values = {"catalog": self._catalog.name, "namespace": ".".join(namespace), "name": name}
        with self._catalog.engine.connect() as connection:
            location: str | None = connection.execute(self._question, values).scalar()
        if location is None:
            raise NoSuchTableError(f"Table does not exist: {'.'.join(identifier)}")

        def read() -> tuple[TableMetadata, FileIO]:
            load_io = self._catalog._load_file_io
            metadata = FromInputFile.table_metadata(load_io(location=location).new_input(location))
            return metadata, load_io(metadata.properties, location)

        metadata, io = self._loaded.read(location, read)
        return Table(identifier, metadata, location, io, self._catalog)

    def names(self, namespace: str) -> list[str]:
        """Names of the tables in a namespace, no views; empty where there is no such namespace."""
        from pyiceberg.catalog.sql import IcebergTables
        from sqlalchemy import select

        question = select(IcebergTables.table_name).where(
            IcebergTables.catalog_name == self._catalog.name, IcebergTables.table_namespace == namespace
        )
        kind = self._catalog._iceberg_type_filter()
        with self._catalog.engine.connect() as connection:
            return list(connection.execute(question if kind is None else question.where(kind)).scalars())

    def namespaces(self) -> set[str]:
        """All namespaces, those that only hold others included, by one question instead of one for each."""
        from pyiceberg.catalog.sql import IcebergNamespaceProperties, IcebergTables
        from sqlalchemy import select, union

        of_tables = select(IcebergTables.table_namespace).where(IcebergTables.catalog_name == self._catalog.name)
        own = select(IcebergNamespaceProperties.namespace).where(
            IcebergNamespaceProperties.catalog_name == self._catalog.name
        )
        with self._catalog.engine.connect() as connection:
            found = [str(namespace).split(".") for namespace in connection.execute(union(of_tables, own)).scalars()]
        return {".".join(parts[:length]) for parts in found for length in range(1, len(parts) + 1)}


def location_question(kind: ColumnElement[bool] | None) -> Select[str | None]:
    """Where the metadata file of ``:name`` in ``:namespace`` of ``:catalog`` is; None: an entry of any kind."""
    from pyiceberg.catalog.sql import IcebergTables
    from sqlalchemy import bindparam, select

    question = select(IcebergTables.metadata_location).where(
        IcebergTables.catalog_name == bindparam("catalog"),
        IcebergTables.table_namespace == bindparam("namespace"),
        IcebergTables.table_name == bindparam("name"),
    )
    return question if kind is None else question.where(kind)
