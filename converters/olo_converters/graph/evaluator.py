"""What every part of the evaluator shares: the world, new values, and what the other parts do."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from olo_converters.graph.model import Resource
from olo_converters.graph.scopes import bound_names, free_names
from olo_converters.graph.world import Function, Scope, Value, World
from olo_converters.line_magics import Magic

_KEPT = frozenset({"rng", "sklearn", "iterator", "defaultdict"})
"""Types of objects that are looked for among all that a value holds."""


@dataclass
class Arguments:
    """Evaluated arguments of a call, with their nodes."""

    positional: list[tuple[ast.expr, Value]]
    keywords: dict[str, tuple[ast.expr, Value]]
    spread: list[Value]

    def every(self) -> list[Value]:
        """All values that go in."""
        return [value for _, value in self.positional] + [value for _, value in self.keywords.values()] + self.spread

    def at(self, position: int, name: str = "") -> tuple[ast.expr, Value] | None:
        """An argument by position or keyword."""
        if position < len(self.positional):
            return self.positional[position]
        return self.keywords.get(name)

    @property
    def of_file(self) -> tuple[ast.expr, Value] | None:
        """The argument that a keyword tells to be a file."""
        return next((self.keywords[key] for key in self.keywords if FILE_KEYWORD.search(key)), None)

    @property
    def in_place(self) -> ast.expr | None:
        """What ``inplace=`` is; None where nothing is changed in place."""
        node, _ = self.keywords.get("inplace") or self.keywords.get("in_place") or (None, None)
        return None if isinstance(node, ast.Constant) and node.value is False else node


PRECISE = ("list", "scalars", "dict", "defaultdict", "set")
"""Containers whose every filling is seen, so that what they hold is known."""
FILE_KEYWORD = re.compile(r"path|file|fname|source|target|where|database|writer|^(f|fp|fid|buf|io|to|uri)$")
"""Keywords of what is read or written."""
STREAMS = frozenset({"stream", "file", "fp", "buf", "fileobj"})
"""Keywords of what is written to."""
DATA = frozenset({"scalar", "scalars", "numpy", "pandas", "polars"})
"""What nothing calls, even where it was made by a function or holds one."""


class Evaluator(ABC):
    """Follows Python; each part of it is a class of its own, one upon the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cell = ""
        self.in_cell = True
        self.defined_somewhere: frozenset[str] = frozenset()
        self.magics: dict[int, Magic] = {}
        """The line magics of all cells, by their calls: a function's are reached from other cells, too."""
        self.evaluated: Mapping[int, tuple[tuple[int, str], ...]] = {}
        self.python_statements = 0
        self.patches: list[tuple[int, str, int]] = []
        self.returned: list[Value] = []
        self.types: dict[int, str] = {}
        self._stack: list[Function] = []
        self._calls = 0
        self._called_back: dict[int, int] = {}
        self._names: dict[tuple[str, Function], frozenset[str]] = {}
        self._special: dict[int, frozenset[str]] = {}

    def bound_names(self, function: Function) -> frozenset[str]:
        """``scopes.bound_names``, found once a function."""
        key = ("bound", function)
        if key not in self._names:
            self._names[key] = bound_names(function)
        return self._names[key]

    def free_names(self, function: Function) -> frozenset[str]:
        """``scopes.free_names``, found once a function."""
        key = ("free", function)
        if key not in self._names:
            self._names[key] = free_names(function)
        return self._names[key]

    @abstractmethod
    def value(self, node: ast.expr | None, scope: Scope | None) -> Value:
        """The value of an expression."""

    @abstractmethod
    def body(self, statements: Iterable[ast.stmt], scope: Scope | None) -> None:
        """Run statements."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Value, scope: Scope | None, *, declare: bool = False) -> None:
        """Give a target a value."""

    @abstractmethod
    def consumed(self, value: Value, *, only_iterators: bool = False) -> Value:
        """A value after iterating over it."""

    @abstractmethod
    def block(self, code: str, message: str, line: int, hint: str = "") -> None:
        """Note what can't be decided."""

    @abstractmethod
    def dynamic(self, line: int, what: str) -> None:
        """Code that may do anything."""

    @abstractmethod
    def patch(self, module: str, line: int, value: Value | None = None) -> None:
        """A library is changed."""

    @abstractmethod
    def attribute(self, base: Value, attr: str) -> Value:
        """A value's attribute."""

    @abstractmethod
    def seen(self, name: str, scope: Scope | None) -> Value | None:
        """The value of a name, read; None where nothing gives it one yet."""

    @abstractmethod
    def query(self, text: ast.expr | None, scope: Scope | None, *, reads_names: bool) -> None:
        """SQL text runs."""

    @abstractmethod
    def read_mentioned(self, text: ast.expr | None, scope: Scope | None, *, marked: str = "") -> None:
        """Text that is evaluated reads the variables that it names."""

    @abstractmethod
    def magic(self, node: ast.Call) -> Value:
        """A line magic inside Python."""

    @abstractmethod
    def constant_of(self, scope: Scope | None) -> dict[str, str]:
        """Names that are known to be one text, for paths."""

    @abstractmethod
    def shell(self, what: str) -> None:
        """A command of the operating system runs."""

    @abstractmethod
    def table_name(self, node: ast.expr | None) -> str:
        """The full name of a table that is named by an expression."""

    def start(self, cell: str) -> None:
        """A new statement begins: the budget of followed calls is whole again."""
        self.cell = cell
        self._calls = 0
        self._called_back = {}

    def new(self, type_: str, holds: Iterable[int] = ()) -> Value:
        """A new object; its type is remembered for when it comes out of a container."""
        value = self.world.new(holds, type_=type_, is_kept=type_ in _KEPT)
        self.types.update(dict.fromkeys(value.own, type_))
        return value

    def _stands_for(self, value: Value, resource: Resource) -> Value:
        """A value whose every change is one of the resource."""
        for identifier in value.own:
            self.world.entities[identifier].resource = resource
        return value

    def loose(self, value: Value) -> Value:
        """A value or anything that can be reached from it."""
        return Value(frozenset(self.world.reach(value.own)))

    def is_flat(self, value: Value) -> bool:
        """Whether a value is a scalar or a container of scalars only."""
        return value.type == "scalar" or (value.type == "scalars" and not self.world.inner(value))

    @staticmethod
    def _union(values: Iterable[Value]) -> Value:
        return Value(frozenset(identifier for value in values for identifier in value.own))

    def _out(self, arguments: Arguments, result: Value, position: int | None = None) -> Value:
        """``out=`` or ``output=`` (or the arguments at that position) is written and handed back."""
        found = [arguments.keywords[key][1] for key in ("out", "output") if key in arguments.keywords]
        if position is not None:
            found += [value for _, value in arguments.positional[position : position + 2]]
        written = [value for value in found if value.type != "scalar"]
        for out in written:
            self.world.change(out, deep=True)
            result = Value(result.own | self.loose(out).own, out.type)
        return result

    def written_to(self, arguments: Arguments) -> None:
        """Open files and buffers that a call is given: it may write them, and moves their place."""
        for value in arguments.every():
            if value.type == "file":
                self.world.change(value)
        for key in STREAMS & set(arguments.keywords):
            self.world.change(arguments.keywords[key][1], deep=True)

    @staticmethod
    def _is_none(node: ast.expr) -> bool:
        return isinstance(node, ast.Constant) and node.value is None
