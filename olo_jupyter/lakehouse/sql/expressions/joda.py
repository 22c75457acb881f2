"""``format_datetime``: a moment written by Joda's pattern letters, as ``DateTimeFormat`` of Joda-Time lists them."""

from __future__ import annotations

from collections.abc import Iterator

from olo_jupyter.lakehouse.sql.expressions import literals, moments, zones
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.duck import bound, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail_text
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import UNKNOWN, VARCHAR

_NUMBERS = {
    "C": "year({}) // 100",
    "Y": "year({})",
    "y": "year({})",
    "x": "isoyear({})",
    "w": "week({})",
    "e": "isodow({})",
    "D": "dayofyear({})",
    "M": "month({})",
    "d": "day({})",
    "K": "hour({}) % 12",
    "h": "(hour({}) + 11) % 12 + 1",
    "H": "hour({})",
    "k": "(hour({}) + 23) % 24 + 1",
    "m": "minute({})",
    "s": "second({})",
}
_YEARS = "Yyx"
_WORDS = {"E": "%A", "M": "%B", "a": "%p"}
"""Runs beyond those that :data:`.moments.JODA` has."""


def _format_datetime(values: list[Typed], env: Environment) -> Typed:
    moment, pattern = moments.arguments("format_datetime", values, ("timestamp", "timestamp with time zone", "date"))
    if pattern is None or moment.type == UNKNOWN:
        return cast(literals.null(), VARCHAR)
    if all(not run or run in moments.JODA for run, _, _ in moments.runs(pattern)):
        return moments.written(moment, moments.joda(pattern))

    def written(t: str) -> str:
        # The first piece is empty: it refuses the years that the others would write in another way.
        return "(" + " || ".join([f"left(olo_strftime_or_refuse({t}, '%Y'), 0)", *_pieces(pattern, moment, t)]) + ")"

    return Typed(bound(moments.local(moment), "λt", written), VARCHAR)


def _pieces(pattern: str, moment: Typed, t: str) -> Iterator[str]:
    for run, quoted, other in moments.runs(pattern):
        if not run:
            yield text(quoted or other)
        elif run in moments.JODA:
            yield f"strftime(olo_to_milliseconds({t}), {text(moments.JODA[run].write)})"
        else:
            yield _letters(run, moment, t)


def _letters(run: str, moment: Typed, t: str) -> str:
    """A run of one letter, over the local time ``t``."""
    letter, count = run[0], len(run)
    t = f"olo_to_milliseconds({t})"
    match letter:
        case "G":
            return "'AD'"
        case "E" | "M" | "a" if letter != "M" or count > 2:
            return f"strftime({t}, '{_WORDS[letter]}')"
        case "S":
            return f"rpad(left(strftime({t}, '%g'), {count}), {count}, '0')"
        case "Z" | "z" if moment.type.base != zones.ZONED:
            message = f"format_datetime for TIMESTAMP type, cannot use '{letter}' in format: it has no time zone"
            return _fail(t, message)
        case "Z" | "z":
            return _zone(run, moment, t)
    if letter not in _NUMBERS:
        return _fail(t, f"Illegal pattern component: {run}")
    number = _NUMBERS[letter].format(t)
    return f"format('{{:0{count}d}}', {f'{number} % 100' if letter in _YEARS and count == 2 else number})"


def _fail(t: str, message: str) -> str:
    """Trino's error, of a moment; of NULL there is none."""
    return f"CASE WHEN {t} IS NOT NULL THEN {fail_text(ARGUMENT, text(message))} END"


def _zone(run: str, moment: Typed, t: str) -> str:
    name = moment.type.zone or "UTC"
    if run[0] == "z" and name != "UTC":
        raise unsupported("date pattern letter z of a zone other than UTC: its names depend on the time zone data")
    if run[0] == "z":
        return text("UTC" if len(run) < 4 else "Coordinated Universal Time")
    if len(run) >= 3:
        return text(name)
    minutes = f"(epoch_us({t}) - epoch_us(olo_to_milliseconds(CAST({moment.sql} AS TIMESTAMP)))) // 60000000"
    colon = ":" if len(run) == 2 else ""
    return bound(
        f"({minutes})",
        "λo",
        lambda o: (
            f"format('{{}}{{:02d}}{colon}{{:02d}}', CASE WHEN {o} < 0 THEN '-' ELSE '+' END, "
            f"abs({o}) // 60, abs({o}) % 60)"
        ),
    )


FUNCTIONS = {"format_datetime": _format_datetime}
"""Functions of a moment and a pattern, which must be a literal."""
