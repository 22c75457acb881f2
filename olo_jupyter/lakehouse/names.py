"""Names of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, order=True)
class TableName:
    """A fully resolved table: catalog, namespace, table.

    Example:
        >>> str(TableName("dev", "silver", "flights"))
        'dev.silver.flights'
        >>> str(TableName("dev", "silver", "select me"))
        'dev.silver."select me"'
    """

    catalog: str
    namespace: str
    table: str

    def __str__(self) -> str:
        return ".".join(quoted(part) for part in (self.catalog, self.namespace, self.table))

    @property
    def identifier(self) -> tuple[str, ...]:
        """PyIceberg's identifier inside the catalog; a namespace with dots is a nested one."""
        return (*self.namespace.split("."), self.table)


def quoted(name: str) -> str:
    """``name`` as an SQL identifier: bare where it is a plain lower-case word, else in double quotes."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
