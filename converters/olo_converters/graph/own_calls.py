"""Calls of the notebook's own functions and classes, followed into their bodies; unknown calls, taken at worst."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from olo_converters.graph.evaluator import Arguments, Evaluator
from olo_converters.graph.scopes import declared_globals, is_generator, parameter_names
from olo_converters.graph.world import SCALAR, Function, Scope, Value

MAX_DEPTH = 8
MAX_CALLS = 400
MAX_CALLS_BACK = 3
"""How often a statement follows one function that was handed on; then it is taken at worst."""
_STATES = ("numpy", "python", "torch", "polars")
NO_PARAMETERS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


class OwnCalls(Evaluator):
    """Evaluates calls of what the notebook defines, and of what nobody knows."""

    handed_on = 0
    """How many calls under way are of functions that were handed on: they may happen later, or never."""

    def _unknown(self, target: Value, arguments: Arguments, node: ast.Call) -> Value:
        """Nothing is known of what is called: it may change all it is given, and hand it back."""
        given = self._union([*arguments.every(), target])
        self.call_back(given, given)
        self.world.change(given, deep=True)
        for state in _STATES:
            self.world.draw(state, sure=False)
        if target.module:
            self.unknown_calls.add((self.world.record.index, target.module, node.lineno))
        self.world.mingle(given)
        return Value(self.world.unknown(given.own).own | self.loose(given).own)

    @property
    def unknown_calls(self) -> set[tuple[int, str, int]]:
        """Calls of libraries that the knowledge base doesn't have."""
        if not hasattr(self, "_unknown_calls"):
            self._unknown_calls: set[tuple[int, str, int]] = set()
        return self._unknown_calls

    def call_back(self, functions: Value, given: Value) -> Value:
        """Functions handed to something may be called by it, with anything it was given; what they may have given."""
        results = Value()
        called = [one for one in self.world.reach(functions.own) if self.world.entities[one].function is not None]
        spent = [one for one in called if self._called_back.get(one, 0) >= MAX_CALLS_BACK]
        if given.own and len(spent) > 1:  # each of them mingles with what is given, and so with each other: at once
            self._assumed_all(spent, given)
            done = set(spent)
            called = [one for one in called if one not in done]
        for identifier in called:
            if self._called_back.get(identifier, 0) >= MAX_CALLS_BACK:
                self._assumed(identifier, given)
                continue
            self._called_back[identifier] = self._called_back.get(identifier, 0) + 1
            self.handed_on += 1
            result = self._invoke(identifier, None, Arguments([], {}, [self.loose(given)]), spread_all=True)
            self.handed_on -= 1
            results = Value(results.own | result.own)
            if self.types.get(identifier) == "iterator":
                self.world.hold(Value(frozenset({identifier})), self.loose(result))
        return results

    def _followed(self, target: Value, receiver: Value | None, arguments: Arguments) -> Value | None:
        """The result of a call whose target is certainly a function or class written in the notebook, else None."""
        functions = [one for one in target.own if self.world.entities[one].function is not None]
        if target.type == "method" and receiver is None:  # a bound method that has a name of its own
            by_class = any(_is_classmethod(self.world.entities[one].function) for one in functions)
            bound = frozenset(
                one
                for one in target.own
                if self.world.entities[one].class_of is not None
                or (by_class and self.world.entities[one].methods is not None)
            )
            receiver = Value(bound) if bound else None
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
        for name in ("__new__", "__init__", "__post_init__"):
            for one in methods[name].own if name in methods else ():
                self._invoke(one, target if name == "__new__" else value, arguments)
        for one in methods["_missing_"].own if "_missing_" in methods else ():  # an Enum that has no such member
            self._invoke(one, target, arguments)
        if "__init__" not in methods:
            self.call_back(given, given)
            own = frozenset(one for method in methods.values() for one in method.own)
            for one in self.world.inner(target) - own:  # field(default_factory=...) of a dataclass
                if self.world.entities[one].function is not None:
                    self.world.hold(value, self.loose(self._invoke(one, None, Arguments([], {}, []))))
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
            return self._assumed(identifier, given)
        scope = Scope({}, entity.scope, self.bound_names(function), declared_globals(function), is_call=True)
        held = self.world.inner(Value(frozenset({identifier})))
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
                self.world.link(one, identifier)
            return value
        return result

    def _assumed(self, identifier: int, given: Value) -> Value:
        """A call that isn't followed any further: it may change all that it is given and all that its body can see."""
        return self._assumed_all([identifier], given)

    def _assumed_all(self, identifiers: Iterable[int], given: Value) -> Value:
        """Calls that aren't followed any further, of functions that are all given something in common."""
        seen = [given]
        for identifier in identifiers:
            entity = self.world.entities[identifier]
            assert entity.function is not None
            seen.append(Value(self.world.inner(Value(frozenset({identifier})))))
            for name in sorted(self.free_names(entity.function)):
                value = self.seen(name, entity.scope)
                if value is not None and not value.module:
                    seen.append(value)
        every = self._union(seen)
        self.world.change(every, deep=True)
        self.world.mingle(every)
        for state in _STATES:
            self.world.draw(state, sure=False)
        return Value(self.world.unknown(every.own).own | self.loose(every).own)

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
        if function.args is NO_PARAMETERS:  # a generator expression, whose walrus binds a name around it
            scope.names["\0comprehension"] = SCALAR
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


def _is_classmethod(function: Function | None) -> bool:
    decorators = getattr(function, "decorator_list", ())
    return any(isinstance(one, ast.Name) and one.id == "classmethod" for one in decorators)
