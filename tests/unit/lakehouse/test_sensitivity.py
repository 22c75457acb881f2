import pytest

from olo_jupyter.lakehouse.sensitivity import inherited


@pytest.mark.parametrize(
    ("sql", "columns", "expected"),
    [
        ("select * from f", ["a", "tailnum"], {"tailnum"}),
        ("with x as (select tailnum t, 1 b from f) select max(t) m, b from x", ["m", "b"], {"m"}),
        ("with x(q, r) as (select tailnum, 1 from f) select q || 'a' m, r from x", ["m", "r"], {"m"}),
        ("select a from g union all select tailnum from f", ["a"], {"a"}),
        ("select (select max(tailnum) from f) as z, 1 as o", ["z", "o"], {"z"}),
        ("select carrier, count(distinct tailnum) planes from f group by 1", ["carrier", "planes"], set()),
        ("select upper(tailnum), 1 from f", ["_col0", "_col1"], {"_col0"}),
        ("select g.*, upper(tailnum) from f, g", ["a", "_col1"], {"a", "_col1"}),
        ("select x.v from (select tailnum || '' from f) as x(v)", ["v"], {"v"}),
        ('select "TAILNUM" as a from f', ["a"], {"a"}),
        ("select v from f cross join unnest(split(tailnum, '-')) as t(v)", ["v"], {"v"}),
        ("select from where", ["a", "b"], {"a", "b"}),
    ],
)
def test_what_is_made_of_a_sensitive_column_stays_sensitive(sql: str, columns: list[str], expected: set[str]) -> None:
    assert inherited(sql, columns, ["tailnum"]) == expected


def test_nothing_sensitive_goes_in_nothing_comes_out() -> None:
    assert inherited("select from where", ["a"], []) == set()
