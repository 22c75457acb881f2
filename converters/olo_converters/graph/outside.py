"""SQL, magics and commands of the operating system."""

from __future__ import annotations

import ast
import re

from olo_converters.graph.expressions import Expressions
from olo_converters.graph.model import CLOCK, ENTROPY, Resource
from olo_converters.graph.paths import text_of
from olo_converters.graph.scopes import bound_names
from olo_converters.graph.sql import ANY, full_name, without_templates
from olo_converters.graph.sql_beside import draws_in, read_beside, reads_clock
from olo_converters.graph.sql_effects import read_any_sql, read_sql
from olo_converters.graph.world import Scope, Value
from olo_converters.line_magics import Magic
from olo_converters.magic_facts import only_shown

_FRAMES = frozenset({"pandas", "polars", "arrow", "relation"})
"""Types of what DuckDB finds by the name of a variable."""
_TABLE_FILLED_IN = re.compile(r"(?i)\b(from|join|into|table|view)\s+[\w.\"]*\{\}|,\s*\{\}\s*(where|join|$)")
_RANDOM = Resource("random", "sql")
CONNECTION = Resource("connection", "sql")
"""What ``%sql`` is connected to."""


def _expanded(line: str) -> list[str]:
    """Names whose values IPython puts into the line of a magic or a command: ``$name`` and ``{expression}``.

    Example:
        >>> _expanded("echo $a {b.upper()}")
        ['a', 'b', 'upper']
    """
    inside = " ".join(re.findall(r"\{([^{}]*)\}", line))
    return [*re.findall(r"\$([A-Za-z_]\w*)", line), *re.findall(r"[A-Za-z_]\w*", inside)]


