"""What file systems and databases raise while something is written, as errors that say that nothing was."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.sandbox import check_writable


@contextmanager
def writing(name: TableName, *more: TableName) -> Iterator[None]:
    """As explained_faults, for a write: every write passes here.

    Args:
        more: Other names that the write changes, e.g. the new one.

    Raises:
        QueryError: As explained_faults; ``sandbox-write`` where the sandbox may not write it.
    """
    for one in (name, *more):
        check_writable(one)
    with explained_faults(name):
        yield


@contextmanager
def explained_faults(name: TableName) -> Iterator[None]:
    """Turn faults of the storage and the catalog's database into a QueryError about ``name``.

    Raises:
        QueryError: ``catalog-locked`` (SQLite stayed locked), ``catalog-not-available``, ``iceberg-filesystem-error``.
    """
    from pyiceberg.exceptions import RESTError
    from sqlalchemy.exc import SQLAlchemyError

    what = str(name) if name.table else f"{quoted(name.catalog)}.{quoted(name.namespace)}"
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        if "database is locked" in cause:
            raise QueryError(
                f"The database of catalog {name.catalog} stayed locked: '{what}' was not changed.",
                code="catalog-locked",
                hint="Another program is writing to it. Run the statement again when it is done.",
            ) from error
        if "readonly" in cause:
            raise QueryError(
                f"The database of catalog {name.catalog} is read-only: '{what}' was not changed.",
                code="catalog-not-available",
                hint="Check who may write to its file and folder.",
            ) from error
        raise QueryError(f"Catalog {name.catalog} can't be used: {cause}", code="catalog-not-available") from error
    except RESTError as error:
        raise QueryError(f"Catalog {name.catalog} refused: {error}", code="catalog-not-available") from error
    except OSError as error:
        hint = {
            errno.ENOSPC: "The disk is full: make room and run it again.",
            errno.EACCES: "Check who may write to the warehouse folder.",
            errno.EROFS: "The warehouse is on a read-only file system.",
            errno.EDQUOT: "Your share of the disk is used up: make room and run it again.",
            errno.EFBIG: "The system allows no larger file here (ulimit -f).",
        }.get(error.errno or 0, "")
        raise QueryError(
            f"Writing '{what}' failed, it was not changed: {error}", code="iceberg-filesystem-error", hint=hint
        ) from error
