"""Lowered expressions, run in DuckDB, against the recorded answers of a real Trino 483.

Never another value, and never a value where Trino has an error: equal, an error, or refused. A sample by place in the
lists keeps this fast; ``python -m tests.parity.report`` judges all cases through the whole engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from olo_jupyter.lakehouse.arrow_types import conform
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.lower import lower
from olo_jupyter.lakehouse.sql.expressions.macros import MACROS, SETTINGS
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.parse import parse_expression
from olo_jupyter.lakehouse.sql.runtime_errors import to_query_error
from olo_jupyter.lakehouse.sql.statement import Field
from tests.parity import answers
from tests.parity.values import from_arrow, from_trino, same

EVERY = 17
AREAS = sorted(path.stem for path in (answers.HERE / "answers" / "expressions").glob("*.json"))


class Nowhere:
    """A place without columns, parameters and subqueries."""

    now = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)

    def column(self, node: exp.Column | exp.Dot) -> Typed:
        raise QueryError(f"no column {node.sql()}", code="column-not-found")

    def parameter(self, node: exp.Placeholder | exp.Parameter) -> Typed:
        raise QueryError("no parameter", code="unsupported")

    def scalar_subquery(self, node: exp.Query) -> Typed:
        raise QueryError("no subquery", code="unsupported")

    def subquery_column(self, node: exp.Query) -> Typed:
        raise QueryError("no subquery", code="unsupported")

    def exists(self, node: exp.Query) -> str:
        raise QueryError("no subquery", code="unsupported")


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"SET {name} = '{value}'")
        for macro in MACROS:
            connection.execute(macro)
        yield connection


def differs(connection: duckdb.DuckDBPyConnection, case: str, answer: Any) -> str:
    """What is wrong with our answer to ``case``; '' for nothing."""
    try:
        lowered = lower(parse_expression(case), Nowhere())
        table = connection.sql(f"SELECT {lowered.sql} AS v").to_arrow_table()
    except QueryError:
        return ""  # whether the refusal or the error is due is judged by the parity report
    except duckdb.Error as error:
        return "" if to_query_error(error).code != "query-failed" else f"no code for {error}"
    if isinstance(answer, str):
        if case.startswith("typeof("):  # ours doesn't compute what it names the type of
            return ""
        return f"a value of {lowered.type}, Trino {answer}"
    if str(lowered.type).replace(", ", ",").lower() != answer[0].replace(", ", ",").lower():
        return f"type {lowered.type}, Trino {answer[0]}"
    table = conform(table, [Field("v", lowered.type)])
    ours, theirs = from_arrow(table.column(0), lowered.type)[0], from_trino(answer[1], lowered.type)
    return "" if same(ours, theirs, lowered.type) else f"{ours!r}, Trino {answer[1]!r}"


@pytest.mark.parametrize("area", AREAS)
def test_no_other_answer_than_trinos(area: str, connection: duckdb.DuckDBPyConnection) -> None:
    recorded = answers.load(answers.answer_file("expressions", area))
    sample = list(recorded.items())[::EVERY]
    wrong = {case: why for case, answer in sample if (why := differs(connection, case, answer))}
    assert not wrong