class Outside(Expressions):
    """Notes what SQL and commands read and write."""

    catalog = "dev"
    namespace = ""
    follows_use = False
    """Whether ``USE`` is known to mean the same namespace everywhere."""
    texts: dict[str, str]
    """Names of the notebook that are bound to one text, for paths and queries."""
    formatted: dict[str, ast.JoinedStr]
    """Names that are bound to a text with values filled in."""

    def constant_of(self, scope: Scope | None) -> dict[str, str]:
        """Names bound to one text, as seen from a scope."""
        if scope is None:
            return self.texts
        hidden: set[str] = set()
        inside: Scope | None = scope
        while inside is not None:
            hidden.update(inside.names, inside.local)
            inside = inside.parent
        return {name: text for name, text in self.texts.items() if name not in hidden}

    def table_name(self, node: ast.expr | None) -> str:
        """The full name of a table named by an expression, ``*`` where only running would tell."""
        text = text_of(node, self.texts)
        return (
            "*"
            if text is None
            else full_name(tuple(text.replace('"', "").lower().split(".")), self.catalog, self.namespace)
        )

    def query(self, text: ast.expr | None, scope: Scope | None, *, reads_names: bool) -> None:
        """SQL text runs from Python."""
        sql = text_of(text, self.constant_of(scope))
        if sql is None:
            if reads_names:
                self._may_query_frames(text)
            self.world.read_resource(Resource("table", "*"))
            self.world.write_resource(Resource("table", "*"))
            return
        self.run_sql(sql, reads_names=reads_names, is_foreign=True)

    def _may_query_frames(self, text: ast.expr | None) -> None:
        """SQL that isn't known: it may name any frame; where just values are filled in, those that it mentions."""
        if isinstance(text, ast.Name):
            text = self.formatted.get(text.id)
        if isinstance(text, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in text.values]
            known = "".join(map(str, parts))
            if _TABLE_FILLED_IN.search(known) is None:
                self._read_mentioned(known)
                return
        for name, value in list(self.world.values.items()):
            if value.type in _FRAMES:
                self.world.read_name(name)

    def run_sql(
        self, sql: str, *, reads_names: bool, is_foreign: bool = False, filled: frozenset[str] | None = None
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Note what SQL reads and writes: full names of tables read and written, and earlier results used as tables.

        Args:
            is_foreign: The SQL is some database's own, and may hold templates; else it is Trino's.
            filled: In a cell of an SQL language, which knows variables in templates only: the results named there.
        """
        is_native = filled is not None
        if is_foreign:
            sql, words = without_templates(sql, is_native=is_native)
            self.world.read_resource(CONNECTION)
            for word in words:
                self.seen(word, None)
        facts = read_any_sql(sql) if is_foreign else read_sql(sql)
        anything = ((ANY,),) if facts.moves and not self.follows_use else ()
        results: list[str] = []
        tables: list[str] = []
        for parts in (*facts.tables, *anything):
            table = full_name(parts, self.catalog, self.namespace)
            known = [name for name in self._named(parts) if reads_names and (filled is None or name in filled)]
            for name in known:
                self.world.read_name(name)
            results += known
            if not known:
                tables.append(table)
            if not known or self.world.is_written(Resource("table", table)):
                self.world.read_resource(Resource("table", table))
        if is_foreign:
            self._beside_tables(sql)
        elif draws_in(sql):
            self.world.record.reads.add(ENTROPY)
        if reads_clock(sql):
            self.world.read_resource(CLOCK)
        if facts.error and reads_names and not is_native:
            self._read_mentioned(sql)
        written = [full_name(parts, self.catalog, self.namespace) for parts in (*facts.written, *anything)]
        for view in facts.views:
            self.world.define_view(full_name(view, self.catalog, self.namespace))
        for table in written:
            self.world.read_resource(Resource("table", table))
            self.world.write_resource(Resource("table", table))
        return tuple(tables), tuple(written), tuple(results)

    def _beside_tables(self, sql: str) -> None:
        """What another database's SQL uses besides tables: files, functions and sequences, its random state."""
        beside = read_beside(sql)
        for path in beside.files:
            self.world.read_resource(Resource("file", path))
            if beside.writes_files:
                self.world.write_resource(Resource("file", path))
        self.world.follow(Resource("table", ANY))  # what couldn't be followed may have made what is called here
        for name in beside.called:
            made = Resource("table", name)
            if self.world.is_written(made):
                self.world.read_resource(made)
                if beside.advances:
                    self.world.write_resource(made)
        if beside.seeds:
            self.world.write_resource(_RANDOM, anew=True)
        elif beside.draws and _RANDOM in self.world.writers:
            self.world.draw(_RANDOM.name)
        elif beside.draws:
            self.world.record.reads.add(ENTROPY)

    def _named(self, parts: tuple[str, ...]) -> list[str]:
        """Names of the notebook that a table's name may mean."""
        if len(parts) != 1 or parts[0] == ANY:
            return []
        wanted = parts[0].strip()
        return [name for name, value in self.world.values.items() if name.lower() == wanted and not value.module]

    def read_mentioned(self, text: ast.expr | None, scope: Scope | None, *, marked: str = "") -> None:
        """Text that is evaluated reads the variables that it names, each after ``marked``; a computed one any."""
        known = text_of(text, self.constant_of(scope))
        names = list(self.world.values) if known is None else re.findall(rf"{marked}([A-Za-z_]\w*)", known)
        for name in dict.fromkeys(names):
            value = self.world.values.get(name)
            if value is None or known is not None or not value.module:
                found = self.seen(name, scope)
                if found is not None and known is not None and re.search(rf"\b{name}\s*\(", known):
                    self.call_back(found, found)

    def _read_mentioned(self, text: str) -> None:
        """SQL that can't be read may use every name that it mentions."""
        for name in dict.fromkeys(re.findall(r"[A-Za-z_]\w*", text)):
            if self.world.is_bound(name) and not self.world.values[name].module:
                self.world.read_name(name)

    def timed(self, magic: Magic) -> None:
        """``%timeit`` runs its code in a function of its own, nobody knows how often."""
        own = bound_names(ast.Module(list(magic.timed), []))
        self.body(magic.timed, Scope({}, None, own))
        self.block(
            "dynamic-code",
            "%timeit runs its code an unknown number of times, and it changes what the target needs",
            magic.at,
            "Time a copy, or leave the line out.",
        )

    def shell(self, what: str) -> None:
        """A command of the operating system: it may touch any file, and sees the environment that was set."""
        if self.world.is_written(Resource("environment", "os")):
            self.world.read_resource(Resource("environment", "os"))
        self.world.read_resource(Resource("file", "*"))
        self.world.write_resource(Resource("file", "*"))
        self.world.write_resource(Resource("shell", what.split(" ")[0]))

    def magic(self, node: ast.Call) -> Value:
        """A line magic inside Python."""
        magic = self.magics[id(node)]
        for name in _expanded(magic.line):
            self.seen(name, None)
        if magic.name in ("cd", "pushd", "popd", "mkdir") or "mkdir" in magic.line:
            self.world.note_place(moves=magic.name in ("cd", "pushd", "popd"))
        if magic.sql:
            self.run_sql(magic.sql, reads_names=True, is_foreign=True)
            return self.new("result")
        if magic.is_connection:
            self.read_mentioned(ast.Constant(magic.line), None, marked="[{$:]")
            self.world.read_resource(CONNECTION)
            self.world.write_resource(CONNECTION)
        if magic.timed:
            self.timed(magic)
        if magic.meaning == "shell":
            if magic.name in ("env", "set_env", "cd", "pushd", "popd"):
                self.world.read_resource(Resource("environment", "os"))
                self.world.write_resource(Resource("environment", "os"))
            self.shell(magic.line)
        elif magic.meaning in ("dynamic", "unknown"):
            self.dynamic(magic.at, f"%{magic.name}")
        return self.new("shown" if only_shown(magic.name) else "")
