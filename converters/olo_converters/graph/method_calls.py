"""Calls of methods of values whose type is known, by the knowledge base."""

from __future__ import annotations

import ast

from olo_converters.graph.evaluator import DATA, PRECISE, Arguments
from olo_converters.graph.library_calls import LibraryCalls
from olo_converters.graph.model import ENTROPY, Resource
from olo_converters.graph.paths import path_of, text_of
from olo_converters.graph.protocols import ARITHMETIC, COMPARISON
from olo_converters.graph.world import SCALAR, Scope, Value
from olo_converters.knowledge.facts import (
    TypeFact,
    any_type_fact,
    pure_methods,
    type_fact,
)
from olo_converters.line_magics import is_query_text

_TABLES = frozenset({"pandas", "numpy", "polars"})
_COPIED = frozenset({"scalars", "numpy", "pandas", "polars"})
OF_CONTAINERS = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "add", "discard", "update", "setdefault", "popitem",
     "sort", "reverse", "appendleft"}
)  # fmt: skip
"""Methods by which Python's containers are changed."""
_CALLS_LATER = frozenset({"sklearn", "polars", "spark", "relation", "connection", "distribution"})
"""Types whose methods call functions that the value was given before."""
_COMPARES = (
    frozenset({"get", "pop", "setdefault", "update", "add", "remove", "discard", "union", "intersection", "difference",
               "symmetric_difference", "issubset", "issuperset", "isdisjoint", "difference_update",
               "intersection_update", "symmetric_difference_update", "move_to_end", "subtract"}),
    frozenset({"sort", "remove", "index", "count"}),
)  # fmt: skip
"""Methods of mappings and sets, and of lists, that compare what they hold."""
_CHANGES = frozenset(
    f"__{name}__" for name in ("init", "setitem", "delitem", "setstate", *(f"i{name}" for name in ARITHMETIC))
)
"""Special methods that change what they are called of."""
_PRINTS = frozenset({"format", "to_string", "to_html", "to_latex", "_repr_html_", "__str__", "__repr__"})
_ADDS_ONE = frozenset({"append", "insert", "add", "setdefault", "appendleft", "__setitem__"})


def _has_seed(name: str, arguments: Arguments) -> bool:
    """Whether the last argument by position is Spark's seed: ``randomSplit(weights, seed)``, ``sample(…, seed)``."""
    if len(arguments.positional) < 2:
        return False
    last, _ = arguments.positional[-1]
    is_whole = isinstance(last, ast.Constant) and type(last.value) is int
    return name == "randomSplit" or len(arguments.positional) > 2 or is_whole


def _any_of(arguments: Arguments) -> tuple[ast.expr, Value] | None:
    """An argument that nobody sees, where there may be one: ``f(*given)``."""
    return (ast.Name("given", ast.Load()), SCALAR) if arguments.spread else None


