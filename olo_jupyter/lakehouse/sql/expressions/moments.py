"""Moments as text by a pattern: MySQL's letters (date_format, date_parse), Joda's (parse_datetime)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import literals, zones
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.duck import text, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import UNKNOWN, VARCHAR, TrinoType

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True)
class Field:
    """A piece of a pattern that stands for a part of the moment.

    Args:
        part: What it is when read: ``year``, ``month``, …; '' where it can't be read back.
        write: strftime's word for it.
        digits: Most digits that are read; 0 for text.
    """

    part: str
    write: str
    digits: int = 0


_YEAR = Field("year", "%Y", 6)
_SECOND = Field("second", "%S", 2)
_HALF = Field("half", "%p")
_MYSQL: dict[str, tuple[Field | str, ...]] = {
    "a": (Field("", "%a"),),
    "b": (Field("month_name", "%b"),),
    "c": (Field("month", "%-m", 2),),
    "d": (Field("day", "%d", 2),),
    "e": (Field("day", "%-d", 2),),
    "f": (Field("fraction", "%g000", 9),),
    "H": (Field("hour", "%H", 2),),
    "h": (Field("clock", "%I", 2),),
    "I": (Field("clock", "%I", 2),),
    "i": (Field("minute", "%M", 2),),
    "j": (Field("", "%j"),),
    "k": (Field("hour", "%-H", 2),),
    "l": (Field("clock", "%-I", 2),),
    "M": (Field("month_name", "%B"),),
    "m": (Field("month", "%m", 2),),
    "p": (_HALF,),
    "r": (Field("clock", "%I", 2), ":", Field("minute", "%M", 2), ":", _SECOND, " ", _HALF),
    "S": (_SECOND,),
    "s": (_SECOND,),
    "T": (Field("hour", "%H", 2), ":", Field("minute", "%M", 2), ":", _SECOND),
    "v": (Field("", "%V"),),
    "x": (Field("", "%G"),),
    "W": (Field("", "%A"),),
    "Y": (_YEAR,),
    "y": (Field("short_year", "%y", 2),),
}
JODA: dict[str, Field] = {
    "yyyy": _YEAR,
    "YYYY": Field("", "%Y"),
    "yy": Field("", "%y"),
    "xxxx": Field("", "%G"),
    "ww": Field("", "%V"),
    "MM": Field("month", "%m", 2),
    "M": Field("month", "%-m", 2),
    "MMM": Field("month_name", "%b"),
    "MMMM": Field("month_name", "%B"),
    "dd": Field("day", "%d", 2),
    "d": Field("day", "%-d", 2),
    "HH": Field("hour", "%H", 2),
    "H": Field("hour", "%-H", 2),
    "hh": Field("clock", "%I", 2),
    "h": Field("clock", "%-I", 2),
    "mm": Field("minute", "%M", 2),
    "m": Field("minute", "%-M", 2),
    "ss": Field("second", "%S", 2),
    "s": Field("second", "%-S", 2),
    "SSS": Field("fraction", "%g", 3),
    "SSSSSS": Field("fraction", "%g000", 6),
    "a": Field("half", "%p"),
    "DDD": Field("", "%j"),
    "e": Field("", "%u"),
    **dict.fromkeys(("E", "EE", "EEE"), Field("", "%a")),
    "EEEE": Field("", "%A"),
}
"""Joda's letters that strftime writes the same; :mod:`.joda` writes the others."""


def mysql(pattern: str) -> Iterator[Field | str]:
    """The pieces of a MySQL pattern: fields and literal text."""
    at = 0
    while at < len(pattern):
        if pattern[at] != "%":
            yield pattern[at]
            at += 1
            continue
        if at + 1 == len(pattern):
            raise unsupported("date pattern that ends with %")
        letter = pattern[at + 1]
        if letter in "DUuVwX":
            raise unsupported(f"date pattern %{letter}, which Trino doesn't have either")
        yield from _MYSQL.get(letter, (letter,))
        at += 2


