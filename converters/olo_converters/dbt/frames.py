"""Frames of Python that SQL reads, as tables that a step before the model writes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from olo_converters.capture import Capture
from olo_converters.graph.model import Graph, Resource, Statement
from olo_converters.graph.scopes import free_names
from olo_converters.slice import Slice, slice_of

_CHAIN = frozenset({"mode", "format", "option", "options", "using", "partitionBy", "partitionedBy", "tableProperty"})
"""Calls between ``frame.write`` and the one that writes: none of them changes the rows, but for the mode."""
_ANEW = frozenset({"overwrite", "error", "errorifexists", "fail", "replace"})
_TO_SQL = frozenset({"name", "con", "index", "if_exists", "chunksize", "method"})
_VIEWS = frozenset({"createOrReplaceTempView", "createTempView", "create_or_replace_temp_view"})
_SAVES = frozenset({"saveAsTable", "save_as_table"})
_OF_WRITING = frozenset({"name", "table", "connection"})
"""Kinds of resources that belong to the statement which writes the table, and not to its frame."""
_CREATES = frozenset({"create", "createOrReplace", "replace"})


def frame_written(statement: Statement, table: str) -> ast.expr | None:
    """The frame that a statement of Python writes as a table, all of its rows and nothing else; None where it isn't so.

    Args:
        table: The table's full name.
    """
    node = statement.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        call: ast.expr = node.value
    elif isinstance(node, ast.Expr):
        call = node.value
    else:
        return None
    tables = {one.name for one in statement.writes if one.kind == "table"}
    if tables != {table} or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    attr, receiver = call.func.attr, call.func.value
    if attr == "to_sql":
        return _of_pandas(call, receiver)
    if attr in _VIEWS:
        return receiver
    if attr in _SAVES and _is_anew(call.keywords):
        return _before(receiver, _is_write)
    if attr in _CREATES:
        return _before(receiver, _is_write_to)
    return None


def _is_write(one: ast.expr) -> bool:
    return isinstance(one, ast.Attribute) and one.attr == "write"


def _is_write_to(one: ast.expr) -> bool:
    return isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "writeTo"


def is_view(statement: Statement) -> bool:
    """Whether it makes a view, which is made again whenever it is read."""
    node = statement.node
    return node is not None and any(isinstance(one, ast.Attribute) and one.attr in _VIEWS for one in ast.walk(node))


def _of_pandas(call: ast.Call, receiver: ast.expr) -> ast.expr | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if len(call.args) > 2 or not set(given) <= _TO_SQL or not _is_anew(call.keywords):
        return None
    index = given.get("index")
    if index is None or (isinstance(index, ast.Constant) and index.value is True):
        return ast.Call(ast.Attribute(receiver, "reset_index", ast.Load()), [], [])
    return receiver if isinstance(index, ast.Constant) and index.value is False else None


def _is_anew(keywords: Iterable[ast.keyword]) -> bool:
    """Whether nothing of the table's old rows stays."""
    modes = [one.value for one in keywords if one.arg in ("if_exists", "mode")]
    return all(isinstance(one, ast.Constant) and one.value in _ANEW for one in modes)


def _before(chain: ast.expr, is_writer: Callable[[ast.expr], bool]) -> ast.expr | None:
    """The frame at the beginning of ``frame.write.mode(…)…``."""
    while True:
        if is_writer(chain):
            writer = chain.func if isinstance(chain, ast.Call) else chain
            return writer.value if isinstance(writer, ast.Attribute) else None
        if (
            not isinstance(chain, ast.Call)
            or not isinstance(chain.func, ast.Attribute)
            or chain.func.attr not in _CHAIN
        ):
            return None
        if chain.func.attr == "mode" and not (
            chain.args and isinstance(chain.args[0], ast.Constant) and chain.args[0].value in _ANEW
        ):
            return None
        chain = chain.func.value


def slice_of_frame(graph: Graph, statement: Statement, frame: ast.expr, name: str, capture: Capture) -> Slice:
    """The slice that gives a frame where a statement writes it, bound to ``name``."""
    used = free_names(frame)
    own = {index for read in used for index in graph.givers_of(read, statement.index) or ()}
    other = {
        index
        for index in statement.depends_on
        if (written := graph.statements[index].names_written)
        and not written & used
        and all(one.kind in ("name", "connection") for one in graph.statements[index].writes)
    }
    source = f"{name} = {ast.unparse(frame)}"
    bound = ast.parse(source).body[0]
    made = Statement(
        index=statement.index,
        cell=statement.cell,
        kind="python",
        source=source,
        line=statement.line,
        end_line=statement.line,
        reads=frozenset(
            {
                *(Resource("name", read) for read in used if read in graph.history),
                *(one for one in statement.reads if one.kind not in _OF_WRITING),
            }
        ),
        writes=frozenset(
            {
                Resource("name", name),
                *(one for one in statement.writes if one.kind not in _OF_WRITING),
            }
        ),
        depends_on=frozenset(own | (statement.depends_on - other)),
        node=bound,
    )
    return slice_of(graph, name, made, capture)
