"""What a statement will read, told before it runs: files, rows and bytes by Iceberg's own metadata.

The figures are those of the files that are left after pruning by partitions and column statistics; no data file is
opened. Where the statement's conditions can't be used (an engine's own dialect, text that only Trino understands) all
files of a table count: an upper bound, and labelled as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from olo_jupyter.lakehouse import information_schema
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryError, one_line
from olo_jupyter.lakehouse.file_sizes import bytes_of
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.reading import PinnedTable, Reading
from olo_jupyter.lakehouse.scan import Planner
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.pins import pin_of
from olo_jupyter.lakehouse.sql.analyze.relations import resolve
from olo_jupyter.lakehouse.sql.grammar.syntax import trees
from olo_jupyter.lakehouse.sql.parameters import Parameters, fill_identifiers
from olo_jupyter.lakehouse.sql.parse import parse, parse_query
from olo_jupyter.lakehouse.sql.statement import Field, Predicate, Query, Scan, ViewSchema
from olo_jupyter.lakehouse.sql.translate import Context, translate
from olo_jupyter.lakehouse.sql.types import parse_type
from olo_jupyter.lakehouse.views import find_view

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class TableScan:
    """What is read of one table.

    Args:
        table: Full name.
        snapshot: The snapshot that is read; None for a table that nothing was written to.
        files: Data files left after pruning, ``all_files`` before it.
        rows: Rows in them, deleted ones included.
        bytes: Of the wanted columns where the metadata tell column sizes, else of whole files; with delete files.
        bound: The statement's conditions were not used: what is read is at most this.
    """

    table: str
    snapshot: int | None
    files: int
    all_files: int
    rows: int
    bytes: int
    bound: bool


@dataclass(frozen=True)
class Estimate:
    """What a statement will read.

    Args:
        scans: Each read of a table.
        unknown: What can't be told, as sentences: relations that no Iceberg catalog here knows, text that isn't read.
    """

    scans: tuple[TableScan, ...]
    unknown: tuple[str, ...] = ()

    @property
    def files(self) -> int:
        """Data files of all reads."""
        return sum(scan.files for scan in self.scans)

    @property
    def rows(self) -> int:
        """Rows of all reads."""
        return sum(scan.rows for scan in self.scans)

    @property
    def bytes(self) -> int:
        """Bytes of all reads."""
        return sum(scan.bytes for scan in self.scans)

    @property
    def bound(self) -> bool:
        """Whether a figure is an upper bound."""
        return any(scan.bound for scan in self.scans)

    def line(self) -> str:
        """One line for people.

        Example:
            >>> Estimate((TableScan("dev.silver.t", 1, 2, 9, 1000, 52_000, False),)).line()
            'scans 2 of 9 files, 1,000 rows, 52 KB'
            >>> Estimate((TableScan("dev.silver.t", 1, 9, 9, 1000, 52_000, True),)).line()
            'scans at most 9 files, 1,000 rows, 52 KB (upper bound: the conditions are not known here)'
        """
        if self.unknown and not self.scans:
            return f"scan unknown: {' '.join(self.unknown)}"
        every = sum(scan.all_files for scan in self.scans)
        of = f" of {every:,}" if every > self.files else ""
        plural = "file" if every == 1 else "files"
        most, why = ("at most ", " (upper bound: the conditions are not known here)") if self.bound else ("", "")
        more = f"; besides: {' '.join(self.unknown)}" if self.unknown else ""
        rows = count_text(self.rows, "row")
        return f"scans {most}{self.files:,}{of} {plural}, {rows}, {size_text(self.bytes)}{why}{more}"

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` shows it."""
        return {
            "files": self.files,
            "rows": self.rows,
            "bytes": self.bytes,
            "upper_bound": self.bound,
            "unknown": list(self.unknown),
            "tables": [
                {**vars(scan), "snapshot": None if scan.snapshot is None else str(scan.snapshot)} for scan in self.scans
            ],
        }


