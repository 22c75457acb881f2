"""regexp_like and its kin, for patterns that mean the same to both engines."""

from __future__ import annotations

import re
from collections.abc import Callable

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import literals
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.duck import bound, duck_type, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.patterns import UNBOUNDED
from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail_text
from olo_jupyter.lakehouse.sql.expressions.regex import Group, Regex, read
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT, BOOLEAN, VARCHAR, TrinoType, array, varchar

_TEXTS = ("varchar", "unknown", "char")
_Function = Callable[[list[Typed], Environment], Typed]
_Build = Callable[[str, Regex, list[Typed], TrinoType], Typed]


def _function(name: str, counts: tuple[int, ...], build: _Build) -> _Function:
    def call(values: list[Typed], env: Environment) -> Typed:
        if len(values) not in counts or any(value.type.base not in _TEXTS for value in values[:2]):
            raise _wrong(name, values)
        if any(value.constant is None for value in values):
            return _null(name, values)
        regex, source = pattern_and_source(name, values)
        return build(source, regex, values[2:], values[0].type)

    return call


def _wrong(name: str, values: list[Typed]) -> QueryError:
    shown = ", ".join(str(value.type) for value in values)
    return QueryError(f"Unexpected parameters ({shown}) for function {name}", code="function-not-found")


def pattern_and_source(name: str, values: list[Typed]) -> tuple[Regex, str]:
    """The pattern of a call, its second argument, and the text that it is looked for in: refused where they'd differ.

    Raises:
        QueryError: function-not-found, an argument is no text.
        Unsupported: The pattern isn't a literal, or goes beyond what both engines have.
    """
    if any(value.type.base not in _TEXTS for value in values[:2]):
        raise _wrong(name, values)
    pattern = values[1].constant
    if not isinstance(pattern, str) or values[0].type.base != "varchar":
        raise unsupported(f"function {name} of these arguments, or with a pattern that isn't a literal")
    regex, source = read(pattern), values[0].sql
    if regex.words:
        source = f"olo_plain_words_or_refuse({source})"
    if regex.folds:
        source = f"olo_plain_cases_or_refuse({source})"
    if regex.line_end:
        source = f"olo_no_line_end_or_refuse({source})"
    return regex, source


def _null(name: str, values: list[Typed]) -> Typed:
    """NULL in the type that ``name`` gives; Trino takes a NULL that has no type for a text of no letters."""
    source, *more = (varchar(0) if value.type.base == "unknown" else value.type for value in values)
    if source.base != "varchar":
        raise unsupported(f"function {name} of NULL")
    types = {"regexp_like": BOOLEAN, "regexp_count": BIGINT, "regexp_position": TrinoType("integer")}
    if name in ("regexp_extract_all", "regexp_split"):
        source = array(source)
    elif name == "regexp_replace" and len(more) == 2:
        source = _replaced(source, more[1].parameters[0] if more[1].parameters else UNBOUNDED)
    return cast(literals.null(), types.get(name, source))


def refuse_empty(regex: Regex) -> None:
    """Refuse a pattern that matches the empty text, whose places the engines see differently."""
    if regex.empty:
        raise unsupported("search for all places of a regular expression that matches the empty text")


def _like(source: str, regex: Regex, more: list[Typed], type_: TrinoType) -> Typed:
    return Typed(f"regexp_matches({source}, {text(regex.text)})", BOOLEAN)


def _number(regex: Regex, more: list[Typed]) -> int:
    number = more[0].constant if more else 0
    if not isinstance(number, int):
        raise unsupported("regular expression's group that isn't a literal")
    if 0 < number <= len(regex.groups):
        refuse_undecided(regex.groups[number - 1])
    return number


def refuse_undecided(group: Group) -> None:
    """Refuse a group that may be missing, and may be empty: DuckDB says nothing of which it was."""
    if group.absent and group.empty:
        raise unsupported("regular expression's group that may be missing or empty")


def _no_group(source: str, regex: Regex, number: int) -> str:
    """Trino's error, which it raises on the first row that isn't NULL; '' for a group that there is."""
    if 0 <= number <= len(regex.groups):
        return ""
    message = f"Pattern has {len(regex.groups)} groups. Cannot access group {number}"
    message = message if number > 0 else "Group cannot be negative"
    return f"CASE WHEN {source} IS NOT NULL THEN {fail_text(ARGUMENT, text(message))} END"


def _extract(source: str, regex: Regex, more: list[Typed], type_: TrinoType) -> Typed:
    number = _number(regex, more)
    if error := _no_group(source, regex, number):
        return Typed(error, type_)
    found = f"regexp_extract({source}, {text(regex.text)}, {number})"
    if (number and regex.groups[number - 1].absent) or not (regex.groups[number - 1].empty if number else regex.empty):
        return Typed(f"nullif({found}, '')", type_)
    return Typed(f"CASE WHEN regexp_matches({source}, {text(regex.text)}) THEN {found} END", type_)


