"""Annotations for the analyst's own functions: ``Any`` where nothing is said, so that mypy can check the module."""

from __future__ import annotations

import libcst as cst

_ANY = cst.Annotation(cst.Name("Any"))
_NONE = cst.Annotation(cst.Name("None"))


def with_annotations(source: str, needs: set[str]) -> str:
    """The source with every parameter and return annotated; what is annotated already stays as it is.

    Args:
        source: Statements of a module. Text that isn't Python comes back unchanged.
        needs: Gets the import line that the annotations take.

    >>> lines = set()
    >>> print(with_annotations("def double(x, *more, by: int = 2):\\n    return x * by", lines))
    def double(x: Any, *more: Any, by: int = 2) -> Any:
        return x * by
    >>> lines
    {'from typing import Any'}
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

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: ARG002, N802 - libcst's names
        self._inside.append("class")

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:  # noqa: ARG002, N802
        self._inside.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: ARG002, N802
        self._inside.append("function")

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:  # noqa: ARG002, N802
        self._inside.pop()
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

    def _typed(self, param: cst.Param) -> cst.Param:
        return param if param.annotation is not None else param.with_changes(annotation=self._any())

    def _any(self) -> cst.Annotation:
        self.used_any = True
        return _ANY


def _is_static(function: cst.FunctionDef) -> bool:
    return any(
        isinstance(one.decorator, cst.Name) and one.decorator.value == "staticmethod" for one in function.decorators
    )
