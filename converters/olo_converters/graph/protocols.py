"""What Python calls by itself: operators, indexing, truth, iteration, properties of the notebook's own classes."""

from __future__ import annotations

import ast

from olo_converters.graph.evaluator import Arguments
from olo_converters.graph.own_calls import OwnCalls
from olo_converters.graph.world import Scope, Value

ATTRIBUTE = frozenset({"__getattr__", "__getattribute__"})
SET_ATTRIBUTE = frozenset({"__setattr__", "__delattr__"})
ITEM = frozenset({"__getitem__", "__missing__", "__class_getitem__", "__array_finalize__"})
SET_ITEM = frozenset({"__setitem__", "__delitem__"})
TRUTH = frozenset({"__bool__", "__len__"})
ITERATION = frozenset({"__iter__", "__next__", "__aiter__", "__anext__", "__getitem__", "__len__"})
EXIT = frozenset({"__exit__", "__aexit__", "__aenter__"})
TEXT = frozenset({"__format__", "__str__", "__repr__"})
SHOWN = TEXT | {"_repr_html_", "_repr_mimebundle_", "_ipython_display_"}
COMPARISON = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__"})
LOOKED_UP = COMPARISON | {"__index__"}
MEMBERSHIP = COMPARISON | ITERATION | {"__contains__"}
DESCRIPTOR = frozenset({"__get__", "__set__", "__delete__"})
ARITHMETIC = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "divmod",
    "pow",
    "lshift",
    "rshift",
    "and",
    "or",
    "xor",
    "matmul",
]
OPERATION = frozenset(
    [f"__{prefix}{name}__" for name in ARITHMETIC for prefix in ("", "r", "i")]
    + ["__array_finalize__", "__array_wrap__", "__neg__", "__pos__", "__invert__", "__index__", "__set_name__"]
)
_OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
    ast.MatMult: "matmul",
}  # fmt: skip
OPERATORS = {kind: frozenset(f"__{prefix}{name}__" for prefix in ("", "r", "i")) for kind, name in _OPERATORS.items()}
"""The special methods that an operator may call."""
SPECIAL = SHOWN.union(
    ATTRIBUTE, SET_ATTRIBUTE, ITEM, SET_ITEM, TRUTH, ITERATION, EXIT, MEMBERSHIP, DESCRIPTOR, OPERATION
)
NO_NAMES: frozenset[str] = frozenset()


class Protocols(OwnCalls):
    """Follows the special methods and properties of the notebook's own classes where Python would call them."""

    def mark_special(self, identifier: int) -> None:
        """Note which special methods and properties a new class has."""
        methods = self.world.entities[identifier].methods or {}
        names = frozenset(name for name in methods if name in SPECIAL or name.startswith("."))
        if names:
            self._special[identifier] = names

    def implied(self, value: Value, names: frozenset[str], given: Value | None = None, *, deep: bool = False) -> Value:
        """Call the special methods that a value's class has of these; what they may give back.

        Args:
            given: What they get besides the value itself.
            deep: Also those of all that the value holds.
        """
        if not self._special:
            return Value()
        results: list[Value] = []
        for identifier in sorted(self.loose(value).own if deep else value.own):
            kind = self.world.entities[identifier].class_of
            if kind is None:
                kind = identifier  # what an unknown base class gives when it is called may be an object of the class
            if kind not in self._special:
                continue
            methods = self.world.entities[kind].methods or {}
            for name in sorted(self._special[kind] & names):
                for function in sorted(methods[name].own):
                    if self.world.entities[function].function is None:
                        continue
                    arguments = Arguments([], {}, [given or Value()])
                    results.append(self._invoke(function, Value(frozenset({identifier})), arguments))
        return self._union(results)

    def attribute_implies(self, base: Value, attr: str, given: Value | None = None) -> Value:
        """Loading or setting an attribute calls properties, ``__getattr__`` or ``__setattr__``, descriptors."""
        if not self._special:
            return Value()
        names = SET_ATTRIBUTE if given is not None else ATTRIBUTE
        found = self.implied(base, names | {f".{attr}"}, given)
        classes = [one for own in base.own if (one := self.world.entities[own].class_of) is not None]
        held = self.world.inner(Value(frozenset([*classes, *base.own])))
        descriptors = frozenset(one for one in held if self._special_of(one) & DESCRIPTOR)
        if descriptors:
            told = self._union([base, *([given] if given is not None else [])])
            return self._union([found, self.implied(Value(descriptors), DESCRIPTOR, told)])
        return found

    def _special_of(self, identifier: int) -> frozenset[str]:
        kind = self.world.entities[identifier].class_of
        return self._special.get(kind, NO_NAMES) if kind is not None else NO_NAMES

    def asked(self, given: Value) -> None:
        """A call looks things up in what it is given: a mapping that makes what it lacks is changed by that."""
        self.world.change(Value(frozenset(one for one in given.own if self.types.get(one) == "defaultdict")))
        self.implied(given, ITEM)

    def test(self, node: ast.expr, scope: Scope | None) -> None:
        """A condition is evaluated, and its truth asked for."""
        self.implied(self.value(node, scope), TRUTH)


def accessors(node: ast.ClassDef) -> frozenset[str]:
    """Names of a class body that are properties (with their setters).

    Example:
        >>> text = "class A:" + chr(10) + " @property" + chr(10) + " def v(self): return 1"
        >>> sorted(accessors(ast.parse(text).body[0]))
        ['v']
    """
    found: set[str] = set()
    for child in node.body:
        if not isinstance(child, ast.FunctionDef):
            continue
        for decorator in child.decorator_list:
            name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
            if name in ("property", "cached_property", "setter", "deleter", "getter"):
                found.add(child.name)
    return frozenset(found)
