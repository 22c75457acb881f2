"""What running a statement reads and changes: bindings, branches, loops, definitions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from olo_converters.graph.definitions import Definitions
from olo_converters.graph.evaluator import Arguments
from olo_converters.graph.paths import text_of
from olo_converters.graph.protocols import EXIT, OPERATORS, SHOWN
from olo_converters.graph.world import NOTHING, SCALAR, Scope, Value

_State = tuple[dict[str, frozenset[int]], dict[str, Value], dict[str, Value]]


_OF_NAMES = frozenset({"NameError", "Exception", "BaseException", "*"})
_BY_SETTING = frozenset({"Exception", "BaseException", "*", "FloatingPointError", "ArithmeticError"})


def _caught(handler: ast.ExceptHandler) -> set[str]:
    """Names of the exceptions that a handler takes; ``*`` all, or a warning that a setting may have made an error."""
    if handler.type is None:
        return {"*"}
    names = {child.id for child in ast.walk(handler.type) if isinstance(child, ast.Name)}
    names |= {child.attr for child in ast.walk(handler.type) if isinstance(child, ast.Attribute)}
    return names | ({"FloatingPointError"} if any(name.endswith("Warning") for name in names) else set())


class Interpreter(Definitions):
    """Follows the statements of a notebook in order; ``world`` collects what they do."""

    def body(self, statements: Iterable[ast.stmt], scope: Scope | None) -> None:
        """Run statements in order."""
        for statement in statements:
            self.statement(statement, scope)

    def statement(self, node: ast.stmt, scope: Scope | None) -> None:
        """Run one statement."""
        method: Callable[[ast.stmt, Scope | None], None] | None = getattr(
            self, f"_run_{type(node).__name__.lower()}", None
        )
        if method is not None:
            method(node, scope)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope)

    # bindings

    def _run_expr(self, node: ast.Expr, scope: Scope | None) -> None:
        value = self.value(node.value, scope)
        if scope is None:
            self.implied(value, SHOWN, deep=True)  # IPython shows a cell's last value

    def _run_assign(self, node: ast.Assign, scope: Scope | None) -> None:
        if self._is_pairwise(node):
            assert isinstance(node.value, ast.Tuple | ast.List)
            target = node.targets[0]
            assert isinstance(target, ast.Tuple | ast.List)
            values = [self.value(element, scope) for element in node.value.elts]
            for element, value in zip(target.elts, values, strict=True):
                self.assign(element, value, scope)
            return
        value = self.value(node.value, scope)
        if self._conditional:  # it may be one of several functions then
            value = self.as_function(value)
        for target in node.targets:
            self.assign(target, value, scope)
            if scope is None and isinstance(target, ast.Name):
                self._remember_text(target.id, node.value)

    @staticmethod
    def _is_pairwise(node: ast.Assign) -> bool:
        """``a, b = x, y``: each gets its own value."""
        target = node.targets[0]
        return (
            len(node.targets) == 1
            and isinstance(target, ast.Tuple | ast.List)
            and isinstance(node.value, ast.Tuple | ast.List)
            and len(target.elts) == len(node.value.elts)
            and not any(isinstance(element, ast.Starred) for element in (*target.elts, *node.value.elts))
        )

    def _remember_text(self, name: str, value: ast.expr) -> None:
        text = text_of(value, self.texts)
        self.formatted.pop(name, None)
        if text is None and isinstance(value, ast.JoinedStr) and not self._conditional:
            self.formatted[name] = value
        if text is None or self._conditional:
            self.texts.pop(name, None)
        else:
            self.texts[name] = text

    def _run_annassign(self, node: ast.AnnAssign, scope: Scope | None) -> None:
        self.value(node.annotation, scope)
        if node.value is not None:
            self.assign(node.target, self.value(node.value, scope), scope)
            if scope is None and isinstance(node.target, ast.Name):
                self._remember_text(node.target.id, node.value)

    def _run_augassign(self, node: ast.AugAssign, scope: Scope | None) -> None:
        added = self.consumed(self.value(node.value, scope), only_iterators=True)
        called = OPERATORS[type(node.op)]
        if isinstance(node.target, ast.Name):
            old = self.lookup(node.target.id, scope, node.lineno)
            self.implied(old, called, added)
            self.implied(added, called, old)
            self.world.change(old)
            self.world.hold(old, self.loose(added))
            new = SCALAR if old.type == added.type == "scalar" else Value(old.own | self.new("").own, old.type)
            self.assign(node.target, new, scope)
            if scope is None:
                self.texts.pop(node.target.id, None)
        else:
            old = self.value(node.target, scope)
            self.implied(old, called, added)
            self.implied(added, called, old)
            self.world.change(old)  # what is there may be changed in place, and have other names
            self.world.hold(old, self.loose(added))
            self.assign(node.target, self.loose(added), scope)

    def _run_delete(self, node: ast.Delete, scope: Scope | None) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                if scope is None:
                    self.world.record.depends.update(self.world.givers.get(target.id, NOTHING))
                    self.world.unbind(target.id)
                else:
                    scope.names.pop(target.id, None)
            elif isinstance(target, ast.Attribute | ast.Subscript):
                self.assign(target, SCALAR, scope)

    def _run_return(self, node: ast.Return, scope: Scope | None) -> None:
        if node.value is not None:
            self.returned.append(self.as_function(self.value(node.value, scope)))

    # branches

    _conditional = 0

    def _state(self, scope: Scope | None) -> _State:
        return dict(self.world.givers), dict(self.world.values), dict(scope.names) if scope else {}

    def _restore(self, state: _State, scope: Scope | None) -> None:
        self.world.givers, self.world.values = dict(state[0]), dict(state[1])
        if scope is not None:
            scope.names = dict(state[2])

    def _join(self, other: _State, scope: Scope | None) -> None:
        """What holds after either of two ways: the present state, or ``other``."""
        for name, givers in other[0].items():
            self.world.givers[name] = self.world.givers.get(name, NOTHING) | givers
        for table, known in ((self.world.values, other[1]), *(((scope.names, other[2]),) if scope else ())):
            for name, value in known.items():
                present = table.get(name)
                table[name] = value if present is None else present.joined(value)

    def _maybe(self, run: Callable[[], None], scope: Scope | None) -> None:
        """Run something that may not happen, or not to its end."""
        before = self._state(scope)
        self._conditional += 1
        run()
        self._conditional -= 1
        self._join(before, scope)

    def _run_if(self, node: ast.If, scope: Scope | None) -> None:
        self.test(node.test, scope)
        before = self._state(scope)
        self._conditional += 1
        self.body(node.body, scope)
        after = self._state(scope)
        self._restore(before, scope)
        self.body(node.orelse, scope)
        self._conditional -= 1
        self._join(after, scope)

    def _run_for(self, node: ast.For | ast.AsyncFor, scope: Scope | None) -> None:
        iterable = self.value(node.iter, scope)

        def loop() -> None:
            for _ in range(2):
                self.assign(node.target, self.element(iterable), scope)
                self.body(node.body, scope)

        self._maybe(loop, scope)
        self._maybe(lambda: self.body(node.orelse, scope), scope)

    _run_asyncfor = _run_for

    def _run_while(self, node: ast.While, scope: Scope | None) -> None:
        self.test(node.test, scope)

        def loop() -> None:
            for _ in range(2):
                self.body(node.body, scope)
                self.test(node.test, scope)

        self._maybe(loop, scope)
        self._maybe(lambda: self.body(node.orelse, scope), scope)

    def _run_with(self, node: ast.With | ast.AsyncWith, scope: Scope | None) -> None:
        managers: list[Value] = []
        for item in node.items:
            value = self.value(item.context_expr, scope)
            managers.append(value)
            if value.type in ("", "connection"):
                self.world.change(value)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, self._entered(value), scope)
        self.body(node.body, scope)
        for manager in managers:
            self.implied(manager, EXIT)

    _run_asyncwith = _run_with

    def _entered(self, manager: Value) -> Value:
        """What ``with manager as name`` binds: most often the manager itself."""
        followed = self._followed(self.attribute(manager, "__enter__"), manager, Arguments([], {}, []))
        if followed is not None:
            return followed
        return manager if manager.type else self.loose(manager)

    def _run_try(self, node: ast.Try | ast.TryStar, scope: Scope | None) -> None:
        caught = {word for handler in node.handlers for word in _caught(handler)}
        if caught & _BY_SETTING:
            self.world.read_setting("raising")
        self.guarded += bool(caught & _OF_NAMES)
        self._maybe(lambda: self.body(node.body, scope), scope)
        self.guarded -= bool(caught & _OF_NAMES)
        for handler in node.handlers:
            self._maybe(lambda handler=handler: self._handler(handler, scope), scope)  # type: ignore[misc]
        self._maybe(lambda: self.body(node.orelse, scope), scope)
        self.body(node.finalbody, scope)

    _run_trystar = _run_try

    def _handler(self, handler: ast.ExceptHandler, scope: Scope | None) -> None:
        self.value(handler.type, scope)
        if handler.name:
            self.assign(ast.Name(handler.name, ast.Store()), self.new(""), scope)
        self.body(handler.body, scope)

    def _run_match(self, node: ast.Match, scope: Scope | None) -> None:
        subject = self.value(node.subject, scope)

        def case(one: ast.match_case) -> None:
            for child in ast.walk(one.pattern):
                if isinstance(child, ast.expr):
                    self.value(child, scope)
                name = getattr(child, "name", None) or getattr(child, "rest", None)
                if isinstance(name, str):
                    self.assign(ast.Name(name, ast.Store()), self.loose(subject), scope)
            if one.guard is not None:
                self.value(one.guard, scope)
            self.body(one.body, scope)

        for one in node.cases:
            self._maybe(lambda one=one: case(one), scope)  # type: ignore[misc]
