"""Names of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from olo_converters.names import sql_reserved
from olo_jupyter.lakehouse.errors import QueryError

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|(\w+))\s*(\.|$)')


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

    def metadata(self, kind: str) -> TableName:
        """A table of its metadata.

        Example:
            >>> str(TableName("dev", "silver", "flights").metadata("snapshots"))
            'dev.silver."flights$snapshots"'
        """
        return replace(self, table=f"{self.table}${kind}")

    @property
    def identifier(self) -> tuple[str, ...]:
        """PyIceberg's identifier inside the catalog; a namespace with dots is a nested one."""
        return (*self.namespace.split("."), self.table)


def quoted(name: str) -> str:
    """``name`` as an SQL identifier: bare where it is a plain lower-case word and not reserved, else in double quotes.

    Example:
        >>> quoted("flights"), quoted("order")
        ('flights', '"order"')
    """
    return name if _PLAIN.fullmatch(name) and name not in sql_reserved() else '"' + name.replace('"', '""') + '"'


def parse_table_name(text: str, catalog: str, namespace: str = "") -> TableName:
    """Read ``table``, ``namespace.table`` or ``catalog.namespace.table``, with double quotes where SQL needs them.

    Like Trino, names are lower case, quoted or not.

    Args:
        text: The name.
        catalog: Catalog of a name that gives none.
        namespace: Namespace of a name that gives none.

    Raises:
        QueryError: Not a name, or a bare one and there is no namespace to count from.

    Example:
        >>> parse_table_name('silver."Select Me"', "dev")
        TableName(catalog='dev', namespace='silver', table='select me')
    """
    parts: list[str] = []
    at, more = 0, True
    while more:
        match = _PART.match(text, at)
        if match is None:
            raise QueryError(
                f"{text!r} is not a table name.",
                code="syntax-error",
                hint='Write table, namespace.table or catalog.namespace.table, other characters in "double quotes".',
            )
        parts.append((match.group(1) or match.group(2)).replace('""', '"').lower())
        at, more = match.end(), match.group(3) == "."
    if len(parts) > 3:
        raise QueryError(f"{text!r} has too many parts: catalog.namespace.table at most.", code="syntax-error")
    if len(parts) == 1 and not namespace:
        raise QueryError(
            f"{text!r} names no namespace, and the session has none.",
            code="missing-schema-name",
            hint=f"Write namespace.{parts[0]}.",
        )
    full = [catalog, namespace][: 3 - len(parts)] + parts
    return TableName(full[0], full[1], full[2])
