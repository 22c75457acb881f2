"""What may stand at the cursor of an SQL text that is not finished: names, columns with types, pins, values.

Pure: the text's own words decide; what exists is asked of a :class:`World`, which answers at once from what it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Protocol

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from olo_jupyter.lakehouse.names import TableName, quoted

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|$))|(?P<string>'(?:[^']|'')*(?:'|$))|(?P<quoted>"(?:[^"]|"")*(?:"|$))
      |(?P<word>\w+)|(?P<mark>::|\S)""",
    re.DOTALL | re.VERBOSE,
)
_RELATION_WORDS = frozenset({"from", "join", "into", "update", "describe", "table", "merge", "using"})
_ENDS_RELATION = frozenset(
    "where group having order limit on using set select when union intersect except offset fetch window values".split()  # noqa: SIM905
)
_NO_ALIAS = _ENDS_RELATION | frozenset(
    "join inner left right full cross natural for as tablesample with returning then and or not".split()  # noqa: SIM905
)
_KEYWORDS = tuple(
    "SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT WITH AS JOIN LEFT INNER CROSS ON USING AND OR NOT IN BETWEEN LIKE "  # noqa: SIM905
    "IS NULL CASE WHEN THEN ELSE END DISTINCT UNION ALL OVER PARTITION VALUES INSERT INTO UPDATE DELETE MERGE".split()
)
LIMIT = 200
"""Suggestions at most."""


