"""JSON paths as pointers, and how JSON is cast."""

from __future__ import annotations

import pytest

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.expressions import json_casts, jsonpath
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import JSON, parse_type

assert json_casts


@pytest.mark.parametrize(
    ("path", "pointer"),
    [("$", ""), ("$.a.b[0]", "/a/b/0"), ('$["a/b"]["c~d"]', "/a~1b/c~0d"), ('$["a\\"b"]', '/a"b'), ("$.é[a]", "/é/a")],
)
def test_paths(path: str, pointer: str) -> None:
    assert jsonpath.pointer(path) == pointer


@pytest.mark.parametrize("path", ["$[01]", '$["+1"]', '$["-"]'])
def test_a_place_that_a_pointer_spells_otherwise_is_refused(path: str) -> None:
    with pytest.raises(Unsupported):
        jsonpath.pointer(path)


@pytest.mark.parametrize("type_", ["date", "timestamp(3)", "varbinary", "array(date)", "map(varchar, date)"])
def test_json_has_no_cast_to(type_: str) -> None:
    with pytest.raises(QueryError) as caught:
        cast(Typed("j", JSON), parse_type(type_))
    assert caught.value.code in ("type-mismatch", "invalid-cast-argument")


@pytest.mark.parametrize("type_", ["time(3)", "timestamp(3) with time zone", "uuid", "array(varbinary)"])
def test_json_has_no_cast_from(type_: str) -> None:
    with pytest.raises(QueryError, match="Cannot cast") as caught:
        cast(Typed("x", parse_type(type_)), JSON)
    assert caught.value.code == "type-mismatch"
