"""Whether a table's metadata file is what it should be: there, whole, and this table's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName

if TYPE_CHECKING:
    from pyiceberg.table import Table

INVALID = "iceberg-invalid-metadata"
_S3 = ("s3", "s3a", "s3n")
_HINT = "Bring an older file of its metadata folder back to this place, or drop the table (its data files stay then)."


@contextmanager
def readable_metadata(name: TableName) -> Iterator[None]:
    """Turn what a missing, cut or foreign metadata file raises into one error about the table.

    Raises:
        QueryError: ``iceberg-missing-metadata``, ``iceberg-invalid-metadata``.
    """
    from pyiceberg.exceptions import ValidationError

    try:
        yield
    except FileNotFoundError as error:
        message = f"The metadata file of table {name} is gone: {error}"
        raise QueryError(message, code="iceberg-missing-metadata", hint=_HINT) from error
    except (ValidationError, ValueError, EOFError) as error:  # ValueError: not JSON, not UTF-8, not what JSON must hold
        message = f"The metadata file of table {name} can't be read: {_reason(error)}"
        raise QueryError(message, code=INVALID, hint=_HINT) from error


def check_metadata(table: Table, name: TableName) -> None:
    """A table's metadata file stands in its own folder: one that doesn't was made for another table.

    Only for catalogs whose database names the file: a server answers for its own.

    Raises:
        QueryError: ``iceberg-invalid-metadata``.
    """
    from pyiceberg.catalog.sql import SqlCatalog

    if not isinstance(table.catalog, SqlCatalog):
        return
    folders = [table.properties.get("write.metadata.path"), f"{table.location()}/metadata", table.location()]
    at = same_place(table.metadata_location)
    if not any(folder and at.startswith(f"{same_place(folder)}/") for folder in folders):
        raise QueryError(
            f"The metadata file of table {name} belongs to another table, whose place is {table.location()}: "
            f"{table.metadata_location}",
            code=INVALID,
            hint=_HINT,
        )


def same_place(location: str) -> str:
    """A location in one form: ``file:/a``, ``file:///a`` and ``/a`` are the same file, so are s3 and s3a.

    Example:
        >>> same_place("file:///lake/t/"), same_place("/lake//t"), same_place("s3a://bucket/t")
        ('file:/lake/t', 'file:/lake/t', 's3:bucket/t')
    """
    scheme, colon, rest = location.partition(":")
    if not colon or "/" in scheme:
        scheme, rest = "file", location
    scheme = "s3" if scheme in _S3 else scheme
    path = "/".join(part for part in rest.split("/") if part)
    return f"{scheme}:/{path}" if scheme == "file" else f"{scheme}:{path}"


def _reason(error: Exception) -> str:
    """What is wrong with a file, in one line, without its contents."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[1] if len(lines) > 1 and "validation error" in lines[0] else (lines[0] if lines else "it is empty")
    return reason.partition(" [type=")[0]
