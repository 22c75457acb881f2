"""What a call does: libraries by the knowledge base, the notebook's own functions by their body, the rest at worst."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from olo_converters.graph.model import Resource
from olo_converters.graph.paths import path_of
from olo_converters.graph.scopes import bound_names, declared_globals, is_generator, parameter_names
from olo_converters.graph.world import SCALAR, Function, Scope, Value, World
from olo_converters.knowledge.facts import (
    FunctionFact,
    TypeFact,
    builtin_names,
    function_fact,
    pure_methods,
    type_fact,
)

MAX_DEPTH = 8
MAX_CALLS = 400
_STATES = ("numpy", "python", "torch")
NO_PARAMETERS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
_CONTAINERS = frozenset({"list", "scalars", "dict", "set"})
_ADDS_ONE = frozenset({"append", "insert", "add", "setdefault", "appendleft", "__setitem__"})


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


class Calls(ABC):
    """Evaluates calls. The rest of the evaluator is in the subclasses."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cell = ""
        self.in_cell = True
        self.defined_somewhere: frozenset[str] = frozenset()
        self.patches: list[tuple[int, str, int]] = []
        self.returned: list[Value] = []
        self.types: dict[int, str] = {}
        self._stack: list[Function] = []
        self._calls = 0

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
    def patch(self, module: str, line: int) -> None:
        """A library is changed."""

    @abstractmethod
    def attribute(self, base: Value, attr: str) -> Value:
        """A value's attribute."""

    @abstractmethod
    def query(self, text: ast.expr | None, scope: Scope | None, *, reads_names: bool) -> None:
        """SQL text runs."""

    @abstractmethod
    def magic(self, node: ast.Call) -> Value:
        """A line magic inside Python."""

    def start(self, cell: str) -> None:
        """A new statement begins: the budget of followed calls is whole again."""
        self.cell = cell
        self._calls = 0

    def new(self, type_: str, holds: Iterable[int] = ()) -> Value:
        """A new object; its type is remembered for when it comes out of a container."""
        value = self.world.new(holds, type_=type_)
        self.types.update(dict.fromkeys(value.own, type_))
        return value

    def loose(self, value: Value) -> Value:
        """A value or anything that can be reached from it."""
        return Value(frozenset(self.world.reach(value.own)))

    def is_flat(self, value: Value) -> bool:
        """Whether a value is a scalar or a container of scalars only."""
        return value.type == "scalar" or (value.type == "scalars" and not self.world.inner(value))

    # calls

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
            value = self.value(argument, scope)
            if isinstance(argument, ast.Starred):
                spread.append(value)
            else:
                positional.append((argument, value))
        keywords: dict[str, tuple[ast.expr, Value]] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
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

    def _out(self, arguments: Arguments, result: Value) -> Value:
        """``out=`` is written and handed back."""
        if "out" in arguments.keywords:
            out = arguments.keywords["out"][1]
            self.world.change(out, deep=True)
            return Value(result.own | self.loose(out).own, out.type)
        return result

    def _unknown(self, target: Value, arguments: Arguments, node: ast.Call) -> Value:
        """Nothing is known of what is called: it may change all it is given, and hand it back."""
        given = self._union([*arguments.every(), target])
        self.call_back(given, given)
        self.world.change(given, deep=True)
        for state in _STATES:
            self.world.draw(state, sure=False)
        if target.module:
            self.unknown_calls.add((self.world.record.index, target.module, node.lineno))
        for value in (*arguments.every(), target):
            self.world.hold(value, given)
        return self.new("", self.loose(given).own)

    @property
    def unknown_calls(self) -> set[tuple[int, str, int]]:
        """Calls of libraries that the knowledge base doesn't have."""
        if not hasattr(self, "_unknown_calls"):
            self._unknown_calls: set[tuple[int, str, int]] = set()
        return self._unknown_calls

    @staticmethod
    def _union(values: Iterable[Value]) -> Value:
        return Value(frozenset(identifier for value in values for identifier in value.own))

    def call_back(self, functions: Value, given: Value) -> None:
        """Functions handed to something may be called by it, with anything it was given."""
        for identifier in list(self.world.reach(functions.own)):
            entity = self.world.entities[identifier]
            if entity.function is not None:
                result = self._invoke(identifier, None, Arguments([], {}, [self.loose(given)]), spread_all=True)
                if self.types.get(identifier) == "iterator":
                    self.world.hold(Value(frozenset({identifier})), self.loose(result))

    # builtins

    def _builtin(self, name: str, arguments: Arguments, node: ast.Call, scope: Scope | None) -> Value:
        given = self._union(arguments.every())
        if name in ("exec", "eval", "compile", "__import__"):
            self.dynamic(node.lineno, f"{name}()")
            return self.new("", given.own)
        if name in ("globals", "locals", "vars") and not arguments.positional:
            self.dynamic(node.lineno, f"{name}()")
            return Value(type="dict", module=f"builtins.{name}")
        if name == "input":
            self.block("user-input", "input() waits for a person", node.lineno, "Give the value a name at the top.")
            return SCALAR
        if name in ("setattr", "delattr"):
            first = arguments.at(0)
            if first is not None and first[1].module:
                self.patch(first[1].module, node.lineno)
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
            for value in arguments.every():
                self.consumed(value, only_iterators=True)
            return SCALAR
        if name in builtin_names("consumes"):
            for value in arguments.every():
                self.consumed(value, only_iterators=name in ("max", "min", "next") and len(arguments.positional) > 1)
        if name == "next" and arguments.positional:
            self.world.change(arguments.positional[0][1])
        if name in ("range", "dir"):
            return self.new("scalars")
        if name in builtin_names("scalar"):
            return SCALAR
        if name in builtin_names("iterators"):
            return (
                Value(self.new("iterator", given.own).own | given.own, "iterator")
                if given.own
                else self.new("iterator")
            )
        if name in builtin_names("containers"):
            if not arguments.every():
                return self.new("list" if name in ("tuple", "sorted", "frozenset") else name)
            if name != "dict" and all(map(self.is_flat, arguments.every())):
                return self.new("scalars")
            return self.new("", self.loose(given).own)
        if name in builtin_names("pure") or name.endswith(("Error", "Exception", "Warning")):
            if all(value.type == "scalar" for value in arguments.every()):
                return SCALAR
            return Value(self.loose(given).own | self.new("").own)
        return self._unknown(Value(), arguments, node)

    def _open(self, arguments: Arguments, scope: Scope | None) -> Value:
        first = arguments.at(0, "file")
        resource = Resource("file", path_of(first[0] if first else None, self.constant_of(scope)))
        mode = arguments.at(1, "mode")
        text = "r" if mode is None else mode[0].value if isinstance(mode[0], ast.Constant) else "?"
        if not isinstance(text, str) or set(text) & set("wax+?"):
            self.world.write_resource(resource)
        if not isinstance(text, str) or set(text) & set("ra+?") or "w" not in text:
            self.world.read_resource(resource)
        value = self.world.new((), type_="file", resource=resource)
        self.types.update(dict.fromkeys(value.own, "file"))
        return value

    @abstractmethod
    def constant_of(self, scope: Scope | None) -> dict[str, str]:
        """Names that are known to be one text, for paths."""

    # libraries

    def _library(self, name: str, target: Value, arguments: Arguments, node: ast.Call, scope: Scope | None) -> Value:
        fact = function_fact(name)
        if fact is None:
            return self._unknown(Value(target.own, "", name), arguments, node)
        if fact.dynamic:
            if fact.dynamic == "config":
                self.patch(name, node.lineno)
            elif fact.dynamic == "shell":
                self.shell(name)
            else:
                self.dynamic(node.lineno, f"{name}()")
            return self.new("")
        given = self._union(arguments.every())
        self.call_back(given, given)
        for value in arguments.every():
            self.consumed(value, only_iterators=True)
        self._changed_arguments(fact, arguments)
        self._outside(fact, arguments, scope)
        result = self._library_result(fact, arguments, given)
        return self._out(arguments, result)

    @abstractmethod
    def shell(self, what: str) -> None:
        """A command of the operating system runs."""

    def _changed_arguments(self, fact: FunctionFact, arguments: Arguments) -> None:
        for which in fact.mutates:
            found = arguments.at(which) if isinstance(which, int) else arguments.keywords.get(which)
            if found is not None:
                self.world.change(found[1], deep=True)
                self.world.hold(found[1], self._union(arguments.every()))
        if arguments.spread and fact.mutates:
            self.world.change(self._union(arguments.spread), deep=True)
        inplace = arguments.keywords.get("inplace")
        if inplace is not None and not (isinstance(inplace[0], ast.Constant) and inplace[0].value is False):
            self.world.change(self._union(arguments.every()))

    def _outside(self, fact: FunctionFact, arguments: Arguments, scope: Scope | None) -> None:
        constants = self.constant_of(scope)
        for what, act in ((fact.reads, self.world.read_resource), (fact.writes, self.world.write_resource)):
            if what.startswith("file:"):
                position = what.removeprefix("file:")
                found = arguments.at(int(position), "path") if position.isdigit() else None
                if position.isdigit() and found is None:
                    found = next((arguments.keywords[key] for key in arguments.keywords if "path" in key), None)
                if found is not None and any(self.world.entities[identifier].resource for identifier in found[1].own):
                    (self.world.change if act == self.world.write_resource else self.world.read)(found[1])
                    continue
                path = path_of(found[0] if found else None, constants)
                if path.startswith(("http://", "https://", "s3://", "gs://", "ftp://")):
                    self.world.read_resource(Resource("network", path))
                act(Resource("file", path))
            elif what == "entropy":
                self.world.record.reads.add(Resource("random", "entropy"))
            elif what == "figure":
                self.world.write_resource(Resource("figure", "current"))
            elif what:
                kind = what if what in ("clock", "environment", "network") else "network"
                act(Resource(kind, "*" if kind == "network" else "os"))  # type: ignore[arg-type]
        if fact.seeds:
            if arguments.positional or arguments.keywords:
                self.world.write_resource(Resource("random", fact.seeds), anew=True)
            else:
                self.world.draw(fact.seeds)
                self.world.record.reads.add(Resource("random", "entropy"))
        drawn = fact.draws and not any(
            name in arguments.keywords and not self._is_none(arguments.keywords[name][0]) for name in fact.unless
        )
        if drawn:
            self.world.draw(fact.draws)
        if fact.seed_argument and (
            not (arguments.positional or arguments.keywords)
            or (arguments.positional and self._is_none(arguments.positional[0][0]))
        ):
            self.world.record.reads.add(Resource("random", "entropy"))
        if fact.sql is not None:
            found = arguments.at(fact.sql, "sql")
            self.query(found[0] if found else None, scope, reads_names=True)
        if fact.table is not None:
            found = arguments.at(fact.table)
            self.world.read_resource(Resource("table", self.table_name(found[0] if found else None)))

    @staticmethod
    def _is_none(node: ast.expr) -> bool:
        return isinstance(node, ast.Constant) and node.value is None

    def _library_result(self, fact: FunctionFact, arguments: Arguments, given: Value) -> Value:
        returns = fact.returns
        if returns == "scalar":
            return SCALAR
        if returns == "same":
            returns = arguments.positional[0][1].type if arguments.positional else ""
        if returns in _CONTAINERS:
            returns = ""  # what it holds was not seen
        if fact.result == "fresh":
            return self.new(returns)
        if fact.result == "holds":
            value = self.new(returns, given.own)
            for identifier in value.own:
                self.world.entities[identifier].seeded = returns != "sklearn" or "random_state" in arguments.keywords
            return value
        if returns == "pandas" and all(
            self.is_flat(value) or (value.type == "dict" and not self.world.inner(value)) for value in arguments.every()
        ):
            return self.new(returns)
        value = self.new(returns, given.own)
        return Value(value.own | given.own, returns)

    # methods

    def _method(self, receiver: Value, name: str, arguments: Arguments, node: ast.Call, scope: Scope | None) -> Value:
        given = self._union(arguments.every())
        inplace = arguments.keywords.get("inplace")
        if inplace is not None and not (isinstance(inplace[0], ast.Constant) and inplace[0].value is False):
            self.call_back(given, given)
            self.world.change(receiver)
            self.world.hold(receiver, given)
            return SCALAR if isinstance(inplace[0], ast.Constant) else Value(receiver.own, receiver.type)
        fact = type_fact(receiver.type)
        if fact is None:
            if receiver.type == "" and name in pure_methods():
                self.call_back(given, self._union([given, receiver]))
                return self._out(arguments, self.new("", self.loose(receiver).own))
            return self._unknown(receiver, arguments, node)
        if fact.default == "dynamic":
            self.dynamic(node.lineno, f"{name}()")
            return self.new("")
        self.call_back(given, self._union([given, receiver]))
        for value in arguments.every():
            self.consumed(value, only_iterators=True)
        if "out" in arguments.keywords:
            return self._out(arguments, self.new(fact.returns))
        return self._known_method(fact, receiver, name, arguments, scope)

    def _known_method(
        self, fact: TypeFact, receiver: Value, name: str, arguments: Arguments, scope: Scope | None
    ) -> Value:
        given = self._union(arguments.every())
        self._method_outside(fact, receiver, name, arguments, scope)
        mutates = name in fact.mutating or (fact.default == "mutates" and name not in fact.frames)
        if mutates:
            self.world.change(receiver)
            self.world.hold(receiver, given if name in _ADDS_ONE else self._union([given, self.loose(given)]))
        if name in fact.mutates_argument:
            self.world.change(given, deep=True)
        if name in fact.frames:
            return self.new(fact.frames[name])
        if name in fact.scalars:
            return SCALAR
        if name in fact.lists:
            return self.new("scalars")
        if name in fact.returns_self:
            return receiver
        if receiver.type in ("list", "scalars", "dict", "defaultdict", "set"):
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
            return self.new(fact.returns, given.own)
        return self.new(fact.returns)

    def _method_outside(
        self, fact: TypeFact, receiver: Value, name: str, arguments: Arguments, scope: Scope | None
    ) -> None:
        first = arguments.at(0)
        constants = self.constant_of(scope)
        if fact.writes == "figure" or name in fact.display:
            self.world.write_resource(Resource("figure", "current"))
        state = fact.draws.get(name)
        seeded = any(key in arguments.keywords for key in (*fact.unless, "random_state", "seed"))
        if state and not seeded and not (fact.holds_seed and self._is_seeded(receiver)):
            self.world.draw(state, sure=not fact.holds_seed)
        if name in fact.writes_file and (first is not None or "path" in arguments.keywords):
            found = first or arguments.keywords.get("path")
            self.world.write_resource(Resource("file", path_of(found[0] if found else None, constants)))
        if name in fact.reads_file:
            self.world.read_resource(Resource("file", "*"))
        if name in fact.writes_file_self:
            self.world.write_resource(Resource("file", "*"))
        if name in fact.writes_table:
            found = arguments.at(fact.writes_table[name], "name")
            self.world.write_resource(Resource("table", self.table_name(found[0] if found else None)))
        if name in fact.sql:
            self.query(first[0] if first else None, scope, reads_names=receiver.type != "olo_session")
        if name in fact.table:
            self.world.read_resource(Resource("table", self.table_name(first[0] if first else None)))

    def _is_seeded(self, receiver: Value) -> bool:
        return bool(receiver.own) and all(self.world.entities[identifier].seeded for identifier in receiver.own)

    @abstractmethod
    def table_name(self, node: ast.expr | None) -> str:
        """The full name of a table that is named by an expression."""

    # functions and classes of the notebook

    def _followed(self, target: Value, receiver: Value | None, arguments: Arguments) -> Value | None:
        """The result of a call whose target is certainly a function or class written in the notebook, else None."""
        functions = [one for one in target.own if self.world.entities[one].function is not None]
        if target.type in ("function", "generator_function", "method") and functions:
            results = [self._invoke(one, receiver if target.type == "method" else None, arguments) for one in functions]
            result = results[0]
            for other in results[1:]:
                result = result.joined(other)
            return result
        if target.type == "class" and len(target.own) == 1:
            return self._instance(target, arguments)
        return None

    def _instance(self, target: Value, arguments: Arguments) -> Value:
        given = self._union(arguments.every())
        identifier = next(iter(target.own))
        value = self.world.new(given.own, class_of=identifier)
        methods = self.world.entities[identifier].methods or {}
        if "__init__" in methods:
            for one in methods["__init__"].own:
                self._invoke(one, value, arguments)
        elif not methods.get("\0pure"):
            self.call_back(given, given)
        return value

    def _invoke(
        self, identifier: int, receiver: Value | None, arguments: Arguments, *, spread_all: bool = False
    ) -> Value:
        """Run a function's body on the values of its arguments."""
        entity = self.world.entities[identifier]
        function = entity.function
        assert function is not None
        self.world.read(Value(frozenset({identifier})))
        self._calls += 1
        given = self._union([*arguments.every(), *([receiver] if receiver else [])])
        if any(function is one for one in self._stack) or len(self._stack) >= MAX_DEPTH or self._calls > MAX_CALLS:
            self.world.change(given, deep=True)
            return self.new("", self.loose(given).own)
        scope = Scope({}, entity.scope, bound_names(function), declared_globals(function))
        held = frozenset(entity.inner)
        self._bind_parameters(function, receiver, arguments, scope, held, spread_all=spread_all)
        outer, self.returned = self.returned, []
        outside, self.in_cell = self.in_cell, False
        self._stack.append(function)
        try:
            if isinstance(function, ast.Lambda):
                self.returned.append(self.value(function.body, scope))
            else:
                self.body(function.body, scope)
        finally:
            self._stack.pop()
        results, self.returned = self.returned, outer
        self.in_cell = outside
        result = results[0] if results else SCALAR
        for other in results[1:]:
            result = result.joined(other)
        if not isinstance(function, ast.Lambda) and is_generator(function):
            inside = frozenset(one for part in [*results, *scope.names.values()] for one in part.own)
            value = self.new("iterator", inside)
            for one in value.own:
                # its body runs when it is iterated over, and sees the names as they are then
                self.world.entities[one].function = ast.Lambda(args=NO_PARAMETERS, body=ast.Constant(None))
                self.world.entities[one].inner[identifier] = self.world.record.index
            return value
        return result

    def _bind_parameters(
        self,
        function: Function,
        receiver: Value | None,
        arguments: Arguments,
        scope: Scope,
        defaults_held: frozenset[int],
        *,
        spread_all: bool,
    ) -> None:
        every = self._union(arguments.every())
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        values = ([receiver] if receiver is not None else []) + [value for _, value in arguments.positional]
        unsure = spread_all or bool(arguments.spread)
        for name in parameter_names(function):
            scope.names[name] = self.loose(every) if unsure else self.new("")
        if unsure and receiver is None:
            return
        for name, value in zip(names, values, strict=False):
            scope.names[name] = value
        for name, (_, value) in arguments.keywords.items():
            if name in scope.names:
                scope.names[name] = value
        rest = self._union(values[len(names) :])
        if function.args.vararg is not None:
            scope.names[function.args.vararg.arg] = self.new("list" if rest.own else "scalars", rest.own)
        if function.args.kwarg is not None:
            extra = self._union(value for key, (_, value) in arguments.keywords.items() if key not in names)
            scope.names[function.args.kwarg.arg] = self.new("dict", extra.own)
        defaults = dict(zip(names[len(names) - len(function.args.defaults) :], function.args.defaults, strict=False))
        for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
            if default is not None:
                defaults[argument.arg] = default
        given = {*names[: len(values)], *arguments.keywords}
        for name, default in defaults.items():
            if name not in given:
                scope.names[name] = SCALAR if isinstance(default, ast.Constant) else Value(defaults_held)
