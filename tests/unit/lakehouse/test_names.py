"""Table names as people write them."""

from __future__ import annotations

import pytest

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName, parse_table_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("t", TableName("dev", "silver", "t")),
        ("Gold.T", TableName("dev", "gold", "t")),
        ("prod . gold . t", TableName("prod", "gold", "t")),
        ('"a.b"."sel ect"', TableName("dev", "a.b", "sel ect")),
        ('"say ""hi"""', TableName("dev", "silver", 'say "hi"')),
    ],
)
def test_read(text: str, name: TableName) -> None:
    assert parse_table_name(text, "dev", "silver") == name
    assert parse_table_name(str(name), "other", "other") == name


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a.b.c.d", 'a"b', "a b", "a; drop table b", '""'])
def test_refused(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_table_name(text, "dev", "silver")
    assert refused.value.code == "syntax-error"


def test_bare_name_needs_a_namespace() -> None:
    with pytest.raises(QueryError) as refused:
        parse_table_name("t", "dev")
    assert refused.value.code == "missing-schema-name"
