"""Patterns of dates, of regular expressions and of JSON paths: what is read and what is refused."""

from __future__ import annotations

import pytest

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.expressions import jsonpath, moments, regex


@pytest.mark.parametrize(
    "pattern",
    [
        "a(?=b)", "a(?!b)", "(?<=a)b", r"(a)\1", "a++b", "a*+a", "(a?+)b", r"\p{IsLatin}", r"\Qa\E", r"\h",
        r"\R", "(?x)a", "(?<n>a)(?<n>b)", "[a&&b]", "[[:alpha:]]", "[a[b]]", "[]a]", "(a*)*", "(a|b)*", "^*",
        r"\b+", "a{2}?", "(?i)ß", "(?i)[a-ſ]", "a{101}", "a{3,2}", "(", "a)", "[a", "[z-a]", r"[\w-x]", "*a",
        "\\", "a|*",
    ],
)  # fmt: skip
def test_beyond_the_common_part_is_refused(pattern: str) -> None:
    with pytest.raises(Unsupported):
        regex.read(pattern)


def test_what_a_user_of_a_regular_expression_must_know() -> None:
    found = regex.read(r"(a)|(b*)$")
    assert [(group.absent, group.empty) for group in found.groups] == [(True, False), (True, True)]
    assert found.empty and found.line_end and not found.words and not found.folds
    assert regex.read(r"a\b").words and regex.read("(?i)é").folds and not regex.read(r"[0-9]é\d").words
    assert regex.read("(?<a>x)(y)(?<b>z)").names == {"a": 1, "b": 3}


@pytest.mark.parametrize("pattern", ["%Y %j", "%H %h", "%p", "%Y%f%m", "%Y1", "%y %Y", "%a", "%m %b", "%d %d", "é%Y"])
def test_a_date_that_cannot_be_read_for_certain_is_refused(pattern: str) -> None:
    with pytest.raises(Unsupported):
        moments.reading(list(moments.mysql(pattern)))


def test_numbers_before_numbers_need_all_their_digits() -> None:
    expression, parts = moments.reading(list(moments.mysql("%Y%m-%d")))
    assert expression == r"(?s)([+-]?[0-9]{4})([0-9]{1,2})\-([0-9]{1,2})"
    assert parts == ["year", "month", "day"]


@pytest.mark.parametrize(
    "pattern", ["", "a", "$..a", "$.*", "$[*]", "$.a[-1]", "$.a b", '$["a""b"]', "$.", "$ .a", "lax $.a"]
)
def test_a_path_beyond_names_and_places_is_no_path_to_trino_either(pattern: str) -> None:
    with pytest.raises(QueryError, match="Invalid JSON path"):
        jsonpath.pointer(pattern)
