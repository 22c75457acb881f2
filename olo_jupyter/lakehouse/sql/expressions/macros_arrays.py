"""DuckDB macros of further functions over arrays: parts of them, choices from them, arrays as vectors."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail


def _longer(shorter: str) -> str:
    """Choices of one more place: by their last place, then as the shorter ones are."""
    grown = f"list_transform(list_filter({shorter}, lambda c: c[-1] < m), lambda c: list_append(c, m))"
    return f"flatten(list_transform(range(len(a)), lambda m: {grown}))"


_ONE = "list_transform(range(len(a)), lambda m: [m])"
_PLACES = [_ONE]
for _ in range(4):
    _PLACES.append(_longer(_PLACES[-1]))

_PARTS = (
    f"""olo_combinations_or_refuse(a, n) AS CASE WHEN a IS NULL OR n IS NULL THEN NULL
    WHEN n < 0 THEN [[a[{fail(ARGUMENT, "'combination size must not be negative: ' || n")}]]]
    WHEN n > 5 THEN [[a[{fail(ARGUMENT, "'combination size must not exceed 5: ' || n")}]]]
    WHEN n = 0 THEN [a[1:0]]
    WHEN len(a) > 40 THEN [[a[{fail("unsupported", "'combinations of more than 40 elements'")}]]]
    ELSE list_transform(CASE n {" ".join(f"WHEN {at + 1} THEN {text}" for at, text in enumerate(_PLACES))} END,
    lambda c: list_transform(c, lambda m: a[m + 1])) END""",
    """olo_contains_sequence(a, s) AS CASE WHEN a IS NULL OR s IS NULL THEN NULL WHEN len(s) = 0 THEN true
    ELSE len(list_filter(range(len(a) - len(s) + 1), lambda i: a[i + 1:i + len(s)] = s)) > 0 END""",
    f"""olo_ngrams(a, n) AS CASE WHEN a IS NULL OR n IS NULL THEN NULL
    WHEN n <= 0 THEN [[a[{fail(ARGUMENT, "'N must be positive'")}]]] WHEN n >= len(a) THEN [a]
    ELSE list_transform(range(len(a) - n + 1), lambda i: a[i + 1:i + n]) END""",
    "olo_shuffled(a) AS list_transform(list_sort(list_transform(a, lambda x: struct_pack(r := random(), v := x))), "
    "lambda s: s.v)",
)

_ORDERS = (
    "olo_pairs_of(a) AS flatten(list_transform(a, lambda x: list_transform(a, lambda y: struct_pack(x := x, y := y))))",
    # Equal elements change places unseen. A comparator may say anything of them, where Trino's sort doesn't look twice.
    """olo_signs(a, c, same) AS list_transform([struct_pack(a := a, c := c)], lambda p:
    list_transform(range(1, len(p.a) + 1), lambda i: list_transform(range(1, len(p.a) + 1), lambda j:
    CASE WHEN i = j OR (same AND len(p.a) < 32 AND p.a[i] IS NOT DISTINCT FROM p.a[j]
    AND p.c[(i - 1) * len(p.a) + j] BETWEEN -1 AND 1) THEN 0
    ELSE p.c[(i - 1) * len(p.a) + j] END)))[1]""",
    # It is an order when each sign is that of the difference between two sums of signs: any sort gives the same then.
    f"""olo_by_signs(a, m) AS list_transform([struct_pack(m := m, s := list_transform(m, lambda r: list_sum(r)))],
    lambda p: CASE WHEN len(list_filter(range(1, len(a) + 1), lambda i: len(list_filter(range(1, len(a) + 1),
    lambda j: p.m[i][j] IS DISTINCT FROM CAST(sign(p.s[i] - p.s[j]) AS INTEGER))) > 0)) > 0
    THEN a[:{fail("unsupported", "'array_sort by a comparator that is no order: -1, 0 or 1, opposite for (y, x)'")}]
    ELSE list_transform(list_sort(list_transform(p.s, lambda v, i: struct_pack(v := v, i := i))), lambda o: a[o.i])
    END)[1]""",
    """olo_by_comparisons(a, c, same) AS CASE WHEN len(a) < 2 THEN a ELSE list_transform([olo_signs(a, c, same)],
    lambda m: olo_by_signs(a, m))[1] END""",
    # The texts between matches and what stands for each match; NULL where one of these is.
    """olo_woven(between, made) AS CASE WHEN len(list_filter(made, lambda x: x IS NULL)) = 0 THEN
    array_to_string(list_transform(between, lambda x, i: x || coalesce(made[i], '')), '') END""",
)

_VECTORS = (
    # Trino reads a NULL in a vector as 0.
    f"""olo_products(a, b) AS list_transform(CASE WHEN len(a) <> len(b) THEN a[:{
        fail(ARGUMENT, "'The arguments must have the same length'")
    }] ELSE a END, lambda x, i: coalesce(x, CAST(0 AS DOUBLE)) * coalesce(b[i], CAST(0 AS DOUBLE)))""",
    """olo_dot(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL
    THEN coalesce(list_sum(olo_products(a, b)), CAST(0 AS DOUBLE)) END""",
    f"""olo_square(a) AS list_transform([olo_dot(a, a)], lambda m: CASE WHEN m = 0 THEN CAST({
        fail(ARGUMENT, "'Vector magnitude cannot be zero'")
    } AS DOUBLE) ELSE m END)[1]""",
    f"""olo_cosine(a, b) AS CASE WHEN len(a) <> len(b) THEN CAST({
        fail(ARGUMENT, "'The arguments must have the same length'")
    } AS DOUBLE) WHEN NOT olo_has_null(a) AND NOT olo_has_null(b)
    THEN olo_dot(a, b) / sqrt(olo_square(a) * olo_square(b)) END""",
    """olo_map_cosine(a, b) AS CASE WHEN NOT olo_has_null(map_values(a)) AND NOT olo_has_null(map_values(b))
    THEN list_transform([map_values(a)], lambda l: olo_dot(l,
    list_transform(map_keys(a), lambda k: map_extract(b, k)[1]))
    / (sqrt(olo_dot(l, l)) * sqrt(olo_dot(map_values(b), map_values(b)))))[1] END""",
    """olo_differences(a, b) AS list_transform(a,
    lambda x, i: coalesce(x, CAST(0 AS DOUBLE)) - coalesce(b[i], CAST(0 AS DOUBLE)))""",
    """olo_euclidean(a, b) AS CASE WHEN olo_dot(a, b) IS NOT NULL THEN list_transform([olo_differences(a, b)],
    lambda d: sqrt(olo_dot(d, d)))[1] END""",
)

_BITS = (
    "olo_power_of_two(k) AS CAST(pow(CAST(2 AS DOUBLE), k) AS HUGEINT)",
    "olo_wrapped_to(s, unit) AS olo_floor_mod(s + unit // 2, unit) - unit // 2",
    """olo_shifted_left(x, k, bits) AS CASE WHEN x IS NULL OR k IS NULL THEN NULL WHEN k >= bits THEN 0
    ELSE olo_wrapped_to(CAST(x AS HUGEINT) * olo_power_of_two(k & 63) % olo_power_of_two(bits),
    olo_power_of_two(bits)) END""",
    """olo_shifted_right(x, k, bits) AS CASE WHEN x IS NULL OR k IS NULL THEN NULL WHEN k >= bits THEN 0
    ELSE olo_wrapped_to((CAST(x AS HUGEINT) + CASE WHEN x < 0 THEN olo_power_of_two(bits) ELSE 0 END) //
    olo_power_of_two(k & 63), olo_power_of_two(bits)) END""",
    """olo_shifted_arithmetic(x, k, bits) AS CASE WHEN x IS NULL OR k IS NULL THEN NULL
    WHEN k >= bits THEN CASE WHEN x < 0 THEN -1 ELSE 0 END
    ELSE olo_floor_div(CAST(x AS HUGEINT), olo_power_of_two(k & 63)) END""",
)

MACROS = (*_PARTS, *_ORDERS, *_VECTORS, *_BITS)
