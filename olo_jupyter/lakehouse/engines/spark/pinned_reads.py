"""The notebook-wide pin on PySpark's own reads: ``spark.table``, ``spark.sql``, ``spark.read…``.

While a pin holds, these methods are stood in for by ones that read the tables of olo.yml's Iceberg catalogs at their
snapshots. What can't be pinned is read as it is, and a warning says so.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from olo_jupyter.lakehouse.engines.spark.session import Sessions
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.sql.spark.text import identifier


class NotPinnedWarning(UserWarning):
    """A read of PySpark's that the notebook-wide pin doesn't reach."""


_FILES = ("parquet", "csv", "json", "orc", "text", "jdbc", "xml")
_CLASSES = (
    ("pyspark.sql.session", "pyspark.sql.readwriter"),
    ("pyspark.sql.connect.session", "pyspark.sql.connect.readwriter"),
)


class PinnedReads:
    """Stands in for PySpark's reading methods.

    Args:
        session: Its catalogs, pins and notebook-wide pin hold, as they are at each read.

    Example::

        reads = PinnedReads(session)
        reads.install()  # again after another part of pyspark was imported
        spark.table("dev.silver.flights")  # as of session.as_of
        reads.remove()
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._spark_names = {spark: ours for ours, spark in Sessions(session.settings).names().items()}
        self._stood_in: dict[tuple[type, str], Callable[..., Any]] = {}

    def install(self) -> None:
        """Stand in for the methods of all classes of pyspark that are imported."""
        for sessions, readers in _CLASSES:
            if sessions in sys.modules and readers in sys.modules:
                session, reader = sys.modules[sessions].SparkSession, sys.modules[readers].DataFrameReader
                self._stand_in(session, "table", self._table)
                self._stand_in(session, "sql", self._sql)
                self._stand_in(reader, "table", self._reader_table)
                self._stand_in(reader, "load", self._load)
                for name in _FILES:
                    if hasattr(reader, name):
                        self._stand_in(reader, name, self._file(name))

    def remove(self) -> None:
        """Give PySpark its own methods back."""
        for (owner, name), own in self._stood_in.items():
            setattr(owner, name, own)
        self._stood_in.clear()

    def _stand_in(self, owner: type, name: str, pinned: Callable[..., Any]) -> None:
        if (owner, name) in self._stood_in:
            return
        own = getattr(owner, name)

        def method(self_: Any, *args: Any, **kwargs: Any) -> Any:
            return pinned(own, self_, *args, **kwargs) if self._pin is not None else own(self_, *args, **kwargs)

        method.__name__, method.__doc__ = name, own.__doc__
        setattr(owner, name, method)
        self._stood_in[owner, name] = own

    @property
    def _pin(self) -> Pin | None:
        return self._session.as_of

    # The methods

    def _table(self, own: Callable[..., Any], spark: Any, tableName: str) -> Any:  # noqa: N803
        snapshot = self._snapshot(spark, _parts(tableName))
        return own(spark, tableName) if snapshot is None else self._read(spark, tableName, snapshot)

    def _reader_table(self, own: Callable[..., Any], reader: Any, tableName: str) -> Any:  # noqa: N803
        spark = _session_of(reader)
        snapshot = self._snapshot(spark, _parts(tableName))
        return own(reader, tableName) if snapshot is None else self._read(spark, tableName, snapshot)

    def _load(self, own: Callable[..., Any], reader: Any, path: Any = None, *args: Any, **kwargs: Any) -> Any:
        spark = _session_of(reader)
        named = isinstance(path, str) and re.fullmatch(r"[\w`]+(\.[\w`]+)+", path)
        snapshot = self._snapshot(spark, _parts(path)) if named else None
        if not named:
            self._unreachable(f"load({path!r})")
        return own(reader, path, *args, **kwargs) if snapshot is None else self._read(spark, path, snapshot)

    def _file(self, name: str) -> Callable[..., Any]:
        def read(own: Callable[..., Any], reader: Any, *args: Any, **kwargs: Any) -> Any:
            self._unreachable(f"spark.read.{name}")
            return own(reader, *args, **kwargs)

        return read

    def _sql(self, own: Callable[..., Any], spark: Any, sqlQuery: str, *args: Any, **kwargs: Any) -> Any:  # noqa: N803
        return own(spark, self.pinned_text(spark, sqlQuery), *args, **kwargs)

    def _read(self, spark: Any, name: str, snapshot: int) -> Any:
        own = next(
            own for (owner, method), own in self._stood_in.items() if method == "sql" and isinstance(spark, owner)
        )
        quoted = ".".join(map(identifier, _parts(name)))
        return own(spark, f"SELECT * FROM {quoted} VERSION AS OF {snapshot}")

    # What they need

    def pinned_text(self, spark: Any, text: str) -> str:
        """Spark SQL in which each table that is read, and has no pin of its own, is read at its snapshot."""
        try:
            statements = [one for one in parse(text, read="spark") if one is not None]
        except SqlglotError:
            self._unreachable("this statement, which isn't understood here")
            return text
        places: dict[int, int] = {}
        for statement in statements:
            if isinstance(statement, exp.Command) and re.match(r"(?i)\s*(with|select|from)\b", text):
                self._unreachable("this statement, which isn't understood here")
            for table in _read_tables(statement):
                parts = [part.name for part in table.parts]
                snapshot = self._snapshot(spark, parts)
                end = table.parts[-1].meta.get("end")
                if snapshot is None:
                    continue
                if end is None:
                    self._unreachable(".".join(parts))
                else:
                    places[end + 1] = snapshot
        for place in sorted(places, reverse=True):
            text = f"{text[:place]} VERSION AS OF {places[place]}{text[place:]}"
        return text

    def _snapshot(self, spark: Any, parts: list[str]) -> int | None:
        """The snapshot that the pin means for a table; None for what isn't one of the catalogs, which is said."""
        shown = ".".join(parts)
        if len(parts) == 1 and _temporary(spark, parts[0]):
            self._unreachable(f"the view {shown}, whose rows were chosen when it was made")
            return None
        catalog = parts[0] if len(parts) > 2 else str(spark.catalog.currentCatalog())
        ours = self._spark_names.get(catalog)
        namespace = [*parts[1:-1]] if len(parts) > 2 else parts[:-1] or [str(spark.catalog.currentDatabase())]
        if ours is None:
            self._unreachable(f"{shown}, which is in no catalog of olo.yml")
            return None
        name = TableName(ours, ".".join(namespace), parts[-1].lower())
        reading = Reading(self._session.catalogs, self._session.pins, self._pin)
        try:
            found = reading.pinned(name, None)
        except QueryError as error:
            if error.code in ("table-not-found", "schema-not-found"):
                self._unreachable(f"{shown}, which is no Iceberg table")
                return None
            raise
        return found.snapshot.snapshot_id if found.snapshot is not None else None

    def _unreachable(self, what: str) -> None:
        warnings.warn(f"Not pinned, read as it is now: {what}.", NotPinnedWarning, stacklevel=6)


