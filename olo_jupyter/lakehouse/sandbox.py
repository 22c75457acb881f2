"""What a process of the target ``sandbox`` may write: the schema gold of its user's own catalog, nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName

SANDBOX = "sandbox"
SCHEMA = "gold"


def check_writable(name: TableName, environ: Mapping[str, str] = os.environ) -> None:
    """Refuse a write that the sandbox doesn't allow.

    Args:
        name: The table; with an empty ``table`` a schema.
        environ: ``OLO_TARGET`` and ``OLO_SANDBOX_CATALOG``, as the target's processes get them.

    Raises:
        QueryError: ``sandbox-write``.

    Example:
        >>> sandbox = {"OLO_TARGET": "sandbox", "OLO_SANDBOX_CATALOG": "ana_sandbox"}
        >>> check_writable(TableName("ana_sandbox", "gold", "t"), sandbox)
        >>> check_writable(TableName("dev", "gold", "t"), {"OLO_TARGET": "dev"})
    """
    own = environ.get("OLO_SANDBOX_CATALOG", "")
    if environ.get("OLO_TARGET") != SANDBOX or not own:
        return
    what = str(name) if name.table else f"{name.catalog}.{name.namespace}"
    if name.catalog != own:
        raise QueryError(
            f"The sandbox writes {own} only: '{what}' was not changed.",
            code="sandbox-write",
            hint=f"Write {own}.{SCHEMA}; {name.catalog} is written by deployed jobs.",
        )
    # A proof has a catalog of its own for a moment, where tables stand as the target will have them.
    if own.endswith("_sandbox") and name.namespace != SCHEMA:
        there = f"{SCHEMA}.{name.namespace}_{name.table}" if name.table else SCHEMA
        raise QueryError(
            f"The sandbox writes its schema {SCHEMA} only: '{what}' was not changed.",
            code="sandbox-write",
            hint=f"Write {there}: tables of other layers carry the layer as prefix.",
        )
