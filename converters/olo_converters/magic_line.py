"""The lines of the magics, parsed once for the whole product."""

from __future__ import annotations

import keyword
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from olo_converters.errors import ConvertError

ENGINES = ("embedded", "trino", "spark")
_SQL_VALUES = ("--engine", "--dialect", "--as-of", "--snapshot", "--ref", "--limit", "--max-scan")
_SQL_FLAGS = ("--explain", "--dry-run")
_PROMOTE_VALUES = ("--from",)
_PROMOTE_FLAGS = ("--plan", "--open-pr", "--no-verify", "--json")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)?", re.IGNORECASE)
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


class LineError(ConvertError):
    """A magic's line that isn't valid; the hint offers the nearest option."""

    default_code = "magic-line"


@dataclass(frozen=True)
class SqlLine:
    """What ``%%olo sql …`` asks for.

    Args:
        result: The variable of ``RESULT <<``, '' where there is none.
        engine: Name of an engine, '' for the session's own.
        as_of: A time as written, ``snapshot`` an id, ``ref`` a branch or tag: at most one is set.
        limit: Rows to keep at most, None for all.
        max_scan: Bytes that may be scanned at most; 0 for no bound (``none``), None where the line doesn't say.
        dry_run: Only tell what would be scanned.
        dialect: ``trino``, or ``spark`` for Spark's own SQL, untouched.
    """

    result: str = ""
    engine: str = ""
    as_of: str = ""
    snapshot: int | None = None
    ref: str = ""
    limit: int | None = None
    max_scan: int | None = None
    explain: bool = False
    dry_run: bool = False
    dialect: Literal["trino", "spark"] = "trino"


@dataclass(frozen=True)
class Words:
    """A line taken apart: the variable of ``RESULT <<``, options with values, options without, and the other words."""

    result: str
    values: Mapping[str, str]
    flags: frozenset[str]
    rest: tuple[str, ...]


def read_line(line: str, with_value: Sequence[str] = (), flags: Sequence[str] = ()) -> Words:
    """Read the line of any magic.

    Args:
        with_value: Options that take a value, such as ``--key``.
        flags: Options that take none.

    Raises:
        LineError: An unknown option (the nearest is offered), a missing value, a bad variable's name.

    Example:
        >>> read_line("d << silver.flights yesterday now --key id", ["--key"])
        Words(result='d', values={'--key': 'id'}, flags=frozenset(), rest=('silver.flights', 'yesterday', 'now'))
    """
    result, line = _result(line)
    values, given, rest = _options(line, with_value, flags)
    return Words(result, values, frozenset(given), tuple(rest))


@dataclass(frozen=True)
class PromoteLine:
    """What ``%olo promote …`` asks for.

    ``source`` is the ``--from`` variable or cell, None where not given; ``as_json`` asks for steps and outcome as JSON.
    """

    name: str
    source: str | None = None
    plan: bool = False
    open_pr: bool = False
    verify: bool = True
    as_json: bool = False


def parse_sql_line(line: str) -> SqlLine:
    """Read the text after ``%%olo sql``.

    Raises:
        LineError: An unknown option (the nearest is offered), a missing or bad value, two pins.

    Example:
        >>> parse_sql_line("delays << --engine trino --as-of '2026-01-31 00:00:00 UTC'")
        SqlLine(result='delays', engine='trino', as_of='2026-01-31 00:00:00 UTC', snapshot=None, ref='', limit=None, \
max_scan=None, explain=False, dry_run=False, dialect='trino')
    """
    result, line = _result(line)
    values, flags, rest = _options(line, _SQL_VALUES, _SQL_FLAGS)
    if rest:
        if re.match(r"(?i)select|with|values|show|describe|create|insert", rest[0]):
            raise LineError("The SQL stands on the line of the magic.", hint="Put it on the lines below %%olo sql.")
        near = _nearest(rest[0], (*_SQL_VALUES, *_SQL_FLAGS))
        raise LineError(
            f"{rest[0]!r} is not understood.", hint=near or "To name the result write: NAME << before the options."
        )
    pins = [option for option in ("--as-of", "--snapshot", "--ref") if option in values]
    if len(pins) > 1:
        raise LineError(
            f"{' and '.join(pins)} are given: a query has one pin.", hint=f"Leave one of {', '.join(pins)}."
        )
    engine = values.get("--engine", "")
    if engine and engine not in ENGINES:
        near_engine = get_close_matches(engine, ENGINES, n=1)
        offer = f"Did you mean {near_engine[0]}?" if near_engine else f"Engines: {', '.join(ENGINES)}."
        raise LineError(f"There is no engine {engine!r}.", hint=offer)
    return SqlLine(
        result=result,
        engine=engine,
        as_of=values.get("--as-of", ""),
        snapshot=_whole(values, "--snapshot"),
        ref=values.get("--ref", ""),
        limit=_whole(values, "--limit"),
        max_scan=_size(values, "--max-scan"),
        explain="--explain" in flags,
        dry_run="--dry-run" in flags,
        dialect=_dialect(values.get("--dialect", "trino")),
    )