def count_text(count: int, thing: str) -> str:
    """A number of things.

    Example:
        >>> count_text(1, "file"), count_text(1_000, "row")
        ('1 file', '1,000 rows')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def size_text(size: int) -> str:
    """Bytes for people, in powers of a thousand.

    Example:
        >>> size_text(999), size_text(1_234_567), size_text(10**10)
        ('999 B', '1.2 MB', '10 GB')
    """
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = 1 if unit and value < 9.95 else 0
    return f"{value:.{digits}f}".removesuffix(".0") + f" {_UNITS[unit]}"


def estimate(planner: Planner, catalogs: Catalogs, request: Request) -> Estimate:
    """What ``request`` will read, on whatever engine.

    Nothing is raised for a statement that is wrong: the engine that runs it tells that better.
    """
    reading = Reading(catalogs, request.pins, request.as_of)
    if request.dialect != "trino":
        return _bound(planner, reading, request)
    try:
        scans = list(_planned(request, reading))
    except QueryError:
        return _bound(planner, reading, request)
    return _estimate(planner, reading, scans, bound=False)


def refuse_above(found: Estimate, most: int, source: str) -> None:
    """Refuse a statement that reads more than ``most`` bytes, or as much as nobody can tell.

    Args:
        source: Where the bound comes from, for the message: ``--max-scan`` or olo.yml.

    Raises:
        QueryError: ``scan-too-large``, ``scan-unknown``.
    """
    lift = "--max-scan none runs it all the same."
    if found.bytes > most:
        about = "at most " if found.bound else ""
        largest = max(found.scans, key=lambda scan: scan.bytes)
        raise QueryError(
            f"The statement would scan {about}{size_text(found.bytes)} in {count_text(found.files, 'file')}, more "
            f"than the {size_text(most)} that {source} allows; {largest.table} alone is {size_text(largest.bytes)}.",
            code="scan-too-large",
            hint=f"Add a condition on a partition column, name fewer columns, or raise the bound. {lift}",
        )
    if found.unknown:
        raise QueryError(
            f"How much the statement scans can't be told, and {source} allows {size_text(most)}: "
            + " ".join(found.unknown),
            code="scan-unknown",
            hint=lift,
        )


def _planned(request: Request, reading: Reading) -> Iterator[Scan]:
    """The reads of a statement with the conditions and columns that they have.

    Raises:
        QueryError: The statement is wrong, or only another engine understands it.
    """
    results = {
        name: tuple(Field(column.name, parse_type(column.type)) for column in result.columns)
        for name, result in request.results.items()
    }
    statement = translate(
        request.sql,
        Context(
            schemas=reading,
            catalog=request.catalog,
            namespace=request.namespace,
            sources=request.sources,
            parameters=request.parameters,
            positional=request.positional,
            results=results,
        ),
    )
    query = statement if isinstance(statement, Query) else getattr(statement, "query", None)
    if isinstance(query, Query):
        yield from query.scans


def _estimate(planner: Planner, reading: Reading, scans: Iterable[Scan], *, bound: bool) -> Estimate:
    found, unknown = [], []
    for scan in scans:
        if information_schema.answers(scan.table) or scan.metadata is not None:
            continue
        try:
            pinned = reading.pinned(scan.table, scan.pin)
            found.append(_scan(planner, pinned, scan.columns, scan.predicates, bound))
        except QueryError as error:
            unknown.append(f"{error.message}")
    return Estimate(tuple(found), tuple(dict.fromkeys(unknown)))


def _scan(
    planner: Planner, pinned: PinnedTable, columns: Sequence[str], predicates: Sequence[Predicate], bound: bool
) -> TableScan:
    tasks = planner.tasks(pinned, predicates)
    fields = None if bound else [field for field in pinned.schema.fields if field.name.lower() in columns]
    return TableScan(
        table=str(pinned.name),
        snapshot=pinned.snapshot.snapshot_id if pinned.snapshot else None,
        files=len(tasks),
        all_files=_all_files(pinned, len(tasks)),
        rows=sum(task.file.record_count for task in tasks),
        bytes=bytes_of(tasks, fields),
        bound=bound,
    )


def _all_files(pinned: PinnedTable, left: int) -> int:
    """Data files of the snapshot, by its summary where that tells."""
    summary = pinned.snapshot.summary if pinned.snapshot else None
    count = None if summary is None else summary["total-data-files"]
    return max(left, int(count)) if count is not None else left


def _bound(planner: Planner, reading: Reading, request: Request) -> Estimate:
    """All files of the tables that a statement names."""
    try:
        named = list(_named(request, reading))
    except QueryError as error:
        return Estimate((), (f"The text isn't read here: {error.message}",))
    scans = [Scan("", table, metadata, pin, ()) for table, metadata, pin in named]
    return _estimate(planner, reading, scans, bound=True)


def _named(request: Request, reading: Reading) -> Iterator[tuple[TableName, str | None, Pin | None]]:
    """The tables in a statement's text, views taken apart.

    Raises:
        QueryError: The text can't be read.
    """
    parameters = Parameters(request.parameters, request.positional)
    analyzer = Analyzer(reading, parameters, datetime.now(UTC), {}, request.catalog, request.namespace)
    around = Surroundings(request.catalog, request.namespace, request.sources)
    earlier = {name.lower() for name in request.results}
    yield from _tables(analyzer, _roots(request), around, reading, earlier)


def _roots(request: Request) -> Iterable[exp.Expr]:
    if request.dialect == "trino":
        return trees(parse(fill_identifiers(request.sql, request.parameters)))
    try:
        return [tree for tree in sqlglot.parse(request.sql, read=request.dialect) if tree is not None]
    except SqlglotError as error:
        raise QueryError(one_line(error)) from error


def _tables(
    analyzer: Analyzer, roots: Iterable[exp.Expr], around: Surroundings, reading: Reading, known: set[str]
) -> Iterator[tuple[TableName, str | None, Pin | None]]:
    for root in roots:
        common = known | {cte.alias.lower() for cte in root.find_all(exp.CTE)}
        for node in root.find_all(exp.Table):
            if not (node.args.get("db") or node.args.get("catalog")) and node.name.lower() in common:
                continue
            table, metadata = resolve(node, around)
            version = node.args.get("version")
            pin = pin_of(version, lambda mark: analyzer.parameters.value(mark)[1]) if version is not None else None
            view = None if metadata is not None or information_schema.answers(table) else _view(reading, table)
            if view is None:
                yield _where_it_is(reading, table, around), metadata, pin
            else:
                inner = replace(around, catalog=view.catalog, namespace=view.namespace)
                yield from _tables(analyzer, [parse_query(view.sql)], inner, reading, set())


def _view(reading: Reading, table: TableName) -> ViewSchema | None:
    try:
        if reading.catalogs.find_exactly(table) is not None:
            return None
        return find_view(reading.catalogs, table)
    except QueryError:
        return None  # told when its files are looked for


def _where_it_is(reading: Reading, table: TableName, around: Surroundings) -> TableName:
    """The table in its own catalog, else in the sources of the session."""
    if not around.sources or table.catalog != around.catalog:
        return table
    try:
        here = reading.catalogs.find_exactly(table) is not None
    except QueryError:
        here = True
    return table if here else replace(table, catalog=around.sources)
