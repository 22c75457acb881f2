"""Attributes: methods that are bound without being called, fields of libraries, properties of the notebook's own."""

from __future__ import annotations

import ast

from olo_converters.graph.assignments import ENVIRONMENT, Assignments
from olo_converters.graph.evaluator import PRECISE
from olo_converters.graph.method_calls import OF_CONTAINERS
from olo_converters.graph.model import MODULE_PATH, Resource, library_setting
from olo_converters.graph.world import SCALAR, Scope, Value
from olo_converters.knowledge.facts import any_type_fact, type_fact

_DECIMAL = library_setting("decimal")
_GLOBAL_STATES = {"numpy.random.mtrand._rand": "numpy"}
"""Generators behind the functions of a module."""
_CHANGING = OF_CONTAINERS | {
    "popleft", "put", "put_nowait", "get_nowait", "write", "writerow", "writerows", "send"
}  # fmt: skip
"""Methods that change whatever has them."""


class Attributes(Assignments):
    """Evaluates attributes of values."""

    def _attribute(self, node: ast.Attribute, scope: Scope | None) -> Value:
        base = self.value(node.value, scope)
        if node.attr == "flags" and any(self.world.entities[one].resource == _DECIMAL for one in base.own):
            self.patch("decimal", node.lineno)  # every operation sets them
        if f"{base.module}.{node.attr}" == ENVIRONMENT:
            self.world.read_resource(Resource("environment", "os"))
        if not base.module and self._is_changing(base, node.attr):
            return self._bound_method(base, node.attr)
        return self.attribute(base, node.attr)

    @staticmethod
    def _is_changing(base: Value, attr: str) -> bool:
        """Whether an attribute is a method that changes what it belongs to, or something outside of Python."""
        fact = type_fact(base.type)
        if fact is None:
            return base.type == "" and (attr in _CHANGING or any_type_fact().acts(attr))
        if fact.acts(attr) and attr not in fact.frames:
            return True
        return attr in fact.mutating or (base.type in (*PRECISE, "file") and attr.startswith("__"))

    def _bound_method(self, base: Value, attr: str) -> Value:
        """``values.append`` that isn't called here: a function, whoever calls it changes what it belongs to."""
        known = self.attribute(base, attr)
        if any(self.world.entities[identifier].function is not None for identifier in known.own - base.own):
            return known  # the notebook's own method
        call = ast.parse(f"lambda *given: owner.{attr}(*given)", mode="eval").body
        assert isinstance(call, ast.Lambda)
        made = self.world.new(base.own, function=call, scope=Scope({"owner": base}))
        return Value(made.own | known.own)

    def attribute(self, base: Value, attr: str) -> Value:
        """``base.attr``."""
        if base.module:
            if base.module == "sys" and attr in ("path", "argv"):
                self.world.read_setting(MODULE_PATH if attr == "path" else attr)
            if base.module == "streamlit.session_state":
                self.world.read_resource(Resource("environment", "os"))
            if f"{base.module}.{attr}" == "pandas.options":
                self.world.read_setting("printing")
            if attr in ("rcParams", "colormaps", "color_sequences"):  # set by themselves, by rc(), by styles
                self.world.read_resource(Resource("figure", "settings"))
                self.world.read_resource(Resource("figure", "current"))
            if state := _GLOBAL_STATES.get(f"{base.module}.{attr}"):
                return self._stands_for(self.new("rng"), Resource("random", state))
            return Value(base.own, "", f"{base.module}.{attr}")
        if base.type == "figure":  # what was drawn, and by which settings
            self.world.read_resource(Resource("figure", "current"))
            self.world.read_resource(Resource("figure", "settings"))
        given = self.attribute_implies(base, attr)
        found = [method for identifier in base.own if (method := self.method(identifier, attr)) is not None]
        if given.own and not found:
            return self.loose(self._union([base, given]))
        if found:
            functions = frozenset(one for method in found for one in method.own)
            return Value(base.own | functions, "method" if len(found) == len(base.own) else "")
        fact = type_fact(base.type)
        if fact is not None:
            if attr in fact.scalars:
                return SCALAR
            if attr in fact.fields:
                return self.new("scalars")
            if attr == "plot" and attr in fact.display:
                return self.new("figure")
            if attr in fact.parts:
                return self.new(fact.parts[attr], base.own)
            if attr in fact.frames:
                return Value(base.own, fact.frames[attr])
            if base.type in ("pandas", "polars", "spark", "arrow"):
                return Value(base.own, base.type)
            if base.type in ("numpy", "figure", "shown", "ipython"):
                return Value(base.own, base.type)
        if base.type == "scalar":
            return SCALAR
        return self.loose(base)

    def method(self, identifier: int, name: str) -> Value | None:
        """A method that the notebook's own class gives an object (or the class itself) by that name."""
        entity = self.world.entities[identifier]
        methods = entity.methods
        if methods is None and entity.class_of is not None:
            methods = self.world.entities[entity.class_of].methods
        return methods.get(name) if methods else None
