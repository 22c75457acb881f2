"""What running a definition or an import reads and changes: functions, classes, modules."""

from __future__ import annotations

import ast
import sys
from functools import cached_property

from olo_converters.graph.evaluator import Arguments
from olo_converters.graph.model import MODULE_PATH
from olo_converters.graph.outside import Outside
from olo_converters.graph.protocols import accessors
from olo_converters.graph.scopes import declared_globals
from olo_converters.graph.world import Scope, Value
from olo_converters.knowledge.facts import known_libraries

_MEMBER_MADE = ("__new__", "__init__", "_generate_next_value_")
"""What an Enum's class statement calls for each of its members."""


def _gives_module(path: str, name: str) -> bool:
    """Whether a file may hold a module or a part of a package.

    Example:
        >>> [_gives_module(path, "shop") for path in ("src/shop.py", "shop/prices.py", "shop.csv")]
        [True, True, False]
    """
    return path == "*" or path.rpartition("/")[2] in (f"{name}.py", f"*{name}.py") or f"/{name}/" in f"/{path}"


class Definitions(Outside):
    """Follows the definitions and imports of a notebook."""

    @cached_property
    def metaclasses(self) -> dict[int, tuple[int, ...]]:
        """Metaclasses of the notebook by the classes that they made."""
        return {}

    @cached_property
    def enums(self) -> set[int]:
        """Classes of the notebook that are enumerations."""
        return set()

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
    asks_for_subclasses = False
    """Whether the notebook asks a class for those that were made from it."""

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
        self.world.hold(self.loose(made), value)
        return Value(value.own | made.own | self.new("").own)

    def _run_classdef(self, node: ast.ClassDef, scope: Scope | None) -> None:
        inside = Scope({}, scope, globals=declared_globals(node), is_class=True)
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
        value = self._made_by(value, makers, bases)
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

    def _made_by(self, value: Value, makers: list[Value], bases: list[Value]) -> Value:
        """A class after its metaclass, the bases' ``__init_subclass__`` and the members' ``__set_name__`` had it."""
        own = [one for maker in makers for one in maker.own if self.world.entities[one].methods is not None]
        inherited = [one for base in bases for parent in base.own for one in self.metaclasses.get(parent, ())]
        metaclasses = tuple(dict.fromkeys([*own, *inherited]))
        for metaclass in metaclasses:
            self.call_back(Value(frozenset({metaclass})), value)
        if self.asks_for_subclasses:
            self.world.change(self._union(bases))
        if metaclasses:
            self.metaclasses.update(dict.fromkeys(value.own, metaclasses))
        for parent in dict.fromkeys(one for base in bases for one in base.own):
            hook = (self.world.entities[parent].methods or {}).get("__init_subclass__", Value())
            for one in hook.own:
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
