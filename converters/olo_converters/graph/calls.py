"""What a call does: libraries by the knowledge base, the notebook's own functions by their body, the rest at worst."""

from __future__ import annotations

import ast

from olo_converters.graph.evaluator import Arguments
from olo_converters.graph.method_calls import MethodCalls
from olo_converters.graph.world import Scope, Value
from olo_converters.knowledge.facts import acts_on


def _function(text: str) -> ast.Lambda:
    made = ast.parse(text, mode="eval").body
    assert isinstance(made, ast.Lambda)
    return made


_CALLS = _function("lambda *given: called(*given)")
_CHANGES_ALL = _function("lambda *given: [called(*given), unknown(*given)][0]")


class Calls(MethodCalls):
    """Evaluates calls: finds out what is called, with which values."""

    def _call(self, node: ast.Call, scope: Scope | None) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id == "__olo_magic__":
            return self.magic(node)
        receiver: Value | None = None
        method = ""
        if isinstance(node.func, ast.Attribute):
            receiver = self.value(node.func.value, scope)
            method = node.func.attr
            target = self.attribute(receiver, method)
        else:
            target = self.value(node.func, scope)
        positional: list[tuple[ast.expr, Value]] = []
        spread: list[Value] = []
        for argument in node.args:
            value = self.as_function(self.value(argument, scope))
            if isinstance(argument, ast.Starred):
                spread.append(value)
            else:
                positional.append((argument, value))
        keywords: dict[str, tuple[ast.expr, Value]] = {}
        for keyword in node.keywords:
            value = self.as_function(self.value(keyword.value, scope))
            if keyword.arg is None:
                spread.append(self.loose(value))
            else:
                keywords[keyword.arg] = (keyword.value, value)
        arguments = Arguments(positional, keywords, spread)
        if target.module.startswith("builtins."):
            return self._builtin(target.module.removeprefix("builtins."), arguments, node, scope)
        if target.module and not (receiver is not None and not receiver.module):
            return self._library(target.module, target, arguments, node, scope)
        followed = self._followed(target, receiver, arguments)
        if followed is not None:
            return followed
        if receiver is not None:
            return self._method(receiver, method, arguments, node, scope)
        return self._unknown(target, arguments, node)

    def as_function(self, value: Value) -> Value:
        """A function of Python or a library that is handed to something, as one that may be called with anything."""
        acts, changes = acts_on(value.module)
        if not (acts or changes):
            return value
        call = _CHANGES_ALL if changes else _CALLS
        made = self.world.new((), function=call, scope=Scope({"called": value, "unknown": Value()}))
        return Value(value.own | made.own, value.type, value.module)
