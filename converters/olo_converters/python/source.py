"""The source of statements moved into functions: same text, new indentation, results that are now data frames."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Mapping

from olo_converters.edits import Edit, apply_edits
from olo_converters.graph.model import Graph, Statement

FRAMES = {"to_pandas": "pandas", "to_polars": "polars"}
_SAME = {"DataFrame": "to_pandas", "PolarsDataFrame": "to_polars"}
"""JupySQL's names of what a result of the lakehouse does."""


def conversions(statements: Iterable[Statement], name: str) -> set[str] | None:
    """The methods by which a result is turned into frames (``to_pandas`` …); None where it is used otherwise too."""
    found: set[str] = set()
    for statement in statements:
        if statement.node is None:
            continue
        called: set[int] = set()
        for child in ast.walk(statement.node):
            method = _conversion(child, name)
            if method is not None and isinstance(child, ast.Call):
                assert isinstance(child.func, ast.Attribute)
                called.add(id(child.func.value))
                found.add(method)
        for child in ast.walk(statement.node):
            if isinstance(child, ast.Name) and child.id == name and id(child) not in called:
                return None
    return found


def _conversion(node: ast.AST, name: str) -> str | None:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {*FRAMES, *_SAME}
        and not node.args
        and not node.keywords
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    ):
        return _SAME.get(node.func.attr, node.func.attr)
    return None


def moved(graph: Graph, statement: Statement, frames: Mapping[str, str], indent: str) -> str:
    """A statement's source for inside a function.

    Args:
        frames: Results that come in as frames, by name: ``name.to_pandas()`` becomes ``name``, or a copy where the
            statement's frame is changed in place later, so that the argument stays as it was.
    """
    text = statement.source
    if frames:
        text = _without_conversions(graph, statement, frames)
    return _indented(text, indent)


def _without_conversions(graph: Graph, statement: Statement, frames: Mapping[str, str]) -> str:
    text = statement.source
    try:
        tree = ast.parse(text)
    except SyntaxError:
        text = ast.unparse(statement.node) if statement.node is not None else text
        tree = ast.parse(text)
    changed = any(held.made == statement.index and held.changed for held in graph.held)
    starts = _line_starts(text)
    edits: list[Edit] = []
    for child in ast.walk(tree):
        for name in frames:
            method = _conversion(child, name)
            if method is None or not isinstance(child, ast.Call):
                continue
            new = f"{name}.copy()" if changed and method == "to_pandas" else f"{name}.clone()" if changed else name
            begin = _offset(text, starts, child.lineno, child.col_offset)
            end = _offset(text, starts, child.end_lineno or child.lineno, child.end_col_offset or 0)
            edits.append(Edit(begin, end, new))
    return apply_edits(text, edits)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _offset(text: str, starts: list[int], line: int, column: int) -> int:
    """ast counts columns in UTF-8 bytes."""
    whole = text[starts[line - 1] : starts[line] - 1]
    return starts[line - 1] + len(whole.encode()[:column].decode(errors="ignore"))


def _indented(text: str, indent: str) -> str:
    """Every line further in, but for the inside of strings over several lines."""
    inside: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.start[0] != token.end[0] and token.type not in (tokenize.NEWLINE, tokenize.NL):
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        inside.clear()
    lines = text.split("\n")
    return "\n".join(
        line if number in inside or not line.strip() else indent + line for number, line in enumerate(lines, start=1)
    )