class MethodCalls(LibraryCalls):
    """Evaluates calls of methods."""

    def _method(self, receiver: Value, name: str, arguments: Arguments, node: ast.Call, scope: Scope | None) -> Value:
        given = self._union(arguments.every())
        if receiver.type == "iterator":
            self.consumed(receiver)  # what stands behind its yield runs, with what is sent
            self.world.change(given, deep=True)
            self.world.mingle(self._union([receiver, given]))
        elif receiver.type in PRECISE and name in _COMPARES[receiver.type in ("list", "scalars")]:
            self.implied(self._union([receiver, given]), COMPARISON, self._union([receiver, given]), deep=True)
        if name == "mkdir":
            self.world.note_place()
        if name == "open" and receiver.type in ("path", ""):
            return self._opened(receiver, arguments, node, scope)
        if name in _PRINTS:
            self.world.read_setting("printing")
        if name in ("parse_args", "parse_known_args"):
            self.world.read_setting("argv")
        fact = type_fact(receiver.type)
        if arguments.in_place is not None:
            self.call_back(given, given)
            self._method_outside(fact or any_type_fact(), receiver, name, arguments, scope)
            self.world.change(receiver)
            self.world.hold(receiver, given)
            return SCALAR if isinstance(arguments.in_place, ast.Constant) else Value(receiver.own, receiver.type)
        if fact is None:
            self._by_name(receiver, name, arguments, scope)
            self._may_touch_named_files(arguments, scope)
            if receiver.type == "" and name in pure_methods():
                self.call_back(self._union([given, receiver]), self._union([given, receiver]))
                return self._out(arguments, self.world.unknown(receiver.own))
            return self._unknown(receiver, arguments, node)
        if fact.default == "dynamic":
            self.dynamic(node.lineno, f"{name}()")
            return self.new("")
        functions = [one for one in arguments.every() if receiver.type not in _TABLES or one.type not in DATA]
        made = self.call_back(self._union(functions), self._union([given, receiver]))
        for value in arguments.every():
            self.consumed(value, only_iterators=True)
        self.written_to(arguments)
        if receiver.type == "connection":
            for value in arguments.every():
                if value.type == "connection":  # a copy of a database goes there
                    self.world.change(value)
        if name in fact.callbacks or name == "format_map":
            self.asked(given)
        if receiver.type in _CALLS_LATER:
            self.call_back(receiver, self._union([given, receiver]))
        self._drawn_from(self._union([given, receiver]) if receiver.type in ("sklearn", "distribution") else given)
        if receiver.type == "rng":
            for identifier in receiver.own:
                if (state := self.world.entities[identifier].resource) is not None:
                    self.world.draw(state.name)
        if fact.default == "mutates" or name in fact.mutating or name in _CHANGES:
            self.world.change(self._with_parts(receiver))
        if name in _CHANGES:
            self.world.hold(receiver, self._union([given, self.loose(given)]))
        if receiver.type == "numpy" and any(self.world.entities[one].methods is not None for one in given.own):
            return self.loose(self._union([receiver, given]))  # ``view``: an array of a class of the notebook's own
        if {"out", "output"} & set(arguments.keywords) or (
            name in fact.out and arguments.at(fact.out[name]) is not None
        ):
            return self._out(arguments, self.new(fact.returns), fact.out.get(name))
        if fact.default == "pure" and name in OF_CONTAINERS - fact.pure and receiver.type not in PRECISE:
            # what it gave may be a container of Python
            self.world.change(receiver, deep=True)
            self.world.hold(receiver, given)
        if receiver.type == "logger" and name in fact.mutating:
            self.world.write_resource(Resource("setting", "logging"))
            self.log_handlers |= given.own
        if name in fact.emits:
            self.emit_log()
            self.world.change(Value(self.world.inner(receiver)), deep=True)
        before = len(self.world.touched)
        result = self._known_method(fact, receiver, name, arguments, scope)
        if fact.lazy:
            self.world.source(result, self.world.touched[before:])
        if name in fact.callbacks and result.own and made.own:
            self.world.hold(result, made)
        return result

    def _opened(self, receiver: Value, arguments: Arguments, node: ast.Call, scope: Scope | None) -> Value:
        """``Path(...).open(mode)``, and ``open`` of what may be a path."""
        assert isinstance(node.func, ast.Attribute)
        path = node.func.value if receiver.type == "path" else None
        file = self.open_file(path, arguments.at(0, "mode"), scope)
        if receiver.type == "path":
            return file
        return Value(self._unknown(receiver, arguments, node).own | file.own)

    def _with_parts(self, receiver: Value) -> Value:
        """A value with what it is made of: fitting a pipeline fits its steps."""
        if receiver.type != "sklearn":
            return receiver
        parts = frozenset(one for one in self.world.reach(receiver.own) if self.types.get(one) == "sklearn")
        return Value(receiver.own | parts, receiver.type)

    def _by_name(self, receiver: Value, name: str, arguments: Arguments, scope: Scope | None) -> None:
        """What a method of an unknown value does outside of Python, as far as its name and its first argument tell."""
        fact = any_type_fact()
        first = arguments.at(0)
        if first is None or name not in fact.sql:
            self._method_outside(fact, receiver, name, arguments, scope)
            return
        text = text_of(first[0], self.constant_of(scope))
        if text is None and (name in ("query", "sql") or isinstance(first[0], ast.Constant)):
            return
        if text is None or is_query_text(text):
            self.query(first[0], scope, reads_names=True)

    def _known_method(
        self, fact: TypeFact, receiver: Value, name: str, arguments: Arguments, scope: Scope | None
    ) -> Value:
        given = self._union(arguments.every())
        self._method_outside(fact, receiver, name, arguments, scope)
        mutates = name in fact.mutating or (fact.default == "mutates" and name not in fact.frames)
        if mutates:
            self.world.change(self._with_parts(receiver))
            self.world.hold(receiver, given if name in _ADDS_ONE else self._union([given, self.loose(given)]))
        if name in fact.mutates_argument:
            self.world.change(given, deep=True)
        if name in fact.frames:
            return self.new(fact.frames[name])
        if name in fact.iterators:
            return self.new(f"{receiver.type}_rows", given.own | receiver.own)
        if name in fact.display and name != "info":
            return self.new("figure", given.own)
        if fact.lazy and name in fact.reads_path | fact.table | fact.sql:
            return self.new("relation" if receiver.type == "connection" else "spark", given.own)
        if name in fact.scalars:
            return SCALAR
        if name in fact.lists:
            return self.new("scalars")
        if name in fact.returns_self:
            return receiver
        if receiver.type in PRECISE:
            if mutates and receiver.type == "scalars":
                return SCALAR if not self.world.inner(receiver) else self.loose(receiver)
            if name in ("copy",):
                return self.new(receiver.type, self.world.inner(receiver))
            return self.loose(self._union([receiver, given]))
        if name in fact.alias or (fact.result == "alias"):
            value = self.new(fact.returns or receiver.type, given.own)
            return Value(value.own | receiver.own, fact.returns or receiver.type)
        if fact.result == "holds":
            return self.new(fact.returns, given.own | receiver.own)
        if fact.returns == "scalar":
            return SCALAR
        if receiver.type == "numpy" and any(
            key == "copy" and isinstance(item[0], ast.Constant) and item[0].value is False
            for key, item in arguments.keywords.items()
        ):
            return Value(receiver.own, "numpy")
        if name in fact.callbacks:
            return self.new(fact.returns, given.own | self._elements(receiver))
        return self.new(fact.returns, self._elements(receiver))

    def _elements(self, frame: Value) -> frozenset[int]:
        """Objects of Python in a frame's columns, which a copy of it holds too; lists of scalars were copied."""
        if frame.type not in ("pandas", "polars"):
            return frozenset()
        columns = Value(frozenset(one for one in frame.own if self.types.get(one) == "dict"))
        copied = {one for one in self.world.inner(columns) if self.types.get(one) in _COPIED}
        return self.world.inner(frame) - copied

    def _method_outside(
        self, fact: TypeFact, receiver: Value, name: str, arguments: Arguments, scope: Scope | None
    ) -> None:
        first = arguments.at(0)
        constants = self.constant_of(scope)
        if fact.writes == "figure" or name in fact.display:
            self.world.write_resource(Resource("figure", "current"))
        state = fact.draws.get(name)
        seeded = any(self._is_set(arguments, key) for key in (*fact.unless, "random_state", "seed"))
        if state == ENTROPY.name:
            if not (seeded or _has_seed(name, arguments)):
                self.world.record.reads.add(ENTROPY)
        elif state and not seeded and not (fact.holds_seed and self._is_seeded(receiver)):
            parts = self._with_parts(receiver).own
            self.world.draw(state, sure=not fact.holds_seed or any(self.world.entities[one].is_random for one in parts))
        if name in fact.writes_file and (found := first or arguments.of_file or _any_of(arguments)) is not None:
            if found[1].type not in ("path", "scalar"):
                self.world.change(found[1])  # a buffer
            self.world.write_resource(Resource("file", path_of(found[0], constants)))
        if name in fact.reads_file:
            self.world.read_resource(Resource("file", "*"))
        if name in fact.writes_file_self:
            self.world.write_resource(Resource("file", "*"))
        if name in fact.writes_table:
            found = arguments.at(fact.writes_table[name], "name")
            table = self.table_name(found[0] if found else None)
            self.world.write_resource(Resource("table", table))
            if name in fact.views:
                self.world.define_view(table)
        if name in fact.reads_path:
            found = first or arguments.of_file
            self.world.read_resource(Resource("file", path_of(found[0] if found else None, constants)))
        if name in fact.sql:
            self.query(first[0] if first else None, scope, reads_names=receiver.type != "olo_session")
        if name in fact.expressions:
            self.read_mentioned(first[0] if first else None, scope, marked="@")
        told = fact.writes_file | fact.writes_file_self | fact.reads_path | fact.reads_file | fact.sql | fact.table
        if name not in told and "_" in name and fact.writes != "figure" and receiver.type not in ("file", "path"):
            self.files_by_name(name, arguments, scope, says_all=True)
        if name in fact.table:
            self.world.read_resource(Resource("table", self.table_name(first[0] if first else None)))

    def _is_seeded(self, receiver: Value) -> bool:
        return bool(receiver.own) and all(self.world.entities[identifier].seeded for identifier in receiver.own)
