"""DuckDB macros of aggregates that are computed from the list of a group's values."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail, fail_text


def _sum_of_powers(power: int) -> str:
    each = " * ".join(["(y - mean)"] * power)
    return f"list_sum(list_transform(x, lambda y: {each}))"


_MOMENTS = (
    """olo_skewness(n, m2, m3) AS CASE WHEN n >= 3
    THEN sqrt(CAST(n AS DOUBLE)) * m3 / pow(m2, CAST(1.5 AS DOUBLE)) END""",
    """olo_kurtosis(n, m2, m4) AS CASE WHEN n >= 4 THEN (CAST(n AS DOUBLE) * (n + 1) * (n - 1) * m4
    / (m2 * m2 * (CAST(n AS DOUBLE) - 2) * (n - 3))) - 3 * (CAST(n AS DOUBLE) - 1) * (n - 1)
    / ((CAST(n AS DOUBLE) - 2) * (n - 3)) END""",
    f"""olo_skewness_of(l) AS list_transform([list_filter(l, lambda y: y IS NOT NULL)], lambda x: list_transform(
    [list_avg(x)], lambda mean: olo_skewness(len(x), {_sum_of_powers(2)}, {_sum_of_powers(3)}))[1])[1]""",
    f"""olo_kurtosis_of(l) AS list_transform([list_filter(l, lambda y: y IS NOT NULL)], lambda x: list_transform(
    [list_avg(x)], lambda mean: olo_kurtosis(len(x), {_sum_of_powers(2)}, {_sum_of_powers(4)}))[1])[1]""",
)

_MAPS = (
    # Of empty maps alone it is NULL in Trino, too.
    """olo_map_union_or_refuse(l) AS list_transform([list_filter(l, lambda m: len(map_entries(m)) > 0)], lambda maps:
    CASE WHEN len(maps) > 0 THEN olo_map_of_distinct_or_refuse(list_distinct(list_transform(flatten(list_transform(maps,
    lambda m: map_entries(m))), lambda e: struct_pack(k := e.key, v := e.value)))) END)[1]""",
    """olo_multimap_agg(l) AS list_transform([list_filter(l, lambda e: e.k IS NOT NULL)], lambda x:
    CASE WHEN len(x) > 0 THEN olo_multimap(x) END)[1]""",
    # A stream of no more distinct values than Trino keeps is counted exactly; whom a tie leaves out isn't known.
    f"""olo_most_frequent_or_refuse(n, h, capacity) AS CASE WHEN h IS NULL THEN NULL WHEN n < 2
    THEN map_from_entries(map_entries(h)[:{
        fail(ARGUMENT, "'approx_most_frequent bucket count must be greater than one, input bucket count: ' || n")
    }]) WHEN cardinality(h) > capacity THEN map_from_entries(map_entries(h)[:{
        fail("unsupported", "'approx_most_frequent of more distinct values than its capacity'")
    }]) ELSE list_transform([list_reverse_sort(list_transform(map_entries(h),
    lambda e: struct_pack(c := e.value, v := e.key)))],
    lambda s: map_from_entries(list_transform(s[:CASE WHEN len(s) > n AND s[n].c = s[n + 1].c THEN {
        fail("unsupported", "'approx_most_frequent where several values are as frequent as the last'")
    } ELSE n END], lambda e: struct_pack(k := e.v, v := e.c))))[1] END""",
    f"""olo_numeric_histogram_or_refuse(n, h) AS CASE WHEN h IS NULL THEN NULL WHEN cardinality(h) > n
    THEN map_from_entries(map_entries(h)[:{
        fail("unsupported", "'numeric_histogram of more distinct values than buckets'")
    }]) ELSE h END""",
)

_FIRST = (
    # Interval averages: half away from zero upwards, as Java's Math.round does.
    "olo_floor_half_up(total, n) AS olo_floor_div(2 * total + n, 2 * nullif(n, 0))",
    "olo_keyed(l) AS list_filter(l, lambda e: e.k IS NOT NULL)",
    # Which one of several with the same key comes first Trino's heap decides.
    f"""olo_most_by_or_refuse(l, n, name) AS list_transform([struct_pack(l := l, n := n)], lambda s:
    CASE WHEN s.l IS NULL OR len(s.l) = 0 OR s.n IS NULL THEN NULL
    ELSE list_transform(s.l[:CASE WHEN s.n <= 0 THEN {
        fail(ARGUMENT, "'third argument of ' || name || ' must be a positive integer'")
    } WHEN s.n > 10000 THEN {
        fail(ARGUMENT, "'third argument of ' || name || ' must be less than or equal to 10000; found ' || s.n")
    } WHEN len(list_distinct(list_transform(s.l[:s.n + 1], lambda e: e.k))) < least(len(s.l), s.n + 1) THEN {
        fail("unsupported", "name || ' with a number where several rows have the same key'")
    } ELSE s.n END], lambda e: e.v) END)[1]""",
)

_TEXTS = (
    f"""olo_listagg_or_refuse(t) AS CASE WHEN strlen(t) > 1048576 THEN {
        fail_text("unsupported", "'listagg of more than 1048576 bytes'")
    } ELSE t END""",
)

_PERCENTILES = (
    f"""olo_share(p) AS CASE WHEN p IS NULL OR isnan(p) OR p < 0 OR p > 1 THEN CAST({
        fail(ARGUMENT, "'Percentile must be between 0 and 1'")
    } AS DOUBLE) ELSE p END""",
    f"""olo_few_or_refuse(x) AS x[:CASE WHEN len(x) > 35 THEN {
        fail("unsupported", "'approx_percentile of more than 35 values'")
    } WHEN len(list_filter(x, lambda y: NOT isfinite(y) OR abs(y) > 9007199254740992)) > 0 THEN {
        fail("unsupported", "'approx_percentile of values beyond 2^53'")
    } ELSE len(x) END]""",
    "olo_sorted_or_refuse(l) AS list_sort(olo_few_or_refuse(list_filter(l, lambda y: y IS NOT NULL)))",
    "olo_percentile_of(x, p) AS x[1 + least(CAST(floor(olo_share(p) * len(x)) AS BIGINT), len(x) - 1)]",
    """olo_percentile_or_refuse(l, p) AS list_transform([struct_pack(x := olo_sorted_or_refuse(l), p := p)],
    lambda s: CASE WHEN len(s.x) > 0 THEN olo_percentile_of(s.x, s.p) END)[1]""",
    """olo_percentiles_or_refuse(l, p) AS list_transform([struct_pack(x := olo_sorted_or_refuse(l), p := p)],
    lambda s: CASE WHEN len(s.x) > 0 THEN list_transform(s.p, lambda one: olo_percentile_of(s.x, one)) END)[1]""",
)

MACROS = (*_FIRST, *_MOMENTS, *_MAPS, *_TEXTS, *_PERCENTILES)
