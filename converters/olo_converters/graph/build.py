"""From a notebook to its graph: each cell taken apart, each statement followed in order."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from olo_converters.cells import Parsed, SqlCell, parse_cell
from olo_converters.findings import Finding, finding
from olo_converters.graph.evaluated import texts_by_call
from olo_converters.graph.flow import Interpreter
from olo_converters.graph.model import Graph, Held, Patch, Promote, Resource, SqlSource, Statement, StatementKind
from olo_converters.graph.scopes import bound_names
from olo_converters.graph.session_namespace import only_uses, session_namespace
from olo_converters.graph.sql_effects import SQL_HINT, query_of, read_any_sql, read_sql
from olo_converters.graph.world import Record, World
from olo_converters.knowledge.facts import provided
from olo_converters.line_magics import PLACEHOLDER, Magic, as_typed, magic_of
from olo_converters.magic_line import SqlLine
from olo_converters.notebook import Cell, Notebook


def build_graph(notebook: Notebook, *, catalog: str = "dev", namespace: str = "") -> Graph:
    """What depends on what in a notebook, from top to bottom. Runs nothing.

    Args:
        catalog, namespace: Where unqualified table names count from.
    """
    cells = [parse_cell(cell) for cell in notebook.cells if cell.kind == "code" and cell.source.strip()]
    bound = frozenset[str]().union(*(bound_names(ast.Module(list(one.body), [])) for one in cells))
    used = session_namespace(cells) if not namespace else ("", "")
    builder = _Builder(notebook, used[0] or catalog, used[1] or namespace, bound)
    builder.run.follows_use = bool(used[1])
    builder.run.evaluated = texts_by_call(node for one in cells for node in one.body)
    builder.run.asks_for_subclasses = any("__subclasses__" in one.text for one in cells)
    for parsed in cells:
        builder.add(parsed)
    return builder.graph()


_FILLED_IN = re.compile(r"(?<!['\"\w])\{\{[ \t]*([A-Za-z_]\w*)[ \t]*\}\}(?!['\"\w])")


class _Builder:
    def __init__(self, notebook: Notebook, catalog: str, namespace: str, bound: frozenset[str]) -> None:
        self.notebook = notebook
        self.world = World()
        self.run = Interpreter(self.world)
        self.run.defined_somewhere = bound
        self.run.catalog, self.run.namespace, self.run.texts, self.run.formatted = catalog, namespace, {}, {}
        self.statements: list[Statement] = []
        self.findings: list[Finding] = []
        self.promotions: list[Promote] = []
        self.broken: list[tuple[int, Cell]] = []

    def add(self, parsed: Parsed) -> None:
        """Follow one cell."""
        cell = parsed.cell
        self.findings.extend(parsed.findings)
        for node in (child for statement in parsed.body for child in ast.walk(statement)):
            if isinstance(node, ast.Call) and (magic := magic_of(node, parsed.magics)) is not None:
                self.run.magics[id(node)] = magic
        for promotion in parsed.promotions:
            self.promotions.append(Promote(cell.id, len(self.statements), promotion.line, promotion.options))
        for magic in parsed.magics:
            self._tell(cell, magic.meaning, magic.name, magic.line, magic.at)
        if parsed.is_broken and _never_ran(cell):
            pass  # Python said so itself: nothing of the cell ran
        elif parsed.is_broken:
            self.broken.append((len(self.statements), cell))
        elif parsed.sql is not None:
            self._sql(cell, parsed.sql, cell.source, 1, cell.source.count("\n") + 1)
        elif parsed.cell_magic is not None and not parsed.body:
            self._cell_magic(parsed)
        for number, node in enumerate(parsed.body):
            self._python(parsed, node, number)
        if parsed.cell_magic is not None and parsed.cell_magic.result:
            self._captured(parsed, parsed.cell_magic)

    def _begin(self, cell: Cell) -> Record:
        self.run.start(cell.id)
        return self.world.begin(len(self.statements))

    def _end(
        self,
        cell: Cell,
        kind: StatementKind,
        source: str,
        line: int,
        end_line: int,
        node: ast.stmt | None = None,
        sql: SqlSource | None = None,
    ) -> None:
        record = self.world.record
        self.world.end()
        only_shows = not record.binds and not record.changes and all(made.kind == "figure" for made in record.writes)
        self.statements.append(
            Statement(
                index=record.index,
                cell=cell.id,
                kind=kind,
                source=source,
                line=line,
                end_line=end_line,
                reads=frozenset(record.reads),
                writes=frozenset(record.writes),
                depends_on=frozenset(record.depends),
                is_display=only_shows and not isinstance(node, ast.Assert),
                blockers=tuple(record.blockers),
                sql=sql,
                node=node,
            )
        )

    def _provide(self, cell: Cell, node: ast.stmt) -> None:
        """What the kernel gives its notebooks (``spark``) is made in a statement of its own, before its first use."""
        for name, lines in provided().items():
            if name in self.run.defined_somewhere or self.world.is_bound(name):
                continue
            if not any(isinstance(child, ast.Name) and child.id == name for child in ast.walk(node)):
                continue
            for line in lines:
                made = ast.parse(line).body[0]
                if all(self.world.is_bound(bound) for bound in bound_names(ast.Module([made], []))):
                    continue
                self._begin(cell)
                self.run.statement(made, None)
                self._end(cell, "python", line, 1, 1, made)

    def _python(self, parsed: Parsed, node: ast.stmt, number: int) -> None:
        cell = parsed.cell
        self.run.python_statements += 1
        query = _query_of(node, parsed.magics)
        if query is not None:
            typed = as_typed(ast.unparse(node), parsed.magics)
            self._sql(cell, query, typed, node.lineno, node.end_lineno or node.lineno)
            return
        self._provide(cell, node)
        self._begin(cell)
        try:
            self.run.statement(node, None)
        except RecursionError:
            problem = finding(
                "too-deep", "the statement is nested too deep", cell=cell.id, line=node.lineno, hint="Split it."
            )
            self.findings.append(problem)
            self.run.dynamic(node.lineno, "a statement that is nested too deep")
        lines = parsed.text.split("\n")
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        end = node.end_lineno or node.lineno
        neighbours = [*parsed.body[:number], *parsed.body[number + 1 :]]
        shares = any(other.lineno <= end and (other.end_lineno or other.lineno) >= first for other in neighbours)
        source = ast.unparse(node) if shares or node.col_offset else "\n".join(lines[first - 1 : end])
        if PLACEHOLDER in source:
            source = as_typed(source, parsed.magics)
        self._end(cell, "python", source, first, end, node)

    def _captured(self, parsed: Parsed, magic: Magic) -> None:
        """``%%capture NAME``: the name gets what the cell showed, which no slice keeps."""
        cell = parsed.cell
        self._begin(cell)
        self.run.assign(ast.Name(magic.result, ast.Store()), self.run.new("shown"), None)
        hint = "Keep the value itself, not what the cell shows."
        self.run.block("dynamic-code", f"{magic.result} is the captured output of the cell", magic.at, hint)
        self._end(cell, "magic", f"%%{magic.name} {magic.line}".strip(), magic.at, magic.at)

    def _sql(self, cell: Cell, sql: SqlCell, source: str, line: int, end: int) -> None:
        record = self._begin(cell)
        is_foreign = sql.flavour != "olo"
        filled = frozenset[str]()
        if is_foreign:
            text, filled = self._filled_in(sql)
            sql = replace(sql, text=text)
        facts = read_sql(sql.text)
        for name in dict.fromkeys([*(parameter.name for parameter in facts.parameters), *facts.identifiers]):
            if not is_foreign or (self.world.is_bound(name) and sql.flavour == "other"):
                self.run.lookup(name, None, sql.at)
        if self.run.follows_use and only_uses(read_any_sql(sql.text)):
            self._end(cell, "sql", source, line, end, sql=SqlSource(sql.text, "", sql.at))
            return
        tables, written, results = self.run.run_sql(
            sql.text, reads_names=True, is_foreign=is_foreign, filled=filled if sql.flavour == "native" else None
        )
        if facts.error and not is_foreign:
            at = sql.at + (facts.line or 1) - 1
            message = f"the SQL can't be read: {facts.error}"
            problem = finding("sql-syntax", message, cell=cell.id, line=at, hint=SQL_HINT)
            record.blockers.append(problem)
        if sql.line.result:
            self.run.assign(ast.Name(sql.line.result, ast.Store()), self.run.new("result"), None)
        made = SqlSource(
            text=query_of(sql.text) if is_foreign and not written else sql.text,
            result=sql.line.result,
            line=sql.at,
            tables=tables,
            written=written,
            parameters=()
            if sql.flavour == "native"
            else tuple(dict.fromkeys(parameter.name for parameter in facts.parameters)),
            results=results,
            identifiers=facts.identifiers,
            options=sql.line,
        )
        self._end(cell, "sql", source, line, end, sql=made)

    def _filled_in(self, sql: SqlCell) -> tuple[str, frozenset[str]]:
        """The text with ``{{ name }}`` as the front end fills it in: a known text, or an earlier result by its name.

        Returns:
            The text, and the results that it names so.
        """
        results: set[str] = set()

        def filled(match: re.Match[str]) -> str:
            name = match.group(1)
            known = self.run.texts.get(name)
            value = self.world.values.get(name)
            if known is not None and "{" not in known:
                self.run.seen(name, None)
                return known
            if value is not None and value.type in ("result", "pandas", "polars", "spark", "arrow"):
                results.add(name)
                return name.center(len(match.group(0)))
            return match.group(0)

        return _FILLED_IN.sub(filled, sql.text), frozenset(results)

    def _cell_magic(self, parsed: Parsed) -> None:
        magic = parsed.cell_magic
        assert magic is not None
        cell = parsed.cell
        self._begin(cell)
        self._tell(cell, magic.meaning, f"%{magic.name}", magic.line, magic.at)
        if magic.timed:
            self.run.timed(magic)
        if magic.meaning == "shell":
            self.run.shell(magic.name)
        elif magic.meaning == "file":
            words = magic.line.split()
            self.world.write_resource(Resource("file", words[-1] if words else "*"))
        elif magic.meaning in ("dynamic", "unknown"):
            self.run.dynamic(magic.at, f"%%{magic.name}")
        self._end(cell, "magic", cell.source, 1, cell.source.count("\n") + 1)

    def _tell(self, cell: Cell, meaning: str, name: str, line: str, at: int) -> None:
        if meaning == "install":
            self.findings.append(finding("installs-packages", f"{name} {line}".strip(), cell=cell.id, line=at))
        elif meaning == "shell":
            text = f"{name} {line}".replace("! ", "!").strip()
            self.findings.append(
                finding(
                    "shell-command",
                    f"the command {text!r} isn't carried along",
                    cell=cell.id,
                    line=at,
                    hint="Do it in Python.",
                )
            )
        elif meaning == "unknown":
            self.findings.append(
                finding(
                    "unknown-magic",
                    f"the magic %{name} isn't known",
                    cell=cell.id,
                    line=at,
                    hint="Replace it by Python.",
                )
            )

    def graph(self) -> Graph:
        """The whole graph."""
        held = tuple(
            Held(
                entity.made,
                tuple(entity.changed),
                tuple(sorted(entity.inner.items())),
                entity.class_of,
                entity.resource if entity.is_lazy or entity.stands_for_state else None,
            )
            for entity in self.world.entities
        )
        return Graph(
            notebook=self.notebook,
            statements=tuple(self.statements),
            history={name: tuple(entries) for name, entries in self.world.history.items()},
            held=held,
            wild=tuple(self.world.wild),
            patches=tuple(Patch(*patch) for patch in self.run.patches),
            settings=self.world.settings(),
            promotions=tuple(self.promotions),
            broken=tuple((at, cell.id) for at, cell in self.broken),
            findings=tuple(self.findings),
            catalog=self.run.catalog,
            namespace=self.run.namespace,
            types={name: value.type for name, value in self.world.values.items() if not value.module},
        )


def _never_ran(cell: Cell) -> bool:
    """Whether a cell's own output tells that Python couldn't read it."""
    return any(one.get("ename") in ("SyntaxError", "IndentationError", "TabError") for one in cell.outputs)


def _query_of(node: ast.stmt, magics: tuple[Magic, ...]) -> SqlCell | None:
    """The query of ``name = %sql …`` and ``%sql name << …``; None for any other statement."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return None
    magic = magic_of(node.value, magics)
    if magic is None or not magic.sql:
        return None
    return SqlCell(magic.sql, SqlLine(result=node.targets[0].id), magic.at, "other")
