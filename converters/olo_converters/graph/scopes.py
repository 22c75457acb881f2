"""Which names a function binds itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from olo_converters.graph.world import Function

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below ``node`` that belong to its own scope: bodies of inner functions and classes are left out."""
    queue = list(ast.iter_child_nodes(node))
    while queue:
        child = queue.pop()
        yield child
        if not isinstance(child, _SCOPES):
            queue.extend(ast.iter_child_nodes(child))


def bound_names(node: ast.AST) -> frozenset[str]:
    """Names that a body binds in its own scope, ``global`` and ``nonlocal`` ones left out."""
    bound: set[str] = set()
    declared: set[str] = set()
    for child in own_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store | ast.Del):
            bound.add(child.id)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(child.name)
        elif isinstance(child, ast.Import | ast.ImportFrom):
            bound.update((alias.asname or alias.name).split(".")[0] for alias in child.names)
        elif (isinstance(child, ast.ExceptHandler) and child.name) or (
            isinstance(child, ast.MatchAs | ast.MatchStar) and child.name
        ):
            bound.add(child.name)
        elif isinstance(child, ast.MatchMapping) and child.rest:
            bound.add(child.rest)
        elif isinstance(child, ast.Global | ast.Nonlocal):
            declared.update(child.names)
    return frozenset(bound - declared)


def declared_globals(node: ast.AST) -> frozenset[str]:
    """Names that a function declares ``global``."""
    return frozenset(name for child in own_nodes(node) if isinstance(child, ast.Global) for name in child.names)


def parameter_names(function: Function) -> frozenset[str]:
    """All parameter names of a function or lambda."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    names = {argument.arg for argument in every}
    names.update(argument.arg for argument in (arguments.vararg, arguments.kwarg) if argument is not None)
    return frozenset(names)


def is_generator(function: Function) -> bool:
    """Whether calling the function makes a generator."""
    return any(isinstance(child, ast.Yield | ast.YieldFrom) for child in own_nodes(function))


def free_names(node: ast.AST) -> frozenset[str]:
    """Names that are read (or declared global) anywhere below ``node`` and not bound in the scope that reads them."""
    free: set[str] = set()
    _collect_free(node, frozenset(), free)
    return frozenset(free)


def _collect_free(node: ast.AST, bound: frozenset[str], free: set[str]) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        inside = bound | bound_names(node) | parameter_names(node)
        free.update(declared_globals(node))
        outside = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
        annotations = [argument.annotation for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
        outside.extend(annotation for annotation in annotations if annotation is not None)
        if not isinstance(node, ast.Lambda):
            outside.extend(node.decorator_list)
            if node.returns is not None:
                outside.append(node.returns)
        for part in outside:
            _collect_free(part, bound, free)
        body: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
        for inner in body:
            _collect_free(inner, inside, free)
        return
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        targets = {
            child.id
            for generator in node.generators
            for child in ast.walk(generator.target)
            if isinstance(child, ast.Name)
        }
        bound = bound | targets
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in bound:
        free.add(node.id)
    for child in ast.iter_child_nodes(node):
        _collect_free(child, bound, free)
