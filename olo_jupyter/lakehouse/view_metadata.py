"""The metadata file of a view: Iceberg's view format, with the text in Trino's SQL (dialect ``trino``).

The exact Trino types of the columns, which Iceberg's schema can't hold, stand in the version's summary. Trino runs a
view with its owner's rights (``SECURITY DEFINER``) where the property ``trino.run-as-owner`` names one.
"""

from __future__ import annotations

import json
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.columns import iceberg_schema
from olo_jupyter.lakehouse.definition import default_location
from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.iceberg_types import table_schema
from olo_jupyter.lakehouse.metadata_cache import Remembered
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import CreateView, Field, ViewSchema
from olo_jupyter.lakehouse.sql.types import parse_type

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.view.metadata import ViewMetadata

_DIALECT = "trino"
_COLUMNS = "olo.trino-types"
_OWNER = "trino.run-as-owner"
_VERSIONS_KEPT = 10

_read: Remembered[ViewMetadata] = Remembered()


def read_metadata(catalog: SqlCatalog, location: str) -> ViewMetadata:
    """The metadata in the file at ``location``.

    Raises:
        OSError: The file can't be read.
        ValidationError: It isn't a view's metadata.
    """
    from pyiceberg.io import load_file_io
    from pyiceberg.serializers import Compressor
    from pyiceberg.view.metadata import ViewMetadata

    def read() -> ViewMetadata:
        with load_file_io(catalog.properties, location).new_input(location).open() as stream:
            text = Compressor.get_compressor(location).stream_decompressor(stream).read()
        return ViewMetadata.model_validate_json(text)

    return _read.read(location, read)


def write_metadata(catalog: SqlCatalog, metadata: ViewMetadata) -> str:
    """Write a new file; its location. Nobody sees it until the catalog names it."""
    from pyiceberg.io import load_file_io

    location = f"{metadata.location}/metadata/{metadata.current_version_id:05d}-{uuid.uuid4()}.metadata.json"
    with load_file_io(catalog.properties, location).new_output(location).create() as stream:
        stream.write(metadata.model_dump_json().encode())
    return location


def delete_metadata(catalog: SqlCatalog, location: str) -> None:
    """Delete the file of a view that no catalog names any more; one that can't be deleted stays."""
    from pyiceberg.io import load_file_io

    with suppress(OSError):
        load_file_io(catalog.properties, location).delete(location)


def new_metadata(
    catalog: SqlCatalog,
    statement: CreateView,
    default_catalog: str,
    default_namespace: str,
    before: ViewMetadata | None,
    owner: str,
) -> ViewMetadata:
    """The metadata after ``statement``: a new version, the last ones before it kept.

    Args:
        default_catalog, default_namespace: Where unqualified names in the text count from.
        before: The view that is replaced.
        owner: Whose rights count where the view runs with its owner's.
    """
    from pyiceberg.schema import Schema
    from pyiceberg.view.metadata import ViewMetadata, ViewVersion

    now, name = int(time.time() * 1000), statement.table
    version_id = before.current_version_id + 1 if before else 1
    schema = Schema(*iceberg_schema(statement.fields).fields, schema_id=version_id)
    earlier = before.schemas if before else []
    schema = next((old for old in earlier if old == schema), schema)  # dbt replaces a view's text far more often
    version = {
        "version-id": version_id,
        "schema-id": schema.schema_id,
        "timestamp-ms": now,
        "summary": {"engine-name": "olo", _COLUMNS: json.dumps([str(field.type) for field in statement.fields])},
        "representations": [{"type": "sql", "sql": statement.sql, "dialect": _DIALECT}],
        "default-catalog": default_catalog,  # Trino needs it: without it the namespace doesn't count either
        "default-namespace": default_namespace.split(".") if default_namespace else [],
    }
    properties = {"comment": statement.comment} if statement.comment else {}
    if statement.security == "definer":
        properties[_OWNER] = owner
    versions = [*(before.versions if before else []), ViewVersion.model_validate(version)][-_VERSIONS_KEPT:]
    kept = {version.schema_id for version in versions}
    log = [{"timestamp-ms": version.timestamp_ms, "version-id": version.version_id} for version in versions]
    return ViewMetadata.model_validate(
        {
            "view-uuid": before.view_uuid if before else str(uuid.uuid4()),
            "format-version": 1,
            "location": before.location
            if before
            else catalog._resolve_table_location(default_location(catalog, name), name.namespace, name.table),
            "schemas": [*(old for old in earlier if old.schema_id in kept and old is not schema), schema],
            "current-version-id": version_id,
            "versions": versions,
            "version-log": log,
            "properties": properties,
        }
    )


def view_schema(metadata: ViewMetadata, name: TableName) -> ViewSchema:
    """The view as the translator takes it.

    Raises:
        Unsupported: The view has no Trino text (another engine made it).
    """
    from pyiceberg.view import View

    view = View(name.identifier, metadata)
    text = view.sql_for(_DIALECT)
    if text is None:
        dialects = ", ".join(sorted({item.root.dialect for item in view.current_version().representations}))
        raise Unsupported(f"The view '{name}' has no text in Trino's SQL, only in: {dialects}.")
    fields = table_schema(view.schema()).fields
    types = json.loads(view.current_version().summary.get(_COLUMNS, "[]"))
    if len(types) == len(fields):
        fields = tuple(
            Field(field.name, parse_type(type_), True, field.comment)
            for field, type_ in zip(fields, types, strict=True)
        )
    version = view.current_version()
    return ViewSchema(
        text.sql,
        version.default_catalog or name.catalog,
        ".".join(version.default_namespace),
        fields,
        metadata.properties.get("comment", ""),
        "definer" if _OWNER in metadata.properties else "invoker",
        metadata.location,
    )


def owner_of(metadata: ViewMetadata) -> str:
    """Whose rights a view runs with, '' for those of whoever reads it."""
    return metadata.properties.get(_OWNER, "")
