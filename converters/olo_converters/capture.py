"""What was seen while the notebook ran, and what is known of the project: plain values that come in from outside.

Everything is optional: without a live kernel the converters work from the notebook file alone and say what
they couldn't know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Row = Mapping[str, Any]
"""One row: column name → value (None, bool, int, float, Decimal, str, date, time, datetime, bytes, list, dict)."""


@dataclass(frozen=True)
class ColumnFact:
    """A column.

    Args:
        name: As the table or result names it.
        type: Trino's notation (``decimal(10,2)``) for tables and SQL results; the dtype's name for pandas columns.
        comment: The table's own comment on it.
        sensitivity: Tags such as ``pii`` or ``restricted``; values of such columns never reach an artefact.
    """

    name: str
    type: str = ""
    comment: str = ""
    sensitivity: tuple[str, ...] = ()

    @property
    def is_sensitive(self) -> bool:
        """Whether its values must not leave the notebook."""
        return bool({"pii", "restricted"} & set(self.sensitivity))


@dataclass(frozen=True)
class ColumnProfile:
    """What the data of one column looks like at the pin: evidence for proposed tests.

    Args:
        rows: Rows looked at.
        nulls: NULLs among them.
        distinct: Distinct non-NULL values.
        minimum, maximum: Over non-NULL values; None where the type has no order or the column is sensitive.
        values: All distinct values where there are few (≤ 20), else empty; empty for sensitive columns.
    """

    name: str
    rows: int
    nulls: int
    distinct: int
    minimum: Any = None
    maximum: Any = None
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class TableFact:
    """A table that a query read.

    Args:
        sample: A few of its rows at the pin (sensitive values get replaced).
        commits: When its snapshots up to the pin were committed, oldest first, in UTC.
    """

    catalog: str
    namespace: str
    table: str
    columns: tuple[ColumnFact, ...] = ()
    comment: str = ""
    sample: tuple[Row, ...] = ()
    commits: tuple[datetime, ...] = ()

    @property
    def full_name(self) -> str:
        """``catalog.namespace.table``, unquoted: the key of ``CapturedResult.snapshots``."""
        return f"{self.catalog}.{self.namespace}.{self.table}"


@dataclass(frozen=True)
class ObservedValue:
    """A variable as it was seen.

    Args:
        type: Qualified name of its class: ``int``, ``datetime.date``, ``pandas.DataFrame``.
        value: The value itself for scalars (None, bool, int, float, Decimal, str, date, datetime); None for all else.
        is_scalar: Whether ``value`` is the value.
        columns: A data frame's columns.
        sample: A few rows of a data frame.
        rows: A data frame's or a collection's length, None where it has none.
    """

    name: str
    type: str
    value: Any = None
    is_scalar: bool = False
    columns: tuple[ColumnFact, ...] = ()
    sample: tuple[Row, ...] = ()
    rows: int | None = None


@dataclass(frozen=True)
class Reference:
    """A column of a result looked up in a key of a table that the result reads, both at the pins.

    Args:
        column: Of the result; ``table`` (full name) and ``field`` where its values were looked up.
        rows: Rows of the result with a value; ``found`` those whose value is there.
        keys: Values of ``field``, each there once.
    """

    column: str
    table: str
    field: str
    rows: int
    found: int
    keys: int


@dataclass(frozen=True)
class CapturedResult:
    """One run of a ``%%olo sql`` cell.

    Args:
        cell: Id of the cell; ``name`` is its ``RESULT <<`` variable, '' where it has none.
        sql: The statement as it ran; ``parameters`` the values bound to its ``:name``.
        columns: Output columns with Trino types. ``sensitivity`` is inherited from the source columns.
        snapshots: Snapshot id of each table read, by full name (``dev.silver.flights``).
        catalog, namespace: Where its unqualified names counted from.
        as_of: The notebook-wide pin that held, as written ('' where none did).
        truncated: Whether ``--limit`` cut rows off.
        profile: Of the result's columns.
        sample: A few rows of the result.
        references: What its columns have in common with keys of the tables it reads; none for sensitive ones.
    """

    cell: str
    name: str
    sql: str
    engine: str = "embedded"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[ColumnFact, ...] = ()
    snapshots: Mapping[str, int] = field(default_factory=dict)
    catalog: str = "dev"
    namespace: str = ""
    rows: int = 0
    fingerprint: str = ""
    as_of: str = ""
    truncated: bool = False
    profile: tuple[ColumnProfile, ...] = ()
    sample: tuple[Row, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class CellRun:
    """One execution of a cell in the live kernel, in the order they happened. ``cell`` '' is a cell that is gone."""

    cell: str
    source: str
    execution_count: int
    failed: bool = False


@dataclass(frozen=True)
class Capture:
    """All that was seen in the live kernel.

    Args:
        runs: Every cell execution since the kernel started, oldest first. Empty: not known (a notebook file only).
        results: The last run of each ``%%olo sql`` cell.
        values: Variables of the user's namespace now, by name.
        tables: The tables that results read.
        packages: Installed version by distribution name, of the modules imported.
        modules: Distribution name by top-level module (``sklearn`` → ``scikit-learn``).
    """

    runs: tuple[CellRun, ...] = ()
    results: tuple[CapturedResult, ...] = ()
    values: Mapping[str, ObservedValue] = field(default_factory=dict)
    tables: tuple[TableFact, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)

    def result_of(self, cell: str) -> CapturedResult | None:
        """The last captured run of a SQL cell."""
        return next((result for result in reversed(self.results) if result.cell == cell), None)


@dataclass(frozen=True)
class KnownModel:
    """A dbt model of the project: its name and the relation it builds in every target's catalog."""

    name: str
    namespace: str
    table: str


@dataclass(frozen=True)
class KnownSource:
    """A dbt source table of the project. ``catalog`` '' is the target's own."""

    source: str
    name: str
    namespace: str
    table: str
    catalog: str = ""


@dataclass(frozen=True)
class Promoted:
    """What an earlier promotion of this notebook made of one of its cells.

    Args:
        name: Of the model or module.
        variable: What the cell bound.
        job: Name of the job that runs it, '' for one of its name.
    """

    name: str
    kind: Literal["dbt", "python"]
    layer: str
    cell: str
    variable: str = ""
    job: str = ""


@dataclass(frozen=True)
class ProjectFacts:
    """What the converters have to know of the project they write into.

    Args:
        package: The Python package under ``src/``.
        files: Text by path of files that may be edited or clash: ``models/**``, ``jobs/*.yml``,
            ``src/**``, requirements.
        models, sources: From the dbt manifest.
        promoted: Earlier promotions of the same notebook.
        catalogs: Catalogs whose tables are this project's own (dev, the sandbox): their namespaces are layers.
        source_database: Text of ``database:`` for new sources of the project's own catalogs, Jinja allowed; '' leaves
            it out.
    """

    package: str = "project"
    files: Mapping[str, str] = field(default_factory=dict)
    models: tuple[KnownModel, ...] = ()
    sources: tuple[KnownSource, ...] = ()
    promoted: tuple[Promoted, ...] = ()
    catalogs: tuple[str, ...] = ("dev",)
    source_database: str = ""
