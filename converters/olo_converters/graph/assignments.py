"""Names and parts of objects get values; iterators are used up; what can't be decided is noted."""

from __future__ import annotations

import ast

from olo_converters.findings import finding
from olo_converters.graph.calls import Calls
from olo_converters.graph.evaluator import DATA, PRECISE
from olo_converters.graph.model import MODULE_PATH, Resource, library_setting
from olo_converters.graph.protocols import ITERATION, LOOKED_UP, SET_ITEM
from olo_converters.graph.world import NOTHING, SCALAR, Scope, Value

ROWS = {"pandas_rows": "pandas", "polars_rows": "polars", "path_rows": "path"}
"""Types of iterators, each with the type of what it gives."""


ENVIRONMENT = "os.environ"


class Assignments(Calls):
    """Binds names, changes objects."""

    def block(self, code: str, message: str, line: int, hint: str = "") -> None:
        """Note what makes every slice through this statement undecidable."""
        problem = finding(code, message, cell=self.cell, line=line if self.in_cell else None, hint=hint)
        if problem not in self.world.record.blockers:
            self.world.record.blockers.append(problem)

    def dynamic(self, line: int, what: str) -> None:
        """Code that may do anything."""
        self.block("dynamic-code", f"{what} may define or change anything", line, "Write out what it does.")
        self.world.go_wild()

    def patch(self, module: str, line: int, value: Value | None = None) -> None:
        """A library is changed while the notebook runs; ``value``: what it is set to, where that is known."""
        top = module.split(".")[0]
        if module.startswith(("sys.path", "sys.argv")):
            self.world.write_resource(Resource("setting", MODULE_PATH if module.startswith("sys.path") else "argv"))
            return
        if module.startswith("streamlit.session_state"):
            self.world.write_resource(Resource("environment", "os"))
            return
        if ".options.display" in module or module.endswith(".chained_assignment"):
            self.world.write_resource(Resource("setting", "printing"))
            return
        if top in ("matplotlib", "pylab", "streamlit", "seaborn", "plotly", "altair", "IPython"):
            self.world.write_resource(Resource("figure", "settings"))
            return
        self.world.record.changes = True
        if value is not None and self._is_setting(top, value):
            self.world.write_resource(library_setting(top))
            return
        if value is not None:
            self.call_back(value, Value())  # whenever the library calls it: what it changes needs this statement
        self.patches.append((self.world.record.index, top, line))

    def _is_setting(self, top: str, value: Value) -> bool:
        """Whether a library that is given a value only works otherwise: it calls nothing of the notebook's."""
        if value.module or (top in ("sys", "builtins") and value.own and not self.is_flat(value)):
            return False
        return not any(
            self.world.entities[one].function is not None or self.world.entities[one].methods is not None
            for one in self.world.reach(value.own)
        )

    def looked_up(self, base: Value, index: Value) -> None:
        """A frame's subscript calls a function that it is given."""
        if base.type in ("pandas", "polars", "") and index.own and index.type not in DATA:
            self.call_back(index, self._union([base, index]))
        if index.own:
            self.implied(self._union([base, index]), LOOKED_UP, deep=True)

    def consumed(self, value: Value, *, only_iterators: bool = False) -> Value:
        """``value`` after it may have been used up by iterating."""
        unknown = value.type in ("", "file", "connection") and not only_iterators
        if value.type == "iterator" or value.type in ROWS or (unknown and value.own):
            self.world.change(value)
            self.call_back(value, value)
        return value

    def element(self, iterable: Value) -> Value:
        """What iterating gives; a generator is used up by it."""
        iterable = self.consumed(iterable)
        given = self.implied(iterable, ITERATION)
        if given.own:
            return self.loose(self._union([iterable, given]))
        if iterable.type in ROWS:
            return Value(self.loose(iterable).own, ROWS[iterable.type])
        if iterable.type == "scalar":
            return SCALAR
        if iterable.type == "figure":
            return iterable
        return self._held(iterable) if iterable.type in PRECISE else self.loose(iterable)

    def _held(self, container: Value) -> Value:
        """An element of a container that was seen being filled."""
        inner = self.world.inner(container)
        if not inner:
            return SCALAR if container.type == "scalars" else self.loose(container)
        types = {self.types.get(identifier, "") for identifier in inner}
        return Value(inner, types.pop() if len(types) == 1 and container.type != "scalars" else "")

    def assign(self, target: ast.expr, value: Value, scope: Scope | None, *, declare: bool = False) -> None:
        """Give a target (name, part of an object, tuple of targets) a value."""
        if isinstance(target, ast.Name):
            self._assign_name(target.id, value, scope, declare=declare)
        elif isinstance(target, ast.Tuple | ast.List):
            whole = self.consumed(value) if value.type == "iterator" or value.type in ROWS else value
            given = self.implied(whole, ITERATION)
            if given.own:
                whole = self._union([whole, given])
            part = self._held(whole) if whole.type in PRECISE else self.loose(whole)
            if value.type in ("pandas", "numpy", "scalar", "figure"):
                part = value
            for element in target.elts:
                self.assign(element, part, scope, declare=declare)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.world.unknown(value.own), scope, declare=declare)
        elif isinstance(target, ast.Attribute | ast.Subscript):
            self._assign_part(target, value, scope)

    def _assign_name(self, name: str, value: Value, scope: Scope | None, *, declare: bool) -> None:
        if scope is None:
            self.world.bind(name, value)
            return
        if declare:
            scope.names[name] = value
            return
        inside: Scope | None = scope
        while inside is not None:
            if name in inside.globals:
                self.world.givers[name] = self.world.givers.get(name, NOTHING)
                known = self.world.values.get(name)
                before = self.world.givers[name]
                self.world.bind(name, value if known is None else value.joined(known))
                self.world.givers[name] |= before
                self.world.record.changes = True
                return
            if name in inside.local or inside.parent is None or (inside.is_class and inside is scope):
                previous = inside.names.get(name)
                inside.names[name] = value if previous is None else value.joined(previous)
                if inside is not scope and inside.state is not None:
                    self.world.change(Value(frozenset({inside.state})))  # inner functions see it from now on
                return
            inside = inside.parent

    def _assign_part(self, target: ast.Attribute | ast.Subscript, value: Value, scope: Scope | None) -> None:
        if isinstance(target.value, ast.Attribute) and target.value.attr == "environ":  # setting it reads none of it
            base = self.attribute(self.value(target.value.value, scope), target.value.attr)
        else:
            base = self.value(target.value, scope)
        if isinstance(target, ast.Subscript):
            if isinstance(target.slice, ast.Slice):
                self.consumed(value, only_iterators=True)
            self.looked_up(base, self.value(target.slice, scope))
            if base.module == ENVIRONMENT:
                self.world.write_resource(Resource("environment", "os"))
                return
            if base.module in ("builtins.globals", "builtins.locals"):
                self.dynamic(target.lineno, "globals()")
                return
            self.implied(base, SET_ITEM, value)
            if base.module == "sys.modules":  # what an import gives from now on
                self.world.write_resource(Resource("setting", MODULE_PATH))
                if isinstance(target.slice, ast.Constant):
                    self.patch(str(target.slice.value), target.lineno)
                return
        else:
            self.attribute_implies(base, target.attr, value)
        if base.module:
            attr = f".{target.attr}" if isinstance(target, ast.Attribute) else ""
            self.patch(base.module + attr, target.lineno, value)
            return
        if base.type == "logger":
            self.world.write_resource(Resource("setting", "logging"))
        self.world.change(base)
        if isinstance(target, ast.Attribute) and target.attr == "__dict__":  # one with all that has the same
            self.world.mingle(self._union([base, value]))
        if isinstance(target.value, ast.Subscript):  # an object of Python in a frame's cell
            self.world.change(Value(self._elements(base)), deep=True)
        if base.type in ("pandas", "polars") and self.is_flat(value):
            return  # a column is a copy of what it is made from
        self.world.hold(base, self.as_function(value))
