"""The verdict on each case: what the embedded engine gives against what Trino gave."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.sql.types import parse_type
from tests.parity import answers, cases
from tests.parity.values import from_arrow, from_trino, same, same_rows

EQUAL, SAME_ERROR, REFUSED, DIFFERENT = "equal", "same error", "refused", "different"
BATCH = 64
VERDICTS = (EQUAL, SAME_ERROR, REFUSED, DIFFERENT)

# Trino's own names for "can't be done", and for texts that a deeper layer of it rejects: ours say the same in one word.
_REFUSALS = frozenset({"unsupported"})


@dataclass(frozen=True)
class Verdict:
    """How a case went; ``why`` tells the difference or the reason of the refusal."""

    case: str
    verdict: str
    why: str = ""


def judge_area(session: Session, kind: str, area: str, lists: Path | None = None) -> list[Verdict]:
    """The verdicts on an area's cases (``kind``: ``expressions``, ``queries`` or ``lake``).

    ``lists`` is the folder of the cases that are known to be refused; default: those of the embedded engine.
    """
    known = answers.load(answers.answer_file(kind, area))
    if kind != "expressions":
        return [judge_query(session, case, answer) for case, answer in known.items()]
    file = refused_file(kind, area) if lists is None else lists / kind / f"{area}.json"
    refused = answers.load(file) if file.exists() else {}
    # Those that ought to be equal go many to a query; all others go one by one.
    hopeful = [case for case, answer in known.items() if not isinstance(answer, str) and case not in refused]
    verdicts: dict[str, Verdict] = {}
    for start in range(0, len(hopeful), BATCH):
        verdicts |= judge_together(session, hopeful[start : start + BATCH], known)
    return [verdicts.get(case) or judge_expression(session, case, answer) for case, answer in known.items()]


def judge_together(session: Session, batch: list[str], known: Mapping[str, Any]) -> dict[str, Verdict]:
    """The verdicts on expressions in one query; where it fails, on its halves. What fails alone isn't in the result."""
    listed = ",\n".join(f"{case}\nAS c{number}" for number, case in enumerate(batch))
    ours = run(session, f"SELECT {listed}")
    if isinstance(ours, Result):
        return {case: _compared(case, ours, number, known[case]) for number, case in enumerate(batch)}
    if len(batch) == 1:
        return {}
    half = len(batch) // 2
    return judge_together(session, batch[:half], known) | judge_together(session, batch[half:], known)


def judge_expression(session: Session, case: str, answer: Any) -> Verdict:
    """``answer``: ``[type, value]`` or the name of an error."""
    ours = run(session, f"SELECT {case}\nAS c0")
    if not isinstance(ours, Result) or isinstance(answer, str):
        return _with_error(case, ours, answer)
    return _compared(case, ours, 0, answer)


def _compared(case: str, ours: Result, column: int, answer: list[Any]) -> Verdict:
    type_, value = answer
    ours_type = ours.columns[column].type
    if ours_type != type_:
        return Verdict(case, DIFFERENT, f"type {ours_type}, Trino {type_}")
    kind = parse_type(type_)
    got = from_arrow(ours.arrow.column(column), kind)
    if len(got) == 1 and same(got[0], from_trino(value, kind), kind):
        return Verdict(case, EQUAL)
    return Verdict(case, DIFFERENT, f"{got!r}, Trino {value!r} ({type_})")


def judge_query(session: Session, case: str, answer: Any) -> Verdict:
    """``answer``: columns, ordered, rows, or the name of an error."""
    ours = run(session, case)
    if not isinstance(ours, Result) or isinstance(answer, str):
        return _with_error(case, ours, answer)
    columns = [[column.name, column.type] for column in ours.columns]
    if columns != answer["columns"]:
        return Verdict(case, DIFFERENT, f"columns {columns}, Trino {answer['columns']}")
    types = [type_ for _, type_ in columns]
    kinds = [parse_type(type_) for type_ in types]
    arrays = [from_arrow(column, kind) for column, kind in zip(ours.arrow.columns, kinds, strict=True)]
    got = [list(row) for row in zip(*arrays, strict=True)]
    wanted = [[from_trino(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in answer["rows"]]
    if same_rows(got, wanted, types, ordered=answer["ordered"]):
        return Verdict(case, EQUAL)
    return Verdict(case, DIFFERENT, _first_difference(got, wanted))


def run(session: Session, sql: str) -> Result | QueryError:
    """One statement on the embedded engine: its result, or its error."""
    try:
        return session.execute(sql)
    except QueryError as error:
        return error
    except Exception as error:  # noqa: BLE001  (a crash is a verdict too, and the other cases are still to be judged)
        return QueryError(f"{type(error).__name__}: {error}", code="crash")


def _with_error(case: str, ours: Result | QueryError, answer: Any) -> Verdict:
    if isinstance(ours, QueryError):
        if ours.code in _REFUSALS:
            return Verdict(case, REFUSED, ours.message)
        if not isinstance(answer, str):
            return Verdict(case, DIFFERENT, f"error {ours.code}: {ours.message}; Trino gives {str(answer)[:200]}")
        if _same_kind(ours.code, answer):
            return Verdict(case, SAME_ERROR)
        return Verdict(case, DIFFERENT, f"error {ours.code}: {ours.message}; Trino's error is {answer}")
    got = ours.arrow.to_pylist()[:3]
    return Verdict(case, DIFFERENT, f"{got!r}, Trino's error is {answer}")


# Kinds of error: "the text is wrong", known before it runs, and "a value doesn't fit", known while it runs.
_TEXT = """
    ambiguous-function-call column-type-unknown duplicate-named-query expression-not-aggregate expression-not-constant
    expression-not-in-distinct expression-not-scalar function-not-aggregate function-not-found function-not-window
    invalid-arguments invalid-column-reference invalid-function-argument invalid-limit-clause invalid-literal
    invalid-order-by invalid-parameter-usage invalid-type-definition invalid-window-frame missing-column-name
    missing-group-by missing-order-by missing-over nested-aggregation not-supported syntax-error type-mismatch
    type-not-found
"""
_VALUE = """
    generic-internal-error generic-user-error invalid-cast-argument invalid-function-argument invalid-literal
    invalid-window-frame numeric-value-out-of-range
"""
_KINDS = (frozenset(_TEXT.split()), frozenset(_VALUE.split()))


def _same_kind(ours: str, trinos: str) -> bool:
    name = trinos.replace("_", "-").lower()
    return ours == name or any(ours in kind and name in kind for kind in _KINDS)


def _first_difference(ours: list[list[Any]], theirs: list[list[Any]]) -> str:
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, Trino {len(theirs)}; first {ours[:3]!r}, Trino {theirs[:3]!r}"
    extra = [row for row in ours if row not in theirs][:2]
    missing = [row for row in theirs if row not in ours][:2]
    if not extra and not missing:
        return f"the order of rows: {ours[:3]!r}, Trino {theirs[:3]!r}"
    return f"{extra!r}, Trino {missing!r}"


def all_areas() -> list[tuple[str, str]]:
    """(kind, area) of all cases but those of ``lake``, whose tables only a Trino makes."""
    return [(kind, path.stem) for kind in ("expressions", "queries") for path in cases.areas(kind)]


def counts(verdicts: list[Verdict]) -> dict[str, int]:
    """How many of each verdict."""
    counted = collections.Counter(verdict.verdict for verdict in verdicts)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def refused_file(kind: str, area: str) -> Path:
    """The cases of an area that are known to be refused."""
    return Path(__file__).parent / "refused" / kind / f"{area}.json"
