"""Trino's functions by name: on how many recorded answers the embedded engine gives the same, what it refuses."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from olo_jupyter.lakehouse.sql.expressions.signatures import catalogue
from tests.parity import judge

KINDS = ("scalar", "aggregate", "window")
_CALL = re.compile(r"\b([a-z_]\w*)\s*\(", re.IGNORECASE)
_TEXT = re.compile(r"'(?:[^']|'')*'")
# Functions that SHOW FUNCTIONS lists and that are written with words of their own.
_WORDS = {
    "at_timezone": re.compile(r"\bat\s+time\s+zone\b", re.IGNORECASE),
    "concat": re.compile(r"\|\|"),
}


@dataclass
class Tally:
    """How one function did.

    Args:
        equal: Cases with a call of it that gave Trino's value, type or error.
        refused: Cases that were refused because of it.
        reasons: Of those, how often each reason was given.
        different: Cases with a call of it that gave something else.
    """

    equal: int = 0
    refused: int = 0
    different: int = 0
    reasons: collections.Counter[str] = field(default_factory=collections.Counter)

    @property
    def state(self) -> str:
        """``equal``, ``partly``, ``refused``, ``different`` or ``not asked``."""
        if self.different:
            return "different"
        if not self.equal:
            return "refused" if self.refused else "not asked"
        return "partly" if self.refused else "equal"


def called(case: str) -> set[str]:
    """Names of Trino's functions that are called in a case, lower case.

    Example:
        >>> sorted(called("abs(-1) + length('sum(x)') || 'a'"))
        ['abs', 'concat', 'length']
    """
    text = _TEXT.sub("''", case)
    names = {name.lower() for name in _CALL.findall(text)}
    words = {name for name, pattern in _WORDS.items() if pattern.search(text)}
    return (names | words) & set(catalogue())


def tally(verdicts: Iterable[judge.Verdict]) -> Mapping[str, Tally]:
    """The tally of each function, ``different`` and ``equal`` by what is called, ``refused`` by what the reason names.

    A refusal that names none of the functions in the case counts for all of them only where there is one alone.
    """
    found = {name: Tally() for name in catalogue()}
    for verdict in verdicts:
        names = called(verdict.case)
        if verdict.verdict == judge.REFUSED:
            blamed = {name for name in names if re.search(rf"\b{name}\b", verdict.why, re.IGNORECASE)}
            for name in blamed or (names if len(names) == 1 else ()):
                found[name].refused += 1
                found[name].reasons[_reason(verdict.why)] += 1
            continue
        for name in names:
            if verdict.verdict == judge.DIFFERENT:
                found[name].different += 1
            elif verdict.verdict == judge.EQUAL:
                found[name].equal += 1
    return found


def _reason(why: str) -> str:
    short = " ".join(why.removeprefix("The embedded engine doesn't have Trino's ").split())
    return short[:90].rstrip(".").replace("|", "\\|")


def of_kind(kind: str) -> list[str]:
    """Names of the functions of a kind: scalar, aggregate or window."""
    return [name for name, overloads in catalogue().items() if any(one["kind"] == kind for one in overloads)]


def section(found: Mapping[str, Tally]) -> Iterator[str]:
    """The lines of docs/parity.md about functions."""
    yield from ("", "## Functions", "")
    yield "By the names of Trino's SHOW FUNCTIONS. *Partly*: equal, and refused with some arguments, which are told."
    yield from ("", "| kind | functions | equal | partly | refused | equal on all answers that aren't refused |")
    yield "|---|---:|---:|---:|---:|---:|"
    for kind in KINDS:
        names = of_kind(kind)
        states = collections.Counter(found[name].state for name in names)
        good = states["equal"] + states["partly"]
        rest = len(names) - good
        counts = f"{len(names)} | {states['equal']} | {states['partly']} | {rest}"
        yield f"| {kind} | {counts} | {100 * good / len(names):.1f} % |"
    for kind in KINDS:
        yield from (
            "",
            f"### {kind.capitalize()} functions",
            "",
            "| function | answers equal | refused |",
            "|---|---:|---|",
        )
        for name in of_kind(kind):
            one = found[name]
            reasons = "; ".join(f"{reason} ({count})" for reason, count in one.reasons.most_common(3))
            yield f"| {name} | {one.equal} | {reasons or ('' if one.equal else one.state)} |"
