"""Texts that ``eval()`` is given, where reading the notebook tells them all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

_PLAIN: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "title": str.title,
}
"""Methods of texts that a text may have gone through."""


def expression_in(text: str) -> ast.expr | None:
    """The expression in a text; None where it isn't one, or binds names.

    Example:
        >>> ast.unparse(expression_in(" a + 1"))
        'a + 1'
        >>> expression_in("(a := 1)") is None
        True
    """
    try:
        found = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if any(isinstance(child, ast.NamedExpr) for child in ast.walk(found)) else found


def texts_by_call(body: Iterable[ast.stmt]) -> Mapping[int, tuple[tuple[int, str], ...]]:
    """By the identity of a call of ``eval()``, the texts that it may be given, each with the position of the statement
    in the body from which on it may be.

    A class that keeps what it is made of (``self.args = args``) and evaluates each of them (``eval(a) for a in
    self.args``) is given the literals of the calls that make it, where nothing else can give it another one: the class
    is only ever called, with literals, and nobody else sets that attribute. A loop over literals gives what its body
    makes of each of them (``for name in ["A", "B"]: eval(name.lower())``).

    Args:
        body: The whole notebook.
    """
    placed = [(at, node) for at, statement in enumerate(body) for node in ast.walk(statement)]
    nodes = [node for _, node in placed]
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    for at, node in placed:
        if isinstance(node, ast.For):
            found.update({call: tuple((at, text) for text in texts) for call, texts in _of_loop(node)})
    for node in nodes:
        kept = _kept(node) if isinstance(node, ast.ClassDef) else ""
        if not kept or not isinstance(node, ast.ClassDef):
            continue
        calls = [(at, one) for at, one in placed if isinstance(one, ast.Call) and _is_name(one.func, node.name)]
        uses = [one for one in nodes if _is_name(one, node.name)]
        makers = [one for one in nodes if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name == node.name]
        sets = [one for one in nodes if isinstance(one, ast.Attribute) and one.attr == kept and _is_stored(one)]
        hides = [one for one in nodes if isinstance(one, ast.Call) and _is_name(one.func, "setattr", "vars")]
        texts = [
            (at, argument.value) if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
            for at, call in calls
            for argument in call.args
        ]
        given = tuple(text for text in texts if text is not None)
        if (
            len(uses) == len(calls)
            and len(makers) == 1
            and len(sets) == 1
            and not hides
            and None not in texts
            and not any(call.keywords for _, call in calls)
        ):
            found.update({id(call): given for call in _of_elements(node, kept)})
    return found


def _of_loop(loop: ast.For) -> Iterable[tuple[int, list[str]]]:
    """The calls of ``eval()`` in a loop over literals, and what each is given."""
    target, over = loop.target, loop.iter
    is_counted = isinstance(over, ast.Call) and _is_name(over.func, "enumerate")
    if is_counted and isinstance(over, ast.Call) and over.args and isinstance(target, ast.Tuple):
        target, over = target.elts[-1], over.args[0]
    if not isinstance(target, ast.Name) or not isinstance(over, ast.List | ast.Tuple):
        return
    values = [one.value if isinstance(one, ast.Constant) else None for one in over.elts]
    body = [node for statement in loop.body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Name) and node.id == target.id and not isinstance(node.ctx, ast.Load) for node in body):
        return
    for node in body:
        if isinstance(node, ast.Call) and _is_name(node.func, "eval") and len(node.args) == 1 and not node.keywords:
            texts = [_made_of(node.args[0], target.id, value) for value in values if isinstance(value, str)]
            if len(texts) == len(values) and None not in texts:
                yield id(node), [text for text in texts if text is not None]


def _made_of(node: ast.expr, name: str, value: str) -> str | None:
    """What an expression of texts gives where a name has a value; None where it isn't one."""
    if _is_name(node, name):
        return value
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [_made_of(side, name, value) for side in (node.left, node.right)]
        return None if None in sides else "".join(side for side in sides if side is not None)
    if isinstance(node, ast.JoinedStr):
        parts = [
            _made_of(part.value if isinstance(part, ast.FormattedValue) else part, name, value)
            if not isinstance(part, ast.FormattedValue) or (part.format_spec is None and part.conversion == -1)
            else None
            for part in node.values
        ]
        return None if None in parts else "".join(part for part in parts if part is not None)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        inner = _made_of(node.func.value, name, value)
        return _PLAIN[node.func.attr](inner) if inner is not None and node.func.attr in _PLAIN else None
    return None


def _kept(made: ast.ClassDef) -> str:
    """The attribute in which a class keeps the arguments it is made of; '' for another kind of class."""
    if made.bases and not all(_is_name(base, "object") for base in made.bases):
        return ""
    for method in made.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__" and len(method.body) == 1:
            rest, only = method.args.vararg, method.body[0]
            plain = len(method.args.args) == 1 and not method.args.kwonlyargs and method.args.kwarg is None
            if rest is None or not plain or not isinstance(only, ast.Assign) or len(only.targets) != 1:
                return ""
            target = only.targets[0]
            if isinstance(target, ast.Attribute) and _is_name(only.value, rest.arg):
                return target.attr if _is_name(target.value, method.args.args[0].arg) else ""
    return ""


def _of_elements(made: ast.ClassDef, kept: str) -> Iterable[ast.Call]:
    """The calls ``eval(a)`` in ``… for a in self.<kept>``."""
    for loop in ast.walk(made):
        generators = loop.generators if isinstance(loop, ast.GeneratorExp | ast.ListComp) else []
        if len(generators) != 1 or not isinstance(generators[0].target, ast.Name):
            continue
        over = generators[0].iter
        if not (isinstance(over, ast.Attribute) and over.attr == kept and _is_name(over.value, "self")):
            continue
        for call in ast.walk(loop):
            is_eval = isinstance(call, ast.Call) and _is_name(call.func, "eval") and len(call.args) == 1
            if is_eval and isinstance(call, ast.Call) and _is_name(call.args[0], generators[0].target.id):
                yield call


def _is_name(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _is_stored(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)