def _parts(name: str) -> list[str]:
    """The parts of a name as Spark writes it.

    Example:
        >>> _parts("dev.`my ns`.t")
        ['dev', 'my ns', 't']
    """
    found = re.findall(r"`((?:[^`]|``)+)`|([^.`]+)", name)
    return [quoted.replace("``", "`") or plain.strip() for quoted, plain in found]


def _read_tables(statement: exp.Expr) -> Iterator[exp.Table]:
    """The tables that a statement reads without a pin of their own: no names of WITH, no target of a write."""
    with_ = {each.alias.lower() for each in statement.find_all(exp.CTE)}
    written = _target(statement)
    if isinstance(statement, exp.Drop | exp.Alter | exp.Describe | exp.Use | exp.Command):
        return
    for table in statement.find_all(exp.Table):
        if table is written or table.args.get("version") or table.args.get("when") or not table.name:
            continue
        if len(table.parts) == 1 and table.name.lower() in with_:
            continue
        if isinstance(table.this, exp.Identifier):
            yield table


def _target(statement: exp.Expr) -> exp.Expr | None:
    """The table that a statement writes to."""
    if not isinstance(statement, exp.Insert | exp.Create | exp.Merge | exp.Update | exp.Delete):
        return None
    target: exp.Expr | None = statement.this
    if isinstance(target, exp.Schema):
        target = target.this
    return target


def _temporary(spark: Any, name: str) -> bool:
    from pyspark.errors import PySparkException

    try:
        return bool(spark.catalog.getTable(name).isTemporary)
    except PySparkException:
        return False


def _session_of(reader: Any) -> Any:
    """The session of a DataFrameReader, classic (``_spark``) or of Connect (``_client``'s owner)."""
    classic = getattr(reader, "_spark", None)
    if classic is not None:
        return classic
    connect: Mapping[str, Any] = sys.modules["pyspark.sql.connect.session"].__dict__
    return connect["SparkSession"].getActiveSession()
