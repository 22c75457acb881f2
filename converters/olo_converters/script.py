"""SQL cells that no model or function can hold: a script of their own, which the job runs before the target."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from olo_converters.connections import connections, is_setup
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Resource, Statement, may_be
from olo_converters.graph.sql import full_name, table_parts, without_templates
from olo_converters.graph.sql_effects import read_any_sql, read_sql
from olo_converters.own_names import without_own_catalogs

HINT = "Write it as one CREATE TABLE … AS SELECT, or promote that table first."
_ELSEWHERE = frozenset({"table", "file", "shell"})
"""Kinds of resources that a statement shares with a script; names are Python's own."""


@dataclass(frozen=True)
class Script:
    """Statements that prepare tables, in the notebook's order.

    Args:
        statements: The SQL cells that it holds.
        findings: What its reader has to know.
        namespace: Where its names without one count from, where no statement of it says that; '' the target's own.
        catalogs: The project's own, which each target has its own of: its names are without them.
    """

    name: str
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...]
    namespace: str = ""
    catalogs: frozenset[str] = frozenset()

    @property
    def task(self) -> str:
        """The job's task that runs it."""
        return f"{self.name}_prepare"

    @property
    def path(self) -> str:
        """Where it lies in the project."""
        return f"queries/{self.task}.sql"

    @property
    def cells(self) -> tuple[str, ...]:
        """Ids of its cells."""
        return tuple(dict.fromkeys(one.cell for one in self.statements))

    @property
    def text(self) -> str:
        """The file: each cell's statements, closed by a semicolon."""
        parts = [f"-- Prepares what {self.name} reads. The statements are the notebook's own, in its order.\n"]
        if self.namespace:
            parts.append(f'USE "{self.namespace}";\n')
        for one in self.statements:
            assert one.sql is not None
            body = without_own_catalogs(one.sql.text, self.catalogs)
            assert body is not None  # script_for refuses such a cell
            body = body.strip()
            parts.append(f"-- cell {one.cell}\n{body}\n" + ("" if body.endswith(";") else ";\n"))
        return "\n".join(parts)

    @property
    def tables(self) -> tuple[str, ...]:
        """Full names of the tables that it writes."""
        written = (made.name for one in self.statements for made in one.writes if made.kind == "table")
        return tuple(dict.fromkeys(name for name in written if "*" not in name))

    def told(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings on all else with its own; that a cell of it writes a table is what it is for."""
        cells = frozenset(self.cells)
        return [*(one for one in findings if one.code != "writes-outside" or one.cell not in cells), *self.findings]

    def makes(self, table: str) -> bool:
        """Whether a statement of it may write the table of that full name."""
        read = Resource("table", table)
        return any(may_be(written, read) for one in self.statements for written in one.writes)


def needs_script(statement: Statement) -> bool:
    """Whether a statement is SQL that does something, and gives no rows that count."""
    return statement.sql is not None and bool(statement.sql.written)


def script_for(
    graph: Graph, name: str, statements: Iterable[Statement], target: Statement | None, catalogs: Iterable[str]
) -> Script | Finding | None:
    """The script that runs before a target, or why there can't be one; None where no statement belongs into one.

    A script runs as a whole before everything else of the slice, so nothing else may have happened in between: no
    other statement reads, before a statement of the script, what that one writes, and none writes what it reads.

    Args:
        statements: The slice.
        target: The statement that becomes a model; None for a module.
        catalogs: The project's own.
    """
    statements = tuple(statements)
    own_catalogs = frozenset(one.lower() for one in (*catalogs, graph.catalog))
    every = tuple(one for one in statements if one is not target)
    own = tuple(one for one in every if needs_script(one))
    if not own:
        return None
    own = _with_uses(graph, own)
    rest = [one for one in every if one not in own]
    for one in own:
        reason = _not_alone(one, own_catalogs)
        if reason:
            return _told(one, reason)
        for other in rest:
            clash = _clash(one, other)
            if clash:
                return _told(one, clash)
    if len(connections(one for one in rest if is_setup(one))) > 1:
        return _told(own[0], "the notebook's queries go to several connections")
    moves = next((one for one in own if one.sql is not None and read_any_sql(one.sql.text).moves), None)
    if moves is not None and not graph.namespace:
        readers = [target] if target is not None else [one for one in rest if one.sql is not None]
        if any("." not in table for one in readers if one.sql is not None for table in one.sql.tables):
            return _told(moves, "USE changes what names without a namespace mean, and several namespaces are used")
    again = _changes_again(graph, own)
    if again is not None:
        return again
    namespace = graph.namespace if moves is None else ""
    script = Script(name, own, tuple(_findings(graph, name, own)), namespace, own_catalogs)
    same = _two_in_one(statements, script.tables, own_catalogs)
    return _told(own[0], f"{same} are one table in a target") if same else script


def _with_uses(graph: Graph, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements of a script with what says above them (``USE``) where their names count from, in order."""
    uses = [
        one
        for one in graph.statements[: statements[-1].index]
        if one.sql is not None and one not in statements and read_any_sql(one.sql.text).moves
    ]
    return tuple(sorted((*uses, *statements), key=lambda one: one.index))


def _told(statement: Statement, reason: str) -> Finding:
    return finding(
        "unsupported-construct",
        f"the target needs a SQL cell that writes tables, which can't run before everything else: {reason}",
        cell=statement.cell,
        line=statement.line,
        hint=HINT,
    )


def _not_alone(statement: Statement, catalogs: frozenset[str]) -> str:
    """Why a cell can't run outside of its notebook; '' where it can."""
    assert statement.sql is not None
    text = statement.sql.text
    if statement.blockers:
        return statement.blockers[0].message
    filled = {name for name in without_templates(text)[1] if name in statement.names_read}
    names = {*filled, *statement.sql.parameters, *statement.sql.identifiers, *statement.sql.results}
    if names:
        return f"it uses {', '.join(sorted(names))} of the notebook"
    if "{{" in text or "{%" in text:
        return "it holds a template"
    if not read_any_sql(text).statements:
        return "it can't be read"
    if without_own_catalogs(text, catalogs) is None:
        return "it names a catalog of the project where another target's can't be put"
    return ""


def _two_in_one(statements: Iterable[Statement], written: Collection[str], catalogs: frozenset[str]) -> str:
    """Tables of two of the project's catalogs that are one in a target, and one of them written; '' for none."""
    names: dict[str, set[str]] = {}
    for one in statements:
        for resource in (*one.reads, *one.writes):
            catalog, _, rest = resource.name.partition(".")
            if resource.kind == "table" and catalog in catalogs and rest:
                names.setdefault(rest, set()).add(resource.name)
    return next((" and ".join(sorted(same)) for same in names.values() if len(same) > 1 and same & set(written)), "")


def _clash(statement: Statement, other: Statement) -> str:
    """Why a cell can't run before another statement of the slice, or not without it; '' where it can."""
    if other.index > statement.index:
        return ""
    written = [one for one in statement.writes if one.kind in _ELSEWHERE]
    read = [one for one in statement.reads if one.kind in _ELSEWHERE]
    for before in other.reads:
        if any(may_be(before, after) for after in written):
            return f"the cell {other.cell} reads {before} before it is written"
    for made in other.writes:
        if made.kind in _ELSEWHERE and any(may_be(made, needed) for needed in (*read, *written)):
            return f"the cell {other.cell} writes {made}"
    return ""


def _findings(graph: Graph, name: str, statements: tuple[Statement, ...]) -> Iterable[Finding]:
    first = statements[0]
    yield finding(
        "prepared-by-script",
        f"the job runs SQL of {len({one.cell for one in statements})} cells before {name}",
        cell=first.cell,
        line=first.line,
    )
    foreign = [one for one in statements if one.sql is not None and read_sql(one.sql.text).error]
    if foreign:
        yield finding(
            "foreign-sql",
            "the script holds SQL that isn't Trino's: it runs only where the notebook's own database runs it",
            cell=foreign[0].cell,
            line=foreign[0].line,
            hint="Run the script on that database, or land its tables in the lakehouse and delete its task.",
        )
    for one, statement, table, fresh in _followed(graph, statements):
        is_plain = isinstance(statement, exp.Create) and not (
            statement.args.get("replace") or statement.args.get("exists")
        )
        if is_plain and table not in fresh:
            text = f"CREATE of {table} fails when the job runs once more"
            hint = "Write CREATE OR REPLACE, or DROP TABLE IF EXISTS before it."
            yield finding("not-repeatable", text, cell=one.cell, line=one.line, hint=hint)
            break


def _changes_again(graph: Graph, statements: tuple[Statement, ...]) -> Finding | None:
    """The statement that adds to a table which the script doesn't make: each run of the job adds once more."""
    for one, statement, table, fresh in _followed(graph, statements):
        if isinstance(statement, exp.Insert | exp.Update | exp.Merge) and table not in fresh:
            return _told(one, f"each run of the job would change {table} again, which no cell makes anew")
    return None


def _followed(
    graph: Graph, statements: tuple[Statement, ...]
) -> Iterator[tuple[Statement, exp.Expression, str, frozenset[str]]]:
    """Each SQL statement with the table that it is about, and the tables that were made or emptied before it."""
    fresh: set[str] = set()
    for one in statements:
        assert one.sql is not None
        for statement in read_any_sql(one.sql.text).statements:
            table = _table(graph, statement)
            if table is None:
                continue
            yield one, statement, table, frozenset(fresh)
            if _empties(statement):
                fresh.add(table)


def _empties(statement: exp.Expression) -> bool:
    """Whether nothing that was in the table before is in it afterwards."""
    if isinstance(statement, exp.Create):
        return not statement.args.get("exists")
    if isinstance(statement, exp.Delete):
        return not any(statement.args.get(part) for part in ("where", "using", "limit"))
    return isinstance(statement, exp.Drop | exp.TruncateTable)


def _table(graph: Graph, statement: exp.Expression) -> str | None:
    target = statement.this
    if isinstance(statement, exp.TruncateTable):
        target = (statement.expressions or [None])[0]
    if isinstance(target, exp.Schema):
        target = target.this
    if not isinstance(target, exp.Table) or not table_parts(target):
        return None
    return full_name(table_parts(target), graph.catalog, graph.namespace)
