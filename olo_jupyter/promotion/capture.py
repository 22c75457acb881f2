"""What was seen while the notebook ran: from the live kernel, or from the outputs stored in the notebook file."""

from __future__ import annotations

import base64
import binascii
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import ModuleType
from typing import Any

import pyarrow as pa

from olo_converters.capture import Capture, CapturedResult, CellRun, ColumnFact, ObservedValue, TableFact
from olo_converters.notebook import Cell, Notebook
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import TableName, parse_table_name
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.sensitivity import inherited, sensitivities
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.profile import SAMPLE_ROWS, profile, sample
from olo_jupyter.promotion.references import references

MIME_TYPE = "application/vnd.olo.result+json"
FRAME_ROWS = 5
_SCALARS = (bool, int, float, Decimal, str, date, datetime, time, type(None))
_OF_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open", "display"})


@dataclass(frozen=True)
class SqlRun:
    """The last run of a ``%%olo sql`` cell.

    Args:
        cell: The cell's id; ``name`` its variable, '' for none.
        result: What it gave. From a notebook file its rows are there only where the stored preview is complete.
        as_of: The pin that held, as written.
    """

    cell: str
    name: str
    result: Result
    as_of: str = ""


@dataclass(frozen=True)
class Observed:
    """What a kernel can tell.

    Args:
        runs: Every cell execution, oldest first.
        results: The last run of each SQL cell.
        variables: The user's namespace.
    """

    runs: Sequence[CellRun] = ()
    results: Sequence[SqlRun] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)


def notebook_of(runs: Sequence[CellRun], path: str) -> Notebook:
    """The notebook as far as the kernel knows it, where there is no file: the last source of each cell that ran."""
    last = {run.cell: run for run in runs if run.cell}
    cells = tuple(
        Cell(run.cell, index, "code", run.source, execution_count=run.execution_count)
        for index, run in enumerate(last.values())
    )
    return Notebook(path, cells)


def observed_in(notebook: Notebook) -> Observed:
    """What the outputs of a notebook file tell: results of SQL cells; no runs and no variables."""
    return Observed(results=[run for cell in notebook.cells if (run := _stored_result(cell)) is not None])


def capture(observed: Observed, notebook: Notebook, session: Session, profiled: str | None = None) -> Capture:
    """Everything the converters may know.

    Args:
        observed: From the kernel or the file.
        notebook: The notebook; its imports tell which packages matter.
        session: To look up tables at the snapshots that the results read.
        profiled: Id of the cell whose result gets a profile and a sample; None for none yet.
    """
    tables = _tables(observed.results, session)
    sensitive = {table.full_name: {c.name for c in table.columns if c.is_sensitive} for table in tables}
    results: list[CapturedResult] = []
    tainted: dict[str, set[str]] = {}
    for run in observed.results:
        provenance = run.result.provenance
        earlier = [columns for name, columns in tainted.items() if re.search(rf"\b{re.escape(name)}\b", provenance.sql)]
        inputs = set().union(*(sensitive.get(name, set()) for name in provenance.snapshots), *earlier)
        hidden = inherited(provenance.sql, [column.name for column in run.result.columns], inputs)
        if run.name:
            tainted[run.name] = hidden
        results.append(_result(run, session, hidden, tables, with_data=run.cell == profiled))
    known = set().union(*sensitive.values(), *tainted.values())
    modules, packages = _packages(notebook)
    return Capture(
        runs=tuple(observed.runs),
        results=tuple(results),
        values=_values(observed.variables, known),
        tables=tuple(tables),
        packages=packages,
        modules=modules,
    )


def _result(
    run: SqlRun, session: Session, hidden: set[str], tables: Sequence[TableFact], *, with_data: bool
) -> CapturedResult:
    result, provenance = run.result, run.result.provenance
    facts = tuple(
        ColumnFact(column.name, column.type, sensitivity=("restricted",) if column.name in hidden else ())
        for column in result.columns
    )
    complete = len(result) == provenance.rows
    return CapturedResult(
        cell=run.cell,
        name=run.name,
        sql=provenance.sql,
        engine=provenance.engine,
        parameters=dict(provenance.parameters),
        columns=facts,
        snapshots=dict(provenance.snapshots),
        catalog=session.catalog,
        namespace=session.namespace,
        rows=provenance.rows,
        fingerprint=provenance.fingerprint,
        as_of=run.as_of,
        truncated=result.truncated,
        profile=profile(result.arrow, hidden) if with_data and complete else (),
        sample=sample(result.arrow),
        references=references(result, tables, hidden, session) if with_data and complete else (),
    )


def _tables(results: Iterable[SqlRun], session: Session) -> list[TableFact]:
    pins = {
        name: pin
        for run in results
        for name, pin in run.result.provenance.snapshots.items()
        if not name.endswith(f"@{pin}")  # a second snapshot of a table that is there already
    }
    facts = []
    for full, snapshot in sorted(pins.items()):
        name = parse_table_name(full, session.catalog, session.namespace)
        try:
            facts.append(_table(name, snapshot, session))
        except OloError:
            continue  # dropped since, or a table that has no columns to tell of: the converters work without
    return facts


