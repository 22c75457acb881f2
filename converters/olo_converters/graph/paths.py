"""Paths that stand in the code, so that a write of a file meets its read."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Mapping

DATA_FILE = re.compile(
    r"[^/\s]\.(csv|tsv|txt|json|jsonl|ndjson|parquet|pq|feather|arrow|ipc|orc|avro|xlsx?|ods|xml|ya?ml|toml|ini|pkl|pickle|joblib|"
    r"npy|npz|h5|hdf5?|nc|zarr|dta|sav|sas7bdat|xpt|mat|mtx|arff|svm|libsvm|db|sqlite3?|duckdb|zip|tar|t?gz|bz2|xz|log|dat|bin|"
    r"png|jpe?g|gif|tiff?|bmp|svg|wav|pt|pth|onnx|geojson|shp|gpkg|kml|fits|html?|md|tex)$",
    re.IGNORECASE,
)
"""How the name of a file of data ends; an ending by itself is none."""

_READS = re.compile(r"(im|mm|safe_)?(read|load|scan|open|deserialize)(?!s$)|from_?(file|regex|csv|json|parquet|path)")
_WRITES = re.compile(
    r"(im|mm|safe_)?(write|save|dump|sink|serialize|export|open)(?!s$)|to_?(file|csv|json|parquet|path)"
)


def done_to_files(name: str) -> tuple[bool, bool]:
    """Whether a function or method reads and whether it writes the file it is given, as its name tells.

    Example:
        >>> [done_to_files(name) for name in ("scipy.io.loadmat", "write_ipc", "json.loads", "merge")]
        [(True, False), (False, True), (False, False), (False, False)]
    """
    last = name.rpartition(".")[2].lower()
    return _READS.match(last) is not None, _WRITES.match(last) is not None


def path_of(node: ast.expr | None, constants: Mapping[str, str]) -> str:
    """The path that an expression gives, normalised; ``*`` where only running it would tell.

    Example:
        >>> path_of(ast.parse("'./data/' + name", mode="eval").body, {"name": "x.csv"})
        'data/x.csv'
    """
    text = text_of(node, constants)
    if text is None:
        return "*"
    if "://" in text:
        return text
    return posixpath.normpath(text.replace("\\", "/")) if text else "*"


def text_of(node: ast.expr | None, constants: Mapping[str, str]) -> str | None:
    """The text that an expression of literals and known names gives, else None."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
        left, right = text_of(node.left, constants), text_of(node.right, constants)
        if left is None or right is None:
            return None
        return posixpath.join(left, right) if isinstance(node.op, ast.Div) else left + right
    if isinstance(node, ast.JoinedStr):
        parts = [
            text_of(
                part.value if isinstance(part, ast.FormattedValue) and part.format_spec is None else part, constants
            )
            for part in node.values
        ]
        return None if any(part is None for part in parts) else "".join(part for part in parts if part is not None)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        if name in ("join", "Path", "PurePath") and node.args and not node.keywords:
            if name == "join" and not (
                isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Attribute)
            ):
                return None
            parts = [text_of(part, constants) for part in node.args]
            if all(part is not None for part in parts):
                return posixpath.join(*(part for part in parts if part is not None))
    return None
