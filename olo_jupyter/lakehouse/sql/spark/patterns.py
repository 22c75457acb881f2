"""regexp_like and its kin on Spark: patterns that Java and Trino's Joni read alike, as the shared reader knows them."""

from __future__ import annotations

import re
from collections.abc import Callable

from olo_jupyter.lakehouse.sql.expressions import regexes as rules
from olo_jupyter.lakehouse.sql.expressions.regex import Regex, read
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark.casts import null, shadow
from olo_jupyter.lakehouse.sql.spark.text import bound, fail, literal, refuse, unsupported

_Build = Callable[[str, Regex, list[Typed]], str]


def _function(name: str, build: _Build) -> Callable[[list[Typed], Environment], Typed]:
    def call(values: list[Typed], env: Environment) -> Typed:
        type_ = rules.FUNCTIONS[name](list(map(shadow, values)), env).type
        if any(value.constant is None for value in values):
            return Typed(null(type_), type_, None)
        regex = read(str(values[1].constant))
        if "[[" in regex.text or "&&" in regex.text:  # Java has classes within classes
            raise unsupported("regular expression with this class")
        if regex.folds and not regex.text.isascii():
            raise unsupported("regular expression without regard to case beyond ASCII")
        source = values[0].sql
        odd = [r"[^\x00-\x7f]"] * (regex.words or regex.folds) + [r"[\r\n]"] * regex.line_end
        if odd:
            refused = refuse("regular expression over this text")
            source = bound(
                source, lambda s: f"(CASE WHEN {s} RLIKE {literal('|'.join(odd))} THEN {refused} ELSE {s} END)"
            )
        return Typed(build(source, regex, values[2:]), type_)

    return call


def _pattern(regex: Regex) -> str:
    return literal(f"(?d){regex.text}")  # only a line feed ends a line, as in Joni


def _like(source: str, regex: Regex, more: list[Typed]) -> str:
    return f"({source} RLIKE {_pattern(regex)})"


def _group(regex: Regex, more: list[Typed]) -> int:
    number = more[0].constant if more else 0
    assert isinstance(number, int)
    if number and 0 < number <= len(regex.groups) and regex.groups[number - 1].absent:
        raise unsupported("regular expression's group that may be missing")
    return number


def _no_group(source: str, regex: Regex, number: int) -> str:
    if 0 <= number <= len(regex.groups):
        return ""
    message = f"Pattern has {len(regex.groups)} groups. Cannot access group {number}"
    return f"(CASE WHEN {source} IS NOT NULL THEN {fail('invalid-function-argument', literal(message))} END)"


def _extract(source: str, regex: Regex, more: list[Typed]) -> str:
    number = _group(regex, more)
    if error := _no_group(source, regex, number):
        return error
    return bound(
        source,
        lambda s: f"(CASE WHEN {s} RLIKE {_pattern(regex)} THEN regexp_extract({s}, {_pattern(regex)}, {number}) END)",
    )


def _extract_all(source: str, regex: Regex, more: list[Typed]) -> str:
    number = _group(regex, more)
    if error := _no_group(source, regex, number):
        return error
    if regex.empty:
        raise unsupported("search for all places of a regular expression that matches the empty text")
    return f"regexp_extract_all({source}, {_pattern(regex)}, {number})"


def _count(source: str, regex: Regex, more: list[Typed]) -> str:
    if regex.empty:
        raise unsupported("search for all places of a regular expression that matches the empty text")
    return f"CAST(regexp_count({source}, {_pattern(regex)}) AS BIGINT)"


def _replace(source: str, regex: Regex, more: list[Typed]) -> str:
    replacement = more[0].constant if more else ""
    if not isinstance(replacement, str):
        raise unsupported("replacement in a regular expression that isn't a literal")
    if regex.empty:
        raise unsupported("search for all places of a regular expression that matches the empty text")
    pieces, missing = rules.replacement_parts(replacement, regex)
    if missing:
        error = fail("invalid-function-argument", literal(f"Illegal replacement sequence: unknown group {missing}"))
        return bound(source, lambda s: f"(CASE WHEN {s} RLIKE {_pattern(regex)} THEN {error} ELSE {s} END)")
    written = "".join(f"${one}" if isinstance(one, int) else re.sub(r"([\\$0-9])", r"\\\1", one) for one in pieces)
    return f"regexp_replace({source}, {_pattern(regex)}, {literal(written)})"


def _split(source: str, regex: Regex, more: list[Typed]) -> str:
    if regex.empty:
        raise unsupported("search for all places of a regular expression that matches the empty text")
    return f"split({source}, {_pattern(regex)})"


FUNCTIONS: dict[str, Callable[[list[Typed], Environment], Typed]] = {
    "regexp_like": _function("regexp_like", _like),
    "regexp_extract": _function("regexp_extract", _extract),
    "regexp_extract_all": _function("regexp_extract_all", _extract_all),
    "regexp_count": _function("regexp_count", _count),
    "regexp_replace": _function("regexp_replace", _replace),
    "regexp_split": _function("regexp_split", _split),
}
"""Functions of a text and a pattern, which must be a literal."""
