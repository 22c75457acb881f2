"""Annotations for the analyst's own functions: ``Any`` where nothing is said, so that mypy can check the module."""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator

import libcst as cst

_ANY = cst.Annotation(cst.Name("Any"))
_NONE = cst.Annotation(cst.Name("None"))
_EMPTY = {"list": "list[Any]", "dict": "dict[Any, Any]", "set": "set[Any]"}
"""Containers that begin empty, by what makes them: mypy can't tell what they will hold."""


def with_annotations(source: str, needs: set[str]) -> str:
    """The source with every parameter, return and container that begins empty annotated, as far as they weren't.

    Args:
        source: Statements of a module. Text that isn't Python comes back unchanged.
        needs: Gets the import line that the annotations take.

    >>> lines = set()
    >>> print(with_annotations("def double(x, *more, by: int = 2):\\n    return x * by", lines))
    def double(x: Any, *more: Any, by: int = 2) -> Any:
        return x * by
    >>> lines
    {'from typing import Any'}
    >>> print(with_annotations("def none() -> list[int]:\\n    found = []\\n    return found", lines))
    def none() -> list[int]:
        found: list[Any] = []
        return found
    """
    if "def " not in source:
        return source
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError:
        return source
    annotating = _Annotating()
    annotated = module.visit(annotating)
    if annotating.used_any:
        needs.add("from typing import Any")
    return annotated.code


class _Annotating(cst.CSTTransformer):
    """Leaves lambdas alone, and a method's first parameter."""

    def __init__(self) -> None:
        self.used_any = False
        self._inside: list[str] = []
        self._bound: list[Counter[str]] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: ARG002, N802 - libcst's names
        self._inside.append("class")

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:  # noqa: ARG002, N802
        self._inside.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802
        self._inside.append("function")
        self._bound.append(_bound_in(node))

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:  # noqa: ARG002, N802
        self._inside.pop()
        self._bound.pop()
        method = bool(self._inside) and self._inside[-1] == "class"
        params = updated_node.params
        bound = method and not _is_static(updated_node)
        positional = [*params.posonly_params, *params.params]
        typed = [one if bound and number == 0 else self._typed(one) for number, one in enumerate(positional)]
        split = len(params.posonly_params)
        star = params.star_arg
        returns = updated_node.returns
        if returns is None:
            returns = _NONE if method and updated_node.name.value == "__init__" else self._any()
        return updated_node.with_changes(
            params=params.with_changes(
                posonly_params=typed[:split],
                params=typed[split:],
                star_arg=self._typed(star) if isinstance(star, cst.Param) else star,
                kwonly_params=[self._typed(one) for one in params.kwonly_params],
                star_kwarg=self._typed(params.star_kwarg) if params.star_kwarg else None,
            ),
            returns=returns,
        )

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign | cst.AnnAssign:  # noqa: ARG002, N802
        """``found = []`` gets the type of what it holds; ``Any`` where the name is bound again, to whatever it is."""
        target = updated_node.targets[0].target
        if not self._inside or self._inside[-1] != "function" or len(updated_node.targets) != 1:
            return updated_node
        kind = _empty(updated_node.value)
        if not kind or not isinstance(target, cst.Name):
            return updated_node
        times = self._bound[-1].pop(target.value, 0)
        if not times:  # not this function's own, or annotated above
            return updated_node
        self.used_any = True
        text = _EMPTY[kind] if times == 1 else "Any"
        return cst.AnnAssign(target, cst.Annotation(cst.parse_expression(text)), updated_node.value)

    def _typed(self, param: cst.Param) -> cst.Param:
        return param if param.annotation is not None else param.with_changes(annotation=self._any())

    def _any(self) -> cst.Annotation:
        self.used_any = True
        return _ANY


def _is_static(function: cst.FunctionDef) -> bool:
    return any(
        isinstance(one.decorator, cst.Name) and one.decorator.value == "staticmethod" for one in function.decorators
    )


def _empty(value: cst.BaseExpression) -> str:
    """The type of a container that begins empty, else ''."""
    if isinstance(value, cst.List) and not value.elements:
        return "list"
    if isinstance(value, cst.Dict) and not value.elements:
        return "dict"
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and not value.args:
        return value.func.value if value.func.value in _EMPTY else ""
    return ""


def _bound_in(function: cst.FunctionDef) -> Counter[str]:
    """How often a function binds each of its own names."""
    text = textwrap.dedent(cst.Module([]).code_for_node(function))
    (made,) = ast.parse(text).body
    assert isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef)
    found: Counter[str] = Counter()
    others: set[str] = set()
    for node in _own(made.body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] += 1
        elif isinstance(node, ast.Global | ast.Nonlocal):
            others.update(node.names)
    arguments = [one.arg for one in ast.walk(made.args) if isinstance(one, ast.arg)]
    return Counter({name: times for name, times in found.items() if name not in {*others, *arguments}})


def _own(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    queue: list[ast.AST] = list(statements)
    while queue:
        node = queue.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            queue.extend(ast.iter_child_nodes(node))