def joda(pattern: str) -> Iterator[Field | str]:
    """The pieces of a Joda pattern: runs of one letter, text in quotes, other signs as they are."""
    for run, quoted, other in runs(pattern):
        if run:
            if run not in JODA:
                raise unsupported(f"date pattern letter {run}")
            yield JODA[run]
        else:
            yield from quoted or other


def runs(pattern: str) -> Iterator[tuple[str, str, str]]:
    """The pieces of a Joda pattern, of which one is not empty: a run of one letter, a text in quotes, another sign."""
    at = 0
    token = re.compile(r"(?P<run>([A-Za-z])\2*)|'(?P<quoted>(?:[^']|'')+)'|(?P<other>''|[^A-Za-z'])")
    while at < len(pattern):
        match = token.match(pattern, at)
        if match is None:
            raise unsupported(f"date pattern {pattern!r}")
        yield match["run"] or "", (match["quoted"] or "").replace("''", "'"), (match["other"] or "").replace("''", "'")
        at = match.end()


_Split = Callable[[str], Iterator[Field | str]]


def _date_format(values: list[Typed], env: Environment) -> Typed:
    moment, pattern = arguments("date_format", values, ("timestamp", "timestamp with time zone", "date"))
    if pattern is None or moment.type == UNKNOWN:
        return cast(literals.null(), VARCHAR)
    return written(moment, mysql(pattern))


def written(moment: Typed, pieces: Iterable[Field | str]) -> Typed:
    """A moment as text by the pieces of a pattern that strftime writes the same."""
    return Typed(f"olo_strftime_or_refuse({local(moment)}, {text(_strftime(pieces))})", VARCHAR)


def local(moment: Typed) -> str:
    """The local time of a date, a timestamp, or an instant in its zone."""
    if moment.type.base == zones.ZONED:
        return zones.local(moment.sql, moment.type)
    return f"CAST({moment.sql} AS TIMESTAMP)"


def _strftime(pieces: Iterable[Field | str]) -> str:
    return "".join(piece.write if isinstance(piece, Field) else piece.replace("%", "%%") for piece in pieces)


def arguments(name: str, values: list[Typed], types: tuple[str, ...]) -> tuple[Typed, str | None]:
    """The moment or text of a call, and its pattern; None for a pattern that is NULL.

    Raises:
        QueryError: function-not-found.
        Unsupported: The pattern isn't a literal, or is empty.
    """
    bases = [value.type.base for value in values]
    if len(values) != 2 or bases[0] not in (*types, "unknown") or bases[1] not in ("varchar", "unknown"):
        shown = ", ".join(str(value.type) for value in values)
        raise QueryError(f"Unexpected parameters ({shown}) for function {name}", code="function-not-found")
    pattern = values[1].constant
    if pattern is not None and (not isinstance(pattern, str) or not pattern):
        raise unsupported(f"function {name} with a pattern that isn't a literal, or is empty")
    return values[0], pattern


def _read(name: str, split: _Split, result: TrinoType) -> Callable[[list[Typed], Environment], Typed]:
    def build(values: list[Typed], env: Environment) -> Typed:
        source, pattern = arguments(name, values, ("varchar",))
        if pattern is None or source.type == UNKNOWN:
            return cast(literals.null(), result)
        expression, parts = reading(list(split(pattern)))
        names = ", ".join(text(part) for part in parts)
        found = f"regexp_extract({source.sql}, {text(expression)}, [{names}])" if parts else ""
        if not parts:
            raise unsupported(f"function {name} without a field in its pattern")
        moment = _moment(parts)
        body = f"CASE WHEN regexp_full_match({source.sql}, {text(expression)}) THEN {moment} END"
        checked = f"olo_moment({source.sql}, {body})"
        sql = f"list_transform([{found}], lambda f: {checked})[1]"
        return cast(Typed(sql, TrinoType("timestamp", (3,))), result)

    return build


