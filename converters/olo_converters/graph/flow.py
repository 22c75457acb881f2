"""What running a statement reads and changes: bindings, branches, loops, definitions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from functools import cached_property

from olo_converters.graph.evaluator import Arguments
from olo_converters.graph.model import MODULE_PATH
from olo_converters.graph.outside import Outside
from olo_converters.graph.paths import text_of
from olo_converters.graph.protocols import EXIT, OPERATORS, SHOWN, accessors
from olo_converters.graph.world import NOTHING, SCALAR, Scope, Value
from olo_converters.knowledge.facts import known_libraries

_State = tuple[dict[str, frozenset[int]], dict[str, Value], dict[str, Value]]


_MEMBER_MADE = ("__new__", "__init__", "_generate_next_value_")
"""What an Enum's class statement calls for each of its members."""
_OF_NAMES = frozenset({"NameError", "Exception", "BaseException", "*"})
_BY_SETTING = frozenset({"Exception", "BaseException", "*", "FloatingPointError", "ArithmeticError"})


def _caught(handler: ast.ExceptHandler) -> set[str]:
    """Names of the exceptions that a handler takes; ``*`` all, or a warning that a setting may have made an error."""
    if handler.type is None:
        return {"*"}
    names = {child.id for child in ast.walk(handler.type) if isinstance(child, ast.Name)}
    names |= {child.attr for child in ast.walk(handler.type) if isinstance(child, ast.Attribute)}
    return names | ({"FloatingPointError"} if any(name.endswith("Warning") for name in names) else set())


def _gives_module(path: str, name: str) -> bool:
    """Whether a file may hold a module or a part of a package.

    Example:
        >>> [_gives_module(path, "shop") for path in ("src/shop.py", "shop/prices.py", "shop.csv")]
        [True, True, False]
    """
    return path == "*" or path.rpartition("/")[2] in (f"{name}.py", f"*{name}.py") or f"/{name}/" in f"/{path}"


