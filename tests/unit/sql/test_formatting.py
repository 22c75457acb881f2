"""A statement that is laid out stays the same statement."""

from __future__ import annotations

import pytest

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.formatting import format_sql

KEPT = [
    "SELECT carrier AS Carrier, COUNT(*) AS TOTAL FROM dev.silver.flights FOR VERSION AS OF 'q1-close' f GROUP BY 1",
    "SELECT * FROM t WHERE a>:low AND b IN (:x,:y) AND {{ name | ident }} = 'it''s :no {{ no }}'",
    'select "Two Words", "select" from a."B" -- why\n/* and\nwhy */ where x = \'--\'',
    "WITH a AS (SELECT 1 x) SELECT u&'\\0041', x'0A', 1e5, .5, -1 - -2, filter(b, y -> y > 1) FROM a",
    "MERGE INTO a.b USING (SELECT 1 k) s ON s.k=b.k WHEN MATCHED THEN UPDATE SET v=s.k",
    "SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2026-01-31 00:00:00 UTC' WHERE d > DATE '2026-01-01'",
]


@pytest.mark.parametrize("text", KEPT)
def test_only_blanks_and_the_case_of_keywords_change(text: str) -> None:
    done = format_sql(text)
    assert "".join(done.split()).lower() == "".join(text.split()).lower()
    assert format_sql(done) == done


def test_names_keep_their_capitals_and_parameters_their_blanks() -> None:
    done = format_sql("SELECT Carrier AS TOTAL FROM Flights WHERE a>:Low AND {{ Col | ident }}=1")
    for kept in ("Carrier as TOTAL", "from Flights", "a > :Low", "{{ Col | ident }}"):
        assert kept in done


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("SELEC 1", "syntax-error", (1, 1)),
        ("select a\nfrom t whre x = 1", "syntax-error", (2, 13)),
        ("select 'open", "syntax-error", (1, 8)),
        ("select 1; select 2", "syntax-error", (1, 11)),
        ("", "syntax-error", (1, 1)),
        ("select '\\' from t", "format-refused", (None, None)),
    ],
)
def test_what_cannot_be_laid_out_is_refused_with_its_place(
    text: str, code: str, place: tuple[int | None, int | None]
) -> None:
    with pytest.raises(QueryError) as refused:
        format_sql(text)
    assert (refused.value.code, (refused.value.line, refused.value.column)) == (code, place)
