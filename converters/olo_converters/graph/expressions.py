"""What evaluating an expression reads and changes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from olo_converters.graph.assignments import ENVIRONMENT
from olo_converters.graph.attributes import Attributes
from olo_converters.graph.evaluator import PRECISE
from olo_converters.graph.model import Resource
from olo_converters.graph.own_calls import NO_PARAMETERS
from olo_converters.graph.protocols import COMPARISON, ITEM, MEMBERSHIP, OPERATION, OPERATORS, TEXT, TRUTH
from olo_converters.graph.scopes import is_generator
from olo_converters.graph.world import NOTHING, SCALAR, Function, Scope, Value

BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__builtins__"}
HISTORY = frozenset({"_", "__", "___", "In", "Out", "_i", "_ii", "_iii", "_ih", "_oh", "_dh"})
PREDEFINED = {"display": "builtins.display", "get_ipython": "IPython.get_ipython"}


class Expressions(Attributes):
    """Evaluates expressions to values; effects go to the world's record."""

    guarded = 0
    """How many ``try`` around catch a NameError: a name without value is no fault there."""

    def value(self, node: ast.expr | None, scope: Scope | None) -> Value:
        """The value of an expression."""
        if node is None or isinstance(node, ast.Constant):
            return SCALAR
        method: Callable[[ast.expr, Scope | None], Value] | None = getattr(
            self, f"_{type(node).__name__.lower()}", None
        )
        if method is not None:
            return method(node, scope)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope)
        return SCALAR

    def _name(self, node: ast.Name, scope: Scope | None) -> Value:
        value = self.lookup(node.id, scope, node.lineno)
        if value.module == ENVIRONMENT:
            self.world.read_resource(Resource("environment", "os"))
        return value

    def lookup(self, name: str, scope: Scope | None, line: int) -> Value:
        """A name from the scopes around, the notebook or the builtins; an unknown one blocks."""
        inside = scope
        while inside is not None:
            if name in inside.names:
                value = inside.names[name]
                self.world.read(value)
                return value
            if name in inside.local:
                return self.new("")
            if name in inside.globals:
                break
            inside = inside.parent
        if self.world.is_bound(name):
            return self.world.read_name(name)
        if name in BUILTINS or name in PREDEFINED:
            self._maybe_star()
            return Value(type="builtin", module=PREDEFINED.get(name, f"builtins.{name}"))
        if name in HISTORY or (name.startswith("_") and name.lstrip("_i").isdigit()):
            self.block(
                "session-history", f"{name} is a value of the live session", line, "Give the value a name of its own."
            )
            return Value()
        self.world.record.reads.add(Resource("name", name))
        self.world.record.depends.update(self.world.givers.get(name, NOTHING))
        if self.world.wild:
            self._maybe_star()
        elif not self.guarded and not (self.handed_on and name in self.defined_somewhere):
            later = " above it" if name in self.defined_somewhere else ""
            self.block(
                "undefined-name",
                f"nothing gives {name} a value{later}",
                line,
                "Run all cells from top to bottom and correct the notebook."
                if later
                else f"Define {name} in a cell above.",
            )
        return Value()

    def seen(self, name: str, scope: Scope | None) -> Value | None:
        """The value of a name, read; None where nothing gives it one yet."""
        inside = scope
        while inside is not None:
            if name in inside.names:
                self.world.read(inside.names[name])
                return inside.names[name]
            inside = inside.parent
        return self.world.read_name(name) if self.world.is_bound(name) else None

    def _maybe_star(self) -> None:
        self.world.record.depends.update(self.world.wild)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope | None) -> Value:
        value = self.value(node.value, scope)
        target = scope
        while target is not None and target.names.get("\0comprehension"):
            target = target.parent
        name = node.target.id
        if target is None and scope is not None and self.world.is_bound(name):  # it may go over nothing
            givers, known = self.world.givers[name], self.world.values[name]
            self.assign(node.target, value.joined(known), target)
            self.world.givers[name] |= givers
        else:
            self.assign(node.target, value, target)
        return value

    def _subscript(self, node: ast.Subscript, scope: Scope | None) -> Value:
        base = self.value(node.value, scope)
        self.looked_up(base, self.value(node.slice, scope))
        if base.module in (ENVIRONMENT, "streamlit.session_state"):
            self.world.read_resource(Resource("environment", "os"))
            return SCALAR if base.module == ENVIRONMENT else self.new("")
        if base.type == "scalar":
            return SCALAR
        given = self.implied(base, ITEM)
        if given.own:
            return self.loose(self._union([base, given]))
        if base.type == "defaultdict":
            self.world.change(base)
            self.call_back(base, Value())
        if base.type in PRECISE:
            inner = self.world.inner(base)
            if isinstance(node.slice, ast.Slice):
                return self.world.new(inner, type_=base.type)
            return self._held(base)
        if base.type in ("pandas", "numpy", "polars") and self._copies(node.slice, base.type):
            return self.new(base.type)
        if base.type in ("pandas", "numpy", "polars", "spark", "figure"):
            return Value(base.own, base.type)
        return self.loose(base)

    @staticmethod
    def _copies(index: ast.expr, type_: str) -> bool:
        """Whether a subscript gives a copy in every version: masks and lists do, slices, labels and fields don't."""
        if isinstance(index, ast.List) and type_ == "numpy":
            return not any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in index.elts)
        if isinstance(index, ast.Compare | ast.List | ast.ListComp | ast.BoolOp):
            return True
        if isinstance(index, ast.BinOp):
            return isinstance(index.op, ast.BitAnd | ast.BitOr | ast.BitXor)
        if isinstance(index, ast.UnaryOp):
            return isinstance(index.op, ast.Invert)
        return type_ == "polars"

    def _made(self, type_: str, parts: list[Value]) -> Value:
        parts = [self.as_function(part) for part in parts]
        holds = frozenset(identifier for part in parts for identifier in part.own)
        if type_ == "list" and all(part.type == "scalar" for part in parts):
            type_ = "scalars"
        if type_ in ("dict", "set"):
            self.implied(Value(holds), COMPARISON, deep=True)
        return self.new(type_, holds)

    def _list(self, node: ast.List, scope: Scope | None) -> Value:
        return self._made("list", [self.value(element, scope) for element in node.elts])

    def _tuple(self, node: ast.Tuple, scope: Scope | None) -> Value:
        return self._made("list", [self.value(element, scope) for element in node.elts])

    def _set(self, node: ast.Set, scope: Scope | None) -> Value:
        return self._made("set", [self.value(element, scope) for element in node.elts])

    def _dict(self, node: ast.Dict, scope: Scope | None) -> Value:
        parts = [self.value(key, scope) for key in node.keys if key is not None]
        for key, element in zip(node.keys, node.values, strict=True):
            value = self.value(element, scope)
            parts.append(value if key is not None else self._values_of(value))
        return self._made("dict", parts)

    def _values_of(self, mapping: Value) -> Value:
        """What ``{**mapping}`` takes over: the very objects that it holds."""
        return Value(self.world.inner(mapping)) if mapping.type in PRECISE else self.loose(mapping)

    def _starred(self, node: ast.Starred, scope: Scope | None) -> Value:
        value = self.consumed(self.value(node.value, scope))
        return self.loose(value)

    def _binop(self, node: ast.BinOp, scope: Scope | None) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if left.type == right.type == "scalar":
            return SCALAR
        called = OPERATORS[type(node.op)]
        if isinstance(node.op, ast.Mod) and right.type != "scalar":  # "%s" % value
            self.world.read_setting("printing")
        given = self._union([self.implied(left, called, right), self.implied(right, called, left)])
        if given.own:
            return self.loose(self._union([given, self.world.unknown(left.own | right.own)]))
        types = {left.type, right.type}
        if isinstance(node.op, ast.LShift | ast.RShift) and "" in types:
            self.world.change(left)
            self.world.change(right)
        if types <= {"list", "scalars", "scalar"}:
            type_ = "scalars" if "list" not in types else "list"
            return self.new(type_, self.world.inner(left) | self.world.inner(right))
        for type_ in ("pandas", "polars", "numpy", "spark", "path"):
            if type_ in types:
                return self.new(type_)
        return self.world.unknown(left.own | right.own)

    def _unaryop(self, node: ast.UnaryOp, scope: Scope | None) -> Value:
        if isinstance(node.op, ast.Not):
            self.test(node.operand, scope)
            return SCALAR
        value = self.value(node.operand, scope)
        self.implied(value, OPERATION)
        return SCALAR if value.type == "scalar" else self.new(value.type)

    def _compare(self, node: ast.Compare, scope: Scope | None) -> Value:
        asked = self._asked_for(node)
        if asked:
            self.seen(asked, scope)
            self._maybe_star()
            return SCALAR
        values = [self.value(part, scope) for part in (node.left, *node.comparators)]
        for operator, value in zip(node.ops, values[1:], strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                self.consumed(value, only_iterators=True)
                self.implied(value, MEMBERSHIP, deep=True)
        if not all(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops):
            for value in values:
                self.implied(value, COMPARISON, self._union(values), deep=True)
        for type_ in ("pandas", "polars", "numpy", "spark"):
            if any(value.type == type_ for value in values):
                return self.new(type_)
        return SCALAR if all(value.type == "scalar" for value in values) else self.new("")

    @staticmethod
    def _asked_for(node: ast.Compare) -> str:
        """The name of ``"name" in globals()`` (or ``locals()``), which asks whether it is bound; '' for other tests."""
        where = node.comparators[0]
        if (
            isinstance(node.left, ast.Constant)
            and isinstance(node.left.value, str)
            and isinstance(node.ops[0], ast.In | ast.NotIn)
            and len(node.ops) == 1
            and isinstance(where, ast.Call)
            and isinstance(where.func, ast.Name)
            and where.func.id in ("globals", "locals", "vars", "dir")
            and not where.args
        ):
            return node.left.value
        return ""

    def _boolop(self, node: ast.BoolOp, scope: Scope | None) -> Value:
        value = self.value(node.values[0], scope)
        for part in node.values[1:]:
            self.implied(value, TRUTH)
            value = value.joined(self.value(part, scope))
        return value

    def _ifexp(self, node: ast.IfExp, scope: Scope | None) -> Value:
        self.test(node.test, scope)
        return self.as_function(self.value(node.body, scope)).joined(self.as_function(self.value(node.orelse, scope)))

    def _formattedvalue(self, node: ast.FormattedValue, scope: Scope | None) -> Value:
        value = self.value(node.value, scope)
        self.implied(value, TEXT, deep=True)
        if value.type != "scalar":
            self.world.read_setting("printing")
        self.value(node.format_spec, scope)
        return SCALAR

    def _await(self, node: ast.Await, scope: Scope | None) -> Value:
        return self.value(node.value, scope)

    def _yield(self, node: ast.Yield, scope: Scope | None) -> Value:
        self.returned.append(self.value(node.value, scope))
        return Value()

    def _yieldfrom(self, node: ast.YieldFrom, scope: Scope | None) -> Value:
        value = self.consumed(self.value(node.value, scope))
        self.returned.append(self.loose(value))
        return Value()

    def _lambda(self, node: ast.Lambda, scope: Scope | None) -> Value:
        return self.function(node, scope)

    def function(self, node: Function, scope: Scope | None) -> Value:
        """A new function; its defaults are evaluated now, its body when it may be called."""
        holds: set[int] = set()
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            holds |= self.as_function(self.value(default, scope)).own
        holds |= self._states(scope)
        value = self.world.new(holds, type_="function", function=node, scope=scope)
        if is_generator(node):
            return Value(value.own, "generator_function")
        return value

    def _states(self, scope: Scope | None) -> set[int]:
        """What stands for the variables of the calls around: an inner function may rebind them, and sees it."""
        found: set[int] = set()
        while scope is not None:
            if scope.is_call:
                if scope.state is None:
                    scope.state = next(iter(self.world.new().own))
                found.add(scope.state)
            scope = scope.parent
        return found

    def _listcomp(self, node: ast.ListComp, scope: Scope | None) -> Value:
        inside = self._generators(node.generators, scope)
        return self._made("list", [self.value(node.elt, inside)])

    def _setcomp(self, node: ast.SetComp, scope: Scope | None) -> Value:
        inside = self._generators(node.generators, scope)
        return self._made("set", [self.value(node.elt, inside)])

    def _generatorexp(self, node: ast.GeneratorExp, scope: Scope | None) -> Value:
        first = self.value(node.generators[0].iter, scope)
        value = self.new("iterator", first.own)
        later = ast.ListComp(elt=node.elt, generators=node.generators)
        for identifier in value.own:
            # the rest is evaluated when it is iterated over, and sees the names as they are then
            entity = self.world.entities[identifier]
            entity.function = ast.Lambda(args=NO_PARAMETERS, body=later)
            entity.scope = scope
        return value

    def _dictcomp(self, node: ast.DictComp, scope: Scope | None) -> Value:
        inside = self._generators(node.generators, scope)
        return self._made("dict", [self.value(node.key, inside), self.value(node.value, inside)])

    def _generators(self, generators: list[ast.comprehension], scope: Scope | None) -> Scope:
        # a class body's names are seen by the first iterable only
        inside = Scope({"\0comprehension": SCALAR}, scope.parent if scope is not None and scope.is_class else scope)
        for number, generator in enumerate(generators):
            over = self.value(generator.iter, inside if number else scope)
            self.assign(generator.target, self.element(over), inside, declare=True)
            for condition in generator.ifs:
                self.test(condition, inside)
        return inside