def _table(name: TableName, snapshot: int, session: Session) -> TableFact:
    from pyiceberg.table.snapshots import ancestors_of

    rows = session.execute(f"SELECT * FROM {name} FOR VERSION AS OF {snapshot} LIMIT {SAMPLE_ROWS}")
    table = session.catalogs.load(name)
    tags = sensitivities(table.properties)
    docs = {item.name.lower(): item.doc or "" for item in table.schema().fields}
    columns = tuple(
        ColumnFact(
            column.name, column.type, docs.get(column.name, ""), (tags[column.name],) if column.name in tags else ()
        )
        for column in rows.columns
    )
    comment = str(table.properties.get("comment", ""))
    line = ancestors_of(table.metadata.snapshot_by_id(snapshot), table.metadata)
    commits = tuple(sorted(datetime.fromtimestamp(one.timestamp_ms / 1000, UTC) for one in line))
    return TableFact(name.catalog, name.namespace, name.table, columns, comment, sample(rows.arrow), commits)


def _values(variables: Mapping[str, Any], sensitive: set[str]) -> dict[str, ObservedValue]:
    return {
        name: _value(name, value, sensitive)
        for name, value in variables.items()
        if not name.startswith("_") and name not in _OF_IPYTHON and not isinstance(value, ModuleType)
    }


def _value(name: str, value: Any, sensitive: set[str]) -> ObservedValue:
    kind = type(value)
    qualified = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    qualified = "pandas.DataFrame" if qualified == "pandas.core.frame.DataFrame" else qualified
    if isinstance(value, _SCALARS):
        return ObservedValue(name, qualified, value, is_scalar=True)
    if isinstance(value, Result):
        columns = tuple(_fact(column.name, column.type, sensitive) for column in value.columns)
        return ObservedValue(name, qualified, columns=columns, rows=len(value))
    if qualified == "pandas.DataFrame":
        columns = tuple(_fact(str(key), str(dtype), sensitive) for key, dtype in zip(value, value.dtypes, strict=True))
        rows = tuple(value.head(FRAME_ROWS).to_dict(orient="records")) if value.columns.is_unique else ()
        return ObservedValue(name, qualified, columns=columns, sample=rows, rows=len(value))
    rows_ = len(value) if isinstance(value, (list, tuple, dict, set, frozenset)) else None
    return ObservedValue(name, qualified, rows=rows_)


def _fact(name: str, type_: str, sensitive: set[str]) -> ColumnFact:
    return ColumnFact(name, type_, sensitivity=("restricted",) if name.lower() in sensitive else ())


def _packages(notebook: Notebook) -> tuple[dict[str, str], dict[str, str]]:
    """Distribution by imported top-level module, and the distributions' installed versions."""
    from importlib.metadata import packages_distributions, version

    text = "\n".join(cell.source for cell in notebook.cells if cell.kind == "code")
    imported = set(re.findall(r"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", text, re.MULTILINE))
    imported -= set(sys.stdlib_module_names)
    imported |= {"pandas"} if "to_pandas" in text else set()
    owners = packages_distributions() if imported else {}
    modules = {module: sorted(set(owners[module]))[0] for module in sorted(imported) if owners.get(module)}
    return modules, {name: version(name) for name in modules.values()}


def _stored_result(cell: Cell) -> SqlRun | None:
    """The result that a SQL cell's stored output tells of."""
    head = re.match(r"\s*%%olo[ \t]+sql\b([^\n]*)\n", cell.source)
    if head is None:
        return None
    variable = re.match(r"\s*(\w+)\s*<<", head.group(1))
    for output in reversed(cell.outputs):
        data = output.get("data")
        bundle = data.get(MIME_TYPE) if isinstance(data, Mapping) else None
        if isinstance(bundle, Mapping):
            result = _result_of(bundle)
            if result is not None:
                return SqlRun(cell.id, variable.group(1) if variable else "", result)
    return None


def _result_of(bundle: Mapping[str, Any]) -> Result | None:
    """A stored output as a result; None where it isn't one that this version wrote."""
    try:
        stored = bundle["provenance"]
        columns = tuple(Column(str(item["name"]), str(item["type"])) for item in bundle["columns"])
        with pa.ipc.open_stream(base64.b64decode(bundle["preview"], validate=True)) as reader:
            arrow = reader.read_all()
        provenance = Provenance(
            engine=str(stored["engine"]),
            sql=str(stored["sql"]),
            query_id=str(stored["query_id"]),
            rows=int(stored["rows"]),
            seconds=float(stored["seconds"]),
            parameters=dict(stored["parameters"]),
            snapshots={str(name): int(snapshot) for name, snapshot in stored["snapshots"].items()},
            fingerprint=str(stored["fingerprint"]),
        )
        return Result(columns, arrow, provenance, bool(bundle.get("truncated")))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error, pa.ArrowInvalid):
        return None
