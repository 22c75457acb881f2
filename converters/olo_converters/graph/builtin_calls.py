"""Calls of Python's builtins."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from olo_converters.graph.evaluated import expression_in
from olo_converters.graph.evaluator import Arguments
from olo_converters.graph.model import Resource
from olo_converters.graph.paths import path_of, text_of
from olo_converters.graph.protocols import Protocols
from olo_converters.graph.world import SCALAR, Scope, Value
from olo_converters.knowledge.facts import (
    builtin_names,
)

_GONE_OVER_AGAIN = frozenset({"list", "scalars", "dict", "defaultdict", "set", "pandas", "numpy", "polars", "scalar"})


def _begins(name: ast.expr, constants: Mapping[str, str]) -> str:
    """A name that is asked for, as far as it is known: ``read_*``.

    Example:
        >>> _begins(ast.parse("f'read_{kind}'", mode="eval").body, {})
        'read_*'
    """
    known = text_of(name, constants)
    if known is not None:
        return known
    first = name.values[0] if isinstance(name, ast.JoinedStr) and name.values else name
    if isinstance(first, ast.BinOp):
        first = first.left
    return f"{text_of(first, constants) or ''}*"


class BuiltinCalls(Protocols):
    """Evaluates calls of builtins."""

    @staticmethod
    def _first_parameter(scope: Scope | None) -> Value | None:
        """What the method at hand is called on: ``self``, or its class."""
        while scope is not None and not scope.is_call:
            scope = scope.parent
        return next(iter(scope.names.values()), None) if scope is not None else None

    def _evaluated(self, node: ast.Call) -> list[ast.expr] | None:
        """The expressions that a call of ``eval()`` may evaluate; None where only running tells."""
        if len(node.args) != 1 or node.keywords:
            return None
        first = node.args[0]
        known = self.evaluated.get(id(node))
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            texts = [first.value]
        elif known is not None:
            texts = [text for at, text in known if at < self.python_statements]
        else:
            return None
        found = [expression_in(text) for text in dict.fromkeys(texts)]
        return None if None in found else [one for one in found if one is not None]

    def _builtin(self, name: str, arguments: Arguments, node: ast.Call, scope: Scope | None) -> Value:
        given = self._union(arguments.every())
        if name == "eval" and (expressions := self._evaluated(node)) is not None:
            return self._union([self.value(one, scope) for one in expressions])
        if name in ("exec", "eval", "compile", "__import__"):
            self.dynamic(node.lineno, f"{name}()")
            return self.world.unknown(given.own)
        if name in ("locals", "vars") and not arguments.positional and scope is not None and scope.is_call:
            return self.new("dict", self._union(scope.names.values()).own)
        if name in ("globals", "locals", "vars") and not arguments.positional:
            self.dynamic(node.lineno, f"{name}()")
            return Value(type="dict", module=f"builtins.{name}")
        if name == "input":
            self.block("user-input", "input() waits for a person", node.lineno, "Give the value a name at the top.")
            return SCALAR
        if name == "super" and not arguments.positional and (own := self._first_parameter(scope)) is not None:
            return Value(own.own)
        if name == "getattr" and len(arguments.positional) > 1 and arguments.positional[0][1].module:
            return self.attribute(
                arguments.positional[0][1], _begins(arguments.positional[1][0], self.constant_of(scope))
            )
        if name in ("setattr", "delattr"):
            first = arguments.at(0)
            if first is not None and first[1].module:
                third = arguments.at(2)
                self.patch(first[1].module, node.lineno, third[1] if third is not None else None)
            elif first is not None:
                self.world.change(first[1])
                self.world.hold(first[1], given)
            return SCALAR
        if name == "open":
            return self._open(arguments, scope)
        if name not in ("map", "filter"):  # these call when they are iterated over
            self.call_back(given, given)
        if name in builtin_names("display"):
            self.world.write_resource(Resource("figure", "output"))
            if "file" in arguments.keywords:
                self.world.read_setting("printing")
                self.world.change(arguments.keywords["file"][1], deep=True)
            for value in arguments.every():
                self.consumed(value, only_iterators=True)
            return SCALAR
        if name in builtin_names("consumes"):
            for value in arguments.every():
                self.consumed(value, only_iterators=name in ("max", "min", "next") and len(arguments.positional) > 1)
        if name == "next" and arguments.positional:
            self.world.change(arguments.positional[0][1])
        if name in ("str", "repr", "format", "ascii") and any(value.type != "scalar" for value in arguments.every()):
            self.world.read_setting("printing")
        if name in ("range", "dir", "bytearray"):
            return self.new("scalars")
        if name == "memoryview" and arguments.positional:
            return Value(arguments.positional[0][1].own, "numpy")  # its slices are views
        if name in builtin_names("scalar"):
            return SCALAR
        if name in builtin_names("iterators"):
            # Using it up uses up the iterators that it goes over; a list or an array can be gone over again.
            used_up = self._union(one for one in arguments.every() if one.type not in _GONE_OVER_AGAIN)
            return Value(self.new("iterator", given.own).own | used_up.own, "iterator")
        if name in builtin_names("containers"):
            if not arguments.every():
                return self.new("list" if name in ("tuple", "sorted", "frozenset") else name)
            if name != "dict" and all(map(self.is_flat, arguments.every())):
                return self.new("scalars")
            return self.world.unknown(given.own)
        if name in builtin_names("pure") or name.endswith(("Error", "Exception", "Warning")):
            if all(value.type == "scalar" for value in arguments.every()):
                return SCALAR
            return Value(self.loose(given).own | self.new("").own)
        return self._unknown(Value(), arguments, node)

    def _open(self, arguments: Arguments, scope: Scope | None) -> Value:
        first, mode = arguments.at(0, "file"), arguments.at(1, "mode")
        if mode is None and arguments.spread:
            mode = ast.Name("mode", ast.Load()), SCALAR
        return self.open_file(first[0] if first else None, mode, scope)

    def open_file(self, path: ast.expr | None, mode: tuple[ast.expr, Value] | None, scope: Scope | None) -> Value:
        """An open file; None is a path that only running would tell."""
        resource = Resource("file", path_of(path, self.constant_of(scope)))
        text = "r" if mode is None else mode[0].value if isinstance(mode[0], ast.Constant) else "?"
        if not isinstance(text, str) or set(text) & set("wax+?"):
            self.world.write_resource(resource)
        if not isinstance(text, str) or set(text) & set("ra+?") or "w" not in text:
            self.world.read_resource(resource)
        value = self.world.new((), type_="file", resource=resource)
        self.types.update(dict.fromkeys(value.own, "file"))
        return value