def _extract_all(source: str, regex: Regex, more: list[Typed], type_: TrinoType) -> Typed:
    number = _number(regex, more)
    if error := _no_group(source, regex, number):
        return Typed(f"CASE WHEN {error} IS NULL THEN CAST(NULL AS VARCHAR[]) END", array(type_))
    return Typed(f"regexp_extract_all({source}, {text(regex.text)}, {number})", array(type_))


def _count(source: str, regex: Regex, more: list[Typed], type_: TrinoType) -> Typed:
    return Typed(f"len(regexp_extract_all({source}, {text(regex.text)}))", BIGINT)


def _split(source: str, regex: Regex, more: list[Typed], type_: TrinoType) -> Typed:
    refuse_empty(regex)
    return Typed(f"string_split_regex({source}, {text(regex.text)})", array(type_))


def _position(source: str, regex: Regex, more: list[Typed], type_: TrinoType) -> Typed:
    if more:
        raise unsupported("function regexp_position from a place on")
    before = text(f"^((?s:.*?)){regex.text}")

    def place(s: str) -> str:
        found = f"{s} <> '' AND regexp_matches({s}, {text(regex.text)})"  # nothing is looked for in an empty text
        return f"CASE WHEN {found} THEN length(regexp_extract({s}, {before}, 1)) + 1 WHEN {s} IS NOT NULL THEN -1 END"

    integer = TrinoType("integer")
    return Typed(f"CAST({bound(source, 's', place)} AS {duck_type(integer)})", integer)


def _replace(source: str, regex: Regex, more: list[Typed], type_: TrinoType) -> Typed:
    replacement = more[0].constant if more else ""
    if not isinstance(replacement, str):
        raise unsupported("replacement in a regular expression that isn't a literal")
    if replacement:  # to replace the empty text by itself changes nothing
        refuse_empty(regex)
    written, missing = _replacement(replacement, regex)
    sql = f"regexp_replace({source}, {text(regex.text)}, {text(written)}, 'g')"
    if missing:
        error = fail_text(ARGUMENT, text(f"Illegal replacement sequence: unknown group {missing}"))
        sql = bound(
            source, "s", lambda s: f"CASE WHEN regexp_matches({s}, {text(regex.text)}) THEN {error} ELSE {s} END"
        )
    return Typed(sql, _replaced(type_, len(replacement)) if more else type_)


def _replaced(source: TrinoType, y: int) -> TrinoType:
    """The type of a text with replacements of ``y`` letters in it: Trino's own formula."""
    x = source.parameters[0] if source.parameters else UNBOUNDED
    length = min(UNBOUNDED, x + max(x * y // 2, y) * (x + 1))
    return VARCHAR if length == UNBOUNDED else varchar(length)


def _replacement(replacement: str, regex: Regex) -> tuple[str, str]:
    """Trino's replacement as RE2's, and the group in it that there isn't, '' for none."""
    pieces, missing = replacement_parts(replacement, regex)
    written = (_reference(one) if isinstance(one, int) else one.replace("\\", "\\\\") for one in pieces)
    return "".join(written), missing


def replacement_parts(replacement: str, regex: Regex) -> tuple[list[int | str], str]:
    """Groups by number, and the texts between them, of ``$1``, ``${name}``, ``\\$``; the group that there isn't, or ''.

    Of the digits behind a ``$`` as many count as make the number of a group.
    """
    pieces: list[int | str] = []
    at, missing = 0, ""
    for match in re.finditer(r"\\(.)|\$([0-9]+)|\$\{(\w+)\}|([^\\$])", replacement, re.DOTALL):
        if match.start() != at:
            break
        at = match.end()
        escaped, digits, name, plain = match.groups()
        if digits is not None:
            used = 1
            while used < len(digits) and int(digits[: used + 1]) <= len(regex.groups):
                used += 1
            missing = missing or ("" if int(digits[:used]) <= len(regex.groups) else digits[:used])
            pieces += [int(digits[:used]), digits[used:]]
        elif name is not None:
            missing = missing or ("" if name in regex.names else name)
            pieces.append(regex.names.get(name, 0))
        else:
            pieces.append(escaped if escaped is not None else plain)
    if at != len(replacement):
        raise unsupported(f"replacement {replacement!r} in a regular expression")
    return pieces, missing


def _reference(number: int) -> str:
    if number > 9:
        raise unsupported("replacement with a group beyond the ninth")
    return f"\\{number}"


FUNCTIONS: dict[str, _Function] = {
    "regexp_like": _function("regexp_like", (2,), _like),
    "regexp_extract": _function("regexp_extract", (2, 3), _extract),
    "regexp_extract_all": _function("regexp_extract_all", (2, 3), _extract_all),
    "regexp_count": _function("regexp_count", (2,), _count),
    "regexp_split": _function("regexp_split", (2,), _split),
    "regexp_position": _function("regexp_position", (2, 3, 4), _position),
    "regexp_replace": _function("regexp_replace", (2, 3), _replace),
}
"""Functions of a text and a pattern, which must be a literal."""