class Interpreter(Outside):
    """Follows the statements of a notebook in order; ``world`` collects what they do."""

    @cached_property
    def metaclasses(self) -> dict[int, tuple[int, ...]]:
        """Metaclasses of the notebook by the classes that they made."""
        return {}

    @cached_property
    def enums(self) -> set[int]:
        """Classes of the notebook that are enumerations."""
        return set()

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
        added = self.value(node.value, scope)
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
            self.returned.append(self.value(node.value, scope))

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

    # definitions and imports

    def _run_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope | None) -> None:
        value = self.function(node, scope)
        for annotation in (
            node.returns,
            *(argument.annotation for argument in ast.walk(node.args) if isinstance(argument, ast.arg)),
        ):
            if annotation is not None and not self.lazy_annotations:
                self.value(annotation, scope)
        for decorator in reversed(node.decorator_list):
            value = self._decorated(decorator, value, scope)
        self.assign(ast.Name(node.name, ast.Store(), lineno=node.lineno, col_offset=0), value, scope)

    _run_asyncfunctiondef = _run_functiondef
    lazy_annotations = False

    def _decorated(self, decorator: ast.expr, value: Value, scope: Scope | None) -> Value:
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
            return value
        made = self.value(decorator, scope)
        if made.module in ("builtins.staticmethod", "builtins.classmethod", "builtins.property"):
            return value
        if made.module.startswith(("functools.", "dataclasses.", "abc.", "typing.", "numba.")):
            return Value(value.own, value.type if made.module.startswith("functools.wraps") else "")
        arguments = Arguments([(decorator, value)], {}, [])
        followed = self._followed(made, None, arguments)
        if followed is not None:
            return followed
        self.call_back(made, value)
        self.world.change(made, deep=True)  # it may keep what it decorates: routes, handlers, overloads
        self.world.hold(made, value)
        return Value(value.own | made.own | self.new("").own)

    def _run_classdef(self, node: ast.ClassDef, scope: Scope | None) -> None:
        inside = Scope({}, scope, is_class=True)
        methods: dict[str, Value] = {}
        bases = [self.value(base, scope) for base in node.bases]
        for base in bases:
            for identifier in base.own:
                methods.update(self.world.entities[identifier].methods or {})
        makers = [self.value(keyword.value, scope) for keyword in node.keywords]
        self.body(node.body, inside)
        properties = accessors(node)
        for name, value in inside.names.items():
            if name in properties:
                methods["." + name] = value
                for identifier in value.own:
                    self.world.entities[identifier].scope = scope
            elif value.type in ("function", "generator_function"):
                methods[name] = value
                for identifier in value.own:
                    self.world.entities[identifier].scope = scope
        held = frozenset(one for part in [*inside.names.values(), *bases] for one in part.own)
        unknown_base = any(not base.own and base.module not in ("", "builtins.object") for base in bases)
        value = self.world.new(held, methods=methods)
        (identifier,) = value.own
        self.mark_special(identifier)
        value = Value(value.own, "" if unknown_base and "__init__" not in methods else "class")
        value = self._made_by(value, makers, bases, methods)
        if "__del__" in methods:
            self.dynamic(node.lineno, "__del__(), which runs when Python lets an object go,")
        if any(base.module.startswith("enum.") or base.own & self.enums for base in bases):
            self.enums.update(value.own)  # its members are made with the class
            makes = [methods[name] for name in _MEMBER_MADE if name in methods]
            self.call_back(self._union(makes), self._union([value, *inside.names.values()]))
        for decorator in reversed(node.decorator_list):
            if not self._keeps_class(decorator, scope):
                value = self._decorated(decorator, value, scope)
        self.assign(ast.Name(node.name, ast.Store(), lineno=node.lineno, col_offset=0), value, scope)

    def _made_by(self, value: Value, makers: list[Value], bases: list[Value], methods: dict[str, Value]) -> Value:
        """A class after its metaclass, the bases' ``__init_subclass__`` and the members' ``__set_name__`` had it."""
        own = [one for maker in makers for one in maker.own if self.world.entities[one].methods is not None]
        inherited = [one for base in bases for parent in base.own for one in self.metaclasses.get(parent, ())]
        metaclasses = tuple(dict.fromkeys([*own, *inherited]))
        for metaclass in metaclasses:
            self.call_back(Value(frozenset({metaclass})), value)
        if metaclasses:
            self.metaclasses.update(dict.fromkeys(value.own, metaclasses))
        if any(base.own for base in bases) and "__init_subclass__" in methods:
            for one in methods["__init_subclass__"].own:
                self._invoke(one, value, Arguments([], {}, [self._union(makers)]))
        self.implied(Value(self.world.inner(value)), frozenset({"__set_name__"}), value)
        return Value(value.own | frozenset(metaclasses), "") if metaclasses else value

    def _keeps_class(self, decorator: ast.expr, scope: Scope | None) -> bool:
        """Whether a decorator gives the class back as it was, but for methods that do nothing else."""
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        made = self.value(call, scope)
        if not made.module.startswith(("dataclasses.", "functools.total_ordering", "enum.", "typing.")):
            return False
        if call is not decorator:
            self.value(decorator, scope)
        return True

    def _run_import(self, node: ast.Import, scope: Scope | None) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            module = alias.name if alias.asname else name
            self.assign(ast.Name(name, ast.Store()), self._module(module), scope)

    def _run_importfrom(self, node: ast.ImportFrom, scope: Scope | None) -> None:
        base = "." * node.level + (node.module or "")
        if base == "__future__":
            self.lazy_annotations = self.lazy_annotations or any(alias.name == "annotations" for alias in node.names)
            return
        for alias in node.names:
            if alias.name == "*":
                self.block(
                    "star-import",
                    f"from {base} import * binds names that can't be seen",
                    node.lineno,
                    "Import the names that are used.",
                )
                self.world.go_wild()
                continue
            module = f"{base}.{alias.name}"
            self.assign(ast.Name(alias.asname or alias.name, ast.Store()), self._module(module), scope)

    def _module(self, name: str) -> Value:
        top = name.split(".")[0]
        is_known = top in sys.stdlib_module_names | known_libraries()
        for one in [one for one in self.world.writers if one.kind == "file"]:
            # A cell of the notebook may write the module; a command that writes files puts no other pandas there.
            if _gives_module(one.name, top) and not (is_known and one.name == "*"):
                self.world.read_resource(one)
        if not is_known:
            self.world.read_setting(MODULE_PATH)
        return Value(self.world.new(module=name).own, "", name)