def _dialect(value: str) -> Literal["trino", "spark"]:
    if value == "trino":
        return "trino"
    if value == "spark":
        return "spark"
    raise LineError(f"There is no dialect {value!r}.", hint="Dialects: trino, spark (with --engine spark).")


def parse_promote_line(line: str) -> PromoteLine:
    """Read the text after ``%olo promote``.

    Raises:
        LineError: No name, an unknown option, a missing value.

    Example:
        >>> parse_promote_line("delay_score --from score")
        PromoteLine(name='delay_score', source='score', plan=False, open_pr=False, verify=True, as_json=False)
    """
    values, flags, rest = _options(line, _PROMOTE_VALUES, _PROMOTE_FLAGS)
    if not rest:
        raise LineError("The promotion has no name.", hint="Write e.g. %olo promote daily_delays")
    if len(rest) > 1:
        near = _nearest(rest[1], (*_PROMOTE_VALUES, *_PROMOTE_FLAGS))
        raise LineError(
            f"{rest[1]!r} is not understood.", hint=near or "Write one name: %olo promote NAME [--from VARIABLE]"
        )
    return PromoteLine(
        rest[0],
        values.get("--from"),
        plan="--plan" in flags,
        open_pr="--open-pr" in flags,
        verify="--no-verify" not in flags,
        as_json="--json" in flags,
    )


def _result(line: str) -> tuple[str, str]:
    """The variable of ``RESULT <<`` and the rest of the line."""
    match = re.match(r"\s*([^\s<]+)\s*<<\s*(.*)", line, re.DOTALL)
    if match:
        result, rest = match.groups()
        if not result.isidentifier() or keyword.iskeyword(result):
            raise LineError(f"{result!r} can't be a variable's name.", hint="Write e.g. delays << …")
        return result, rest
    if re.match(r"\s*<<", line):
        raise LineError("There is no name before <<.", hint="Write e.g. delays << …")
    return "", line


def _options(line: str, with_value: Sequence[str], flags: Sequence[str]) -> tuple[dict[str, str], set[str], list[str]]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise LineError(f"The line can't be read: {str(error).lower()}.", hint="Close the quotation marks.") from error
    values: dict[str, str] = {}
    given: set[str] = set()
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        option, equals, value = word.partition("=")
        if option in values or option in given:
            raise LineError(f"{option} is there twice.", hint=f"Leave one {option}.")
        if option in flags:
            if equals:
                raise LineError(f"{option} takes no value.", hint=f"Write just {option}.")
            given.add(option)
        elif option in with_value:
            if not equals:
                if not queue or queue[0].startswith("--"):
                    raise LineError(f"{option} needs a value.", hint=f"Write {option} VALUE.")
                value = queue.pop(0)
            if not value:
                raise LineError(f"{option} needs a value.", hint=f"Write {option} VALUE.")
            values[option] = value
        else:
            known = (*with_value, *flags)
            raise LineError(
                f"There is no option {option}.", hint=_nearest(option, known) or f"Options: {', '.join(known)}."
            )
    return values, given, rest


def _nearest(word: str, known: Sequence[str]) -> str:
    wanted = word if word.startswith("--") else f"--{word.lstrip('-')}"
    near = get_close_matches(wanted, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""


def _whole(values: dict[str, str], option: str) -> int | None:
    text = values.get(option)
    if text is None:
        return None
    if not re.fullmatch(r"\d+", text):
        raise LineError(f"{option} {text!r} is no whole number.", hint=f"Write e.g. {option} 100.")
    return int(text)


def _size(values: dict[str, str], option: str) -> int | None:
    text = values.get(option)
    if text is None:
        return None
    if text.strip().lower() in ("none", "unlimited"):
        return 0
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise LineError(f"{option} {text!r} is no size.", hint=f"Write e.g. {option} 10GB, or {option} none.")
    return int(float(match.group(1)) * _UNITS[(match.group(2) or "B").upper()])