class World(Protocol):
    """What there is, as far as it is known without waiting."""

    @property
    def catalog(self) -> str:
        """Where names without a catalog count from."""

    @property
    def namespace(self) -> str:
        """Likewise; '' for none."""

    def catalogs(self) -> Sequence[str]:
        """Names of the catalogs."""

    def namespaces(self, catalog: str) -> Sequence[str]:
        """Names of the namespaces of a catalog."""

    def tables(self, catalog: str, namespace: str) -> Sequence[str]:
        """Names of the tables and views of a namespace."""

    def columns(self, table: TableName) -> Sequence[tuple[str, str]]:
        """Names and types of a table's columns."""

    def pins(self, table: TableName) -> Sequence[tuple[str, str]]:
        """Snapshot ids (digits) and refs (quoted) of a table, newest first, each with what it is."""

    def parameters(self) -> Mapping[str, str]:
        """Variables that may be bound, with their types."""

    def results(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Earlier results and their columns."""


@dataclass(frozen=True)
class Suggestion:
    """One word that may stand there; ``kind`` says what it is, with the type of a column."""

    text: str
    kind: str


@dataclass(frozen=True)
class Completions:
    """The suggestions, and how many characters before the cursor they take the place of."""

    replaced: int
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    depth: int = 0

    @property
    def low(self) -> str:
        return self.text.lower() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """As an identifier."""
        return self.text[1:].rstrip('"').replace('""', '"').lower() if self.kind == "quoted" else self.text.lower()


@dataclass
class _Scope:
    """The relations of a statement: the columns of each, by its alias, and how to reach them."""

    relations: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    tables: dict[str, TableName] = field(default_factory=dict)
    common: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def complete(text: str, cursor: int, world: World) -> Completions:
    """What may stand at ``cursor`` (an offset in ``text``)."""
    tokens = list(_tokens(text))
    before = [token for token in tokens if token.start < cursor]
    last = before[-1] if before else None
    inside = last is not None and cursor <= last.start + len(last.text)
    if last is not None and inside and last.kind == "comment":
        return Completions(0, ())
    if last is not None and inside and last.kind == "string":
        return _in_string(text, cursor, last, before[:-1], world)
    path, typed, before = _path(before, cursor)
    if before and before[-1].text == ":" and not path:
        return _filtered(typed, [Suggestion(name, f"parameter {kind}") for name, kind in world.parameters().items()])
    pinned = _after_as_of(before)
    if pinned is not None:
        return _filtered(typed, _pins(pinned, before, world))
    scope = _scope(text, tokens, world)
    if path:
        return _filtered(typed, list(_below(path, scope, world)))
    if _wants_relation(before):
        return _filtered(typed, list(_relations(typed, scope, world)))
    if typed == "" and not before:
        return Completions(0, ())
    return _filtered(typed, list(_expressions(typed, scope)))


def _tokens(text: str) -> Iterator[_Token]:
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        value = match.group()
        if value == ")":
            depth -= 1
        yield _Token(kind, value, match.start(), depth)
        if value == "(":
            depth += 1


def _path(before: list[_Token], cursor: int) -> tuple[list[str], str, list[_Token]]:
    """The names before the last dot, the word that is being typed, and the tokens before both."""
    typed = ""
    rest = list(before)
    if rest and rest[-1].kind in ("word", "quoted") and cursor <= rest[-1].start + len(rest[-1].text):
        typed = rest[-1].text[: cursor - rest[-1].start]
        rest.pop()
    path: list[str] = []
    while len(rest) >= 2 and rest[-1].text == "." and rest[-2].kind in ("word", "quoted"):
        path.insert(0, rest[-2].name)
        rest = rest[:-2]
    return path, typed, rest


def _filtered(typed: str, suggestions: Iterable[Suggestion]) -> Completions:
    """Those that begin as the word does, then those that have it inside; each once."""
    wanted = typed.lower().lstrip("\"'")
    seen: dict[str, Suggestion] = {}
    inner: dict[str, Suggestion] = {}
    for each in suggestions:
        plain = each.text.lower().lstrip("\"'")
        if plain.startswith(wanted):
            seen.setdefault(each.text, each)
        elif len(wanted) > 1 and wanted in plain:
            inner.setdefault(each.text, each)
    found = [*seen.values(), *(each for name, each in inner.items() if name not in seen)]
    return Completions(len(typed), tuple(found[:LIMIT]))


def _in_string(text: str, cursor: int, string: _Token, before: list[_Token], world: World) -> Completions:
    """Names of branches and tags after FOR VERSION AS OF; nothing in any other text."""
    pinned = _after_as_of(before)
    if pinned != "version":
        return Completions(0, ())
    typed = text[string.start : cursor]
    close = "" if string.text.endswith("'") and len(string.text) > 1 else "'"
    refs = [each for each in _pins("version", before, world) if each.text.startswith("'")]
    return _filtered(typed, [Suggestion(each.text[:-1] + close, each.kind) for each in refs])


def _after_as_of(before: Sequence[_Token]) -> str | None:
    words = [token.low for token in before[-4:]]
    if words[-2:] == ["as", "of"] and len(words) >= 4 and words[-4] == "for" and words[-3] in ("version", "timestamp"):
        return words[-3]
    return None


def _pins(kind: str, before: Sequence[_Token], world: World) -> list[Suggestion]:
    """Pins of the table whose name stands before FOR."""
    names = list(before[:-4])
    parts: list[str] = []
    while names and names[-1].kind in ("word", "quoted"):
        parts.insert(0, names[-1].name)
        names = names[:-1]
        if names and names[-1].text == ".":
            names = names[:-1]
        else:
            break
    table = _table(parts, world)
    if table is None:
        return []
    pins = world.pins(table)
    if kind == "version":
        return [Suggestion(pin, what) for pin, what in pins]
    times = [what.rpartition(" at ")[2] for pin, what in pins if " at " in what]
    return [Suggestion(f"TIMESTAMP '{at}'", "snapshot") for at in times]


def _table(parts: Sequence[str], world: World) -> TableName | None:
    match len(parts):
        case 1 if world.namespace:
            return TableName(world.catalog, world.namespace, parts[0])
        case 2:
            return TableName(world.catalog, parts[0], parts[1])
        case 3:
            return TableName(parts[0], parts[1], parts[2])
    return None


def _wants_relation(tokens: Sequence[_Token], end: int | None = None) -> bool:
    """Whether a table's name stands next after ``tokens[:end]``: after FROM, JOIN …, or a comma in FROM."""
    at = (len(tokens) if end is None else end) - 1
    if at < 0:
        return False
    if tokens[at].low in _RELATION_WORDS:
        return True
    depth = tokens[at].depth
    while tokens[at].text == "," and at > 0:
        at -= 1
        while at > 0 and tokens[at].depth > depth:
            at -= 1
        while at > 0 and tokens[at].depth == depth and tokens[at].low not in _STOPS and tokens[at].text != ",":
            at -= 1
    return tokens[at].depth == depth and tokens[at].low in ("from", "join")


_STOPS = _ENDS_RELATION | {"from", "join"}


def _scope(text: str, tokens: Sequence[_Token], world: World) -> _Scope:
    scope = _Scope()
    significant = [token for token in tokens if token.kind != "comment"]
    _common_tables(text, significant, scope, world)
    for at, token in enumerate(significant):
        comma = token.text == "," and _wants_relation(significant, at + 1)
        if comma or token.low in ("from", "join", "into", "update"):
            _relation(significant, at + 1, scope, world)
    return scope


def _relation(tokens: Sequence[_Token], at: int, scope: _Scope, world: World) -> None:
    """The relation whose name begins at a token, under its alias."""
    parts: list[str] = []
    while at < len(tokens) and tokens[at].kind in ("word", "quoted"):
        parts.append(tokens[at].name)
        at += 1
        if at < len(tokens) and tokens[at].text == ".":
            at += 1
        else:
            break
    if not parts or parts[0] in _ENDS_RELATION or parts[0] in ("unnest", "lateral", "table"):
        return
    alias = parts[-1]
    at = _past_pin(tokens, at)
    if at < len(tokens) and tokens[at].low == "as":
        at += 1
    if at < len(tokens) and tokens[at].kind in ("word", "quoted") and tokens[at].low not in _NO_ALIAS:
        alias = tokens[at].name
    _add(scope, alias, parts, world)


def _past_pin(tokens: Sequence[_Token], at: int) -> int:
    if [token.low for token in tokens[at : at + 4]][2:4] == ["as", "of"] and tokens[at].low == "for":
        at += 4
        at += 1 if at < len(tokens) and tokens[at].low in ("timestamp", "date") else 0
        at += 1 if at < len(tokens) and (tokens[at].kind == "string" or tokens[at].text[:1].isdigit()) else 0
    return at


def _add(scope: _Scope, alias: str, parts: Sequence[str], world: World) -> None:
    if len(parts) == 1:
        known = scope.common.get(parts[0])
        results = {name.lower(): columns for name, columns in world.results().items()}
        if known is None:
            known = results.get(parts[0])
        if known is not None:
            scope.relations[alias] = known
            return
    table = _table(parts, world)
    if table is not None:
        scope.tables[alias] = table
        scope.relations[alias] = world.columns(table)


def _common_tables(text: str, tokens: Sequence[_Token], scope: _Scope, world: World) -> None:
    """The queries of WITH that are closed before the cursor, by name, with the columns that they give."""
    for at in range(len(tokens) - 2):
        name, as_, open_ = tokens[at : at + 3]
        if name.kind not in ("word", "quoted") or as_.low != "as" or open_.text != "(":
            continue
        if at == 0 or not (tokens[at - 1].low in ("with", "recursive") or tokens[at - 1].text == ","):
            continue
        close = next((t for t in tokens[at + 3 :] if t.text == ")" and t.depth == open_.depth), None)
        if close is not None:
            body = text[open_.start + 1 : close.start]
            scope.common[name.name] = _columns_of(body, scope, world)


def _columns_of(body: str, scope: _Scope, world: World) -> list[tuple[str, str]]:
    """What a query gives: names by its text, types where it just hands on columns."""
    try:
        tree = sqlglot.parse_one(body, read="trino")
    except SqlglotError:
        return []
    inner = _Scope(common=scope.common)
    tokens = [token for token in _tokens(body) if token.kind != "comment"]
    for at, token in enumerate(tokens):
        if token.low in ("from", "join"):
            _relation(tokens, at + 1, inner, world)
    every = [column for columns in inner.relations.values() for column in columns]
    types = dict(every)
    found: list[tuple[str, str]] = []
    for select in tree.selects if isinstance(tree, exp.Query) else []:
        if select.is_star:
            found += every
        elif select.alias_or_name:
            inner_ = select.unalias()
            known = types.get(inner_.name.lower(), "") if isinstance(inner_, exp.Column) else ""
            found.append((select.alias_or_name.lower(), known))
    return found


def _below(path: list[str], scope: _Scope, world: World) -> Iterator[Suggestion]:
    """What may follow the dot: columns of a relation, namespaces of a catalog, tables of a namespace."""
    if len(path) == 1 and path[0] in scope.relations:
        yield from _columns(scope.relations[path[0]])
        return
    catalogs = world.catalogs()
    if len(path) == 1:
        yield from (Suggestion(quoted(name), "table") for name in world.tables(world.catalog, path[0]))
        if path[0] in catalogs:
            yield from (Suggestion(quoted(name), "namespace") for name in world.namespaces(path[0]))
    elif len(path) == 2 and path[0] in catalogs:
        yield from (Suggestion(quoted(name), "table") for name in world.tables(path[0], path[1]))
    table = _table(path, world)
    if table is not None and table in scope.tables.values():
        yield from _columns(world.columns(table))


def _columns(columns: Iterable[tuple[str, str]]) -> Iterator[Suggestion]:
    yield from (Suggestion(quoted(name), f"column {type_}".strip()) for name, type_ in columns)


def _relations(typed: str, scope: _Scope, world: World) -> Iterator[Suggestion]:
    yield from (Suggestion(quoted(name), "with") for name in scope.common)
    yield from (Suggestion(name, "result") for name in world.results())
    if world.namespace:
        yield from (Suggestion(quoted(name), "table") for name in world.tables(world.catalog, world.namespace))
    namespaces = world.namespaces(world.catalog)
    yield from (Suggestion(quoted(name), "namespace") for name in namespaces)
    yield from (Suggestion(quoted(name), "catalog") for name in world.catalogs())
    wanted = typed.lower()
    for namespace in namespaces:
        for table in world.tables(world.catalog, namespace):
            if not wanted or table.startswith(wanted):
                yield Suggestion(f"{quoted(namespace)}.{quoted(table)}", "table")


def _expressions(typed: str, scope: _Scope) -> Iterator[Suggestion]:
    for columns in scope.relations.values():
        yield from _columns(columns)
    yield from (Suggestion(quoted(alias), "alias") for alias in scope.relations)
    if typed:
        upper = typed.isupper()
        yield from (Suggestion(word if upper else word.lower(), "keyword") for word in _KEYWORDS)
        yield from (Suggestion(name, "function") for name in functions())


@cache
def functions() -> tuple[str, ...]:
    """Names of Trino's functions."""
    import json

    text = resources.files("olo_jupyter.lakehouse.sql.expressions").joinpath("data/functions.json").read_text("utf-8")
    return tuple(sorted(json.loads(text)))