def reading(pieces: list[Field | str]) -> tuple[str, list[str]]:
    """The regular expression that reads a text by a pattern as Joda does, and the part that each group is.

    Joda takes as many digits as a field may have and never gives one back: before another number all are needed.
    """
    expression, parts = "", []
    for at, piece in enumerate(pieces):
        if not isinstance(piece, Field):
            expression += _literal(piece)
            continue
        if not piece.part or piece.part in parts:
            raise unsupported("reading of a date by this pattern")
        parts.append(piece.part)
        following = pieces[at + 1] if at + 1 < len(pieces) else ""
        number_follows = isinstance(following, Field) and following.digits > 0
        if isinstance(following, str) and following.isdigit():
            raise unsupported("reading of a date by a pattern with digits in it")
        expression += f"({_group(piece, number_follows)})"
    if {"month", "month_name"} <= set(parts) or {"hour", "clock"} <= set(parts):
        raise unsupported("reading of a date by this pattern")
    if ("half" in parts and "clock" not in parts) or {"year", "short_year"} <= set(parts):
        raise unsupported("reading of a date by this pattern")
    return f"(?s){expression}", parts


def _literal(sign: str) -> str:
    if not sign.isascii():
        raise unsupported("reading of a date by a pattern with letters beyond ASCII")
    return f"[{sign.lower()}{sign.upper()}]" if sign.isalpha() else re.escape(sign)


def _group(piece: Field, number_follows: bool) -> str:
    if piece.part == "month_name":
        words = [*_MONTHS, *(month[:3] for month in _MONTHS)]  # the longest first
        return "|".join(form for word in words for form in (word, word.lower(), word.upper()))
    if piece.part == "half":
        return "AM|PM|am|pm"
    if piece.part == "short_year":
        return "[0-9]{2}"
    if number_follows and piece.part == "fraction":
        raise unsupported("reading of a date by a pattern with a number after the fraction")
    if piece.part == "year":
        return "[+-]?[0-9]{4}" if number_follows else f"[+-]?[0-9]{{1,{piece.digits}}}"
    return f"[0-9]{{{piece.digits}}}" if number_follows else f"[0-9]{{1,{piece.digits}}}"


def _moment(parts: list[str]) -> str:
    """The moment of the groups in ``f``: what is missing is as at the epoch, but the year 2000 beside month or day."""
    integer = "CAST(f.{} AS INTEGER)".format
    dated = {"month", "month_name", "day"} & set(parts)
    year = "2000" if dated else "1970"
    if "year" in parts:
        year = integer("year")
    if "short_year" in parts:
        year = f"({integer('short_year')} + CASE WHEN {integer('short_year')} >= 70 THEN 1900 ELSE 2000 END)"
    month = integer("month") if "month" in parts else "1"
    if "month_name" in parts:
        names = ", ".join(text(month[:3].lower()) for month in _MONTHS)
        month = f"list_position([{names}], lower(left(f.month_name, 3)))"
    hour = integer("hour") if "hour" in parts else "0"
    if "clock" in parts:
        afternoon = " + CASE WHEN lower(f.half) = 'pm' THEN 12 ELSE 0 END" if "half" in parts else ""
        clock = integer("clock")
        hour = f"CASE WHEN {clock} BETWEEN 1 AND 12 THEN {clock} % 12{afternoon} ELSE 24 END"
    day, minute, second = (integer(name) if name in parts else default for name, default in _SMALL)
    milliseconds = "CAST(rpad(left(f.fraction, 3), 3, '0') AS INTEGER)" if "fraction" in parts else "0"
    return f"olo_moment_of({year}, {month}, {day}, {hour}, {minute}, {second}, {milliseconds})"


_SMALL = (("day", "1"), ("minute", "0"), ("second", "0"))

FUNCTIONS: dict[str, Callable[[list[Typed], Environment], Typed]] = {
    "date_format": _date_format,
    "date_parse": _read("date_parse", mysql, TrinoType("timestamp", (3,))),
    "parse_datetime": _read("parse_datetime", joda, TrinoType("timestamp with time zone", (3,))),
}
"""Functions of a moment or a text and a pattern, which must be a literal."""
