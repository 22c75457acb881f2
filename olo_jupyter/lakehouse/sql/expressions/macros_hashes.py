"""DuckDB macros of xxHash64, in whole numbers modulo 2^64 (Yann Collet's specification), and what Trino builds on it.

Each step binds what it uses twice to a lambda's parameter: a macro's argument is written out wherever it stands.
"""

from __future__ import annotations

import json
from importlib import resources

from olo_jupyter.lakehouse.sql.expressions.raising import fail

_TABLES = json.loads(
    (resources.files("olo_jupyter.lakehouse.sql.expressions") / "data" / "hyperloglog.json").read_text()
)
_RAW, _BIAS = (f"CAST({_TABLES[name]} AS DOUBLE[])" for name in ("raw", "bias"))
"""The raw estimates of 2048 buckets, and by how much they are too high (Heule and others: HyperLogLog in Practice)."""
_ALPHA = 0.7213 / (1 + 1.079 / 2048) * 2048 * 2048
_LINEAR_FROM = 819
"""More empty buckets, two fifths, and Trino counts those alone."""


def _u(number: int) -> str:
    return f"CAST('{number}' AS UHUGEINT)"


_M = _u(2**64)
_PRIMES = (
    11400714785074694791,
    14029467366897019727,
    1609587929392839161,
    9650029242287828579,
    2870177450012600261,
)
_P1, _P2, _P3, _P4, _P5 = map(_u, _PRIMES)
_IDLE = f"x := {_u(0)}, p := {_u(0)}, m := {_u(0)}, a := {_u(0)}"
_NEXT = f"lambda s, e: struct_pack(h := olo_xx_step(s.h, e.x, e.p, e.m, e.a), {_IDLE})"


def _step(value: str, turn: int, times: str, plus: str) -> str:
    return f"struct_pack(h := {_u(0)}, x := {value}, p := {_u(2**turn)}, m := {times}, a := {plus})"


_XX = (
    f"olo_u64_turned(x, p) AS list_transform([x * p], lambda y: (y % {_M}) + (y // {_M}))[1]",
    f"olo_xx_round(s, v) AS olo_u64_turned((s + v * {_P2}) % {_M}, {_u(2**31)}) * {_P1} % {_M}",
    f"olo_xx_step(h, x, p, m, a) AS (olo_u64_turned(xor(h, x), p) * m + a) % {_M}",
    f"olo_xx_mixed(h, p, m) AS list_transform([h], lambda y: xor(y, y // p) * m % {_M})[1]",
    f"olo_xx_end(h) AS olo_xx_mixed(olo_xx_mixed(olo_xx_mixed(h, {_u(2**33)}, {_P2}), {_u(2**29)}, {_P3}), "
    f"{_u(2**32)}, {_u(1)})",
    f"olo_xx_number(v) AS olo_xx_end(olo_xx_step({_u(_PRIMES[4] + 8)}, olo_xx_round({_u(0)}, v), {_u(2**27)}, "
    f"{_P1}, {_P4}))",
    "olo_little_endian(h) AS CAST(CAST('0x' || array_to_string(list_reverse(regexp_extract_all(h, '..')), '') "
    "AS UBIGINT) AS UHUGEINT)",
    "olo_xx_word(h, start, digits) AS olo_little_endian(h[start + 1:start + digits])",
    f"""olo_xx_lanes(h, n) AS list_reduce(list_transform(range(n // 32), lambda i: list_transform(range(4),
    lambda j: olo_xx_word(h, i * 64 + j * 16, 16))), lambda s, e: [olo_xx_round(s[1], e[1]), olo_xx_round(s[2], e[2]),
    olo_xx_round(s[3], e[3]), olo_xx_round(s[4], e[4])],
    [{_u((_PRIMES[0] + _PRIMES[1]) % 2**64)}, {_P2}, {_u(0)}, {_u(-_PRIMES[0] % 2**64)}])""",
    f"""olo_xx_merged(v) AS list_reduce(list_transform(v, lambda e: {
        _step(f"olo_xx_round({_u(0)}, e)", 0, _P1, _P4)
    }), {_NEXT}, struct_pack(h := (olo_u64_turned(v[1], {_u(2)}) + olo_u64_turned(v[2], {_u(2**7)})
    + olo_u64_turned(v[3], {_u(2**12)}) + olo_u64_turned(v[4], {_u(2**18)})) % {_M}, {_IDLE})).h""",
    f"""olo_xx_start(h, n) AS CASE WHEN n < 32 THEN {_P5}
    ELSE list_transform([olo_xx_lanes(h, n)], lambda v: olo_xx_merged(v))[1] END""",
    f"""olo_xx_rest(h, n) AS list_transform(range(n % 32 // 8), lambda i: {
        _step(f"olo_xx_round({_u(0)}, olo_xx_word(h, n // 32 * 64 + i * 16, 16))", 27, _P1, _P4)
    }) || list_transform(range(n % 8 // 4), lambda i: {
        _step(f"olo_xx_word(h, n // 8 * 16, 8) * {_P1} % {_M}", 23, _P2, _P3)
    }) || list_transform(range(n % 4), lambda i: {
        _step(f"olo_xx_word(h, n // 4 * 8 + i * 2, 2) * {_P5} % {_M}", 11, _P1, _u(0))
    })""",
    f"""olo_xx_hex(h, n) AS olo_xx_end(list_reduce(olo_xx_rest(h, n), {_NEXT},
    struct_pack(h := (olo_xx_start(h, n) + CAST(n AS UHUGEINT)) % {_M}, {_IDLE})).h)""",
    "olo_xx_bytes(b) AS list_transform([hex(b)], lambda h: olo_xx_hex(h, CAST(length(h) // 2 AS BIGINT)))[1]",
    "olo_xxhash64(b) AS CASE WHEN b IS NOT NULL THEN "
    "from_hex(lpad(to_hex(CAST(olo_xx_bytes(b) AS UBIGINT)), 16, '0')) END",
)

_SET = (
    f"olo_unsigned(x) AS CAST(CAST(x AS HUGEINT) + CASE WHEN x < 0 THEN CAST({_M} AS HUGEINT) ELSE 0 END AS UHUGEINT)",
    f"""olo_long_decimal_hash(u) AS xor(olo_xx_number(CAST(olo_floor_mod(u, CAST({_M} AS HUGEINT)) AS UHUGEINT)),
    olo_xx_number(olo_unsigned(olo_floor_div(u, CAST({_M} AS HUGEINT)))))""",
    f"olo_checksum_of_null() AS CAST({_P1} AS HUGEINT)",
    f"olo_checksum_of(h) AS CAST(h * {_P1} % {_M} AS HUGEINT)",
    f"""olo_checksum(s) AS from_hex(array_to_string(list_reverse(regexp_extract_all(lpad(to_hex(
    CAST(s % CAST({_M} AS HUGEINT) AS UBIGINT)), 16, '0'), '..')), ''))""",
    # Trino's HyperLogLog of 2048 buckets: the distinct first 26 bits of the hashes while they are few, then the
    # buckets. Where it goes over from one to the other depends on its plan, and so does nothing else.
    f"""olo_distinct_estimate_or_refuse(hashes) AS CASE WHEN len(hashes) = 0 THEN CAST(0 AS BIGINT)
    WHEN len(hashes) <= 220 THEN CAST(round(67108864 * ln(67108864 / (67108864
    - len(list_distinct(list_transform(hashes, lambda h: h // {_u(2**38)})))))) AS BIGINT)
    WHEN len(hashes) < 320 THEN {
        fail("unsupported", "'approx_distinct of 220 to 320 values, which depends on its plan'")
    } ELSE list_transform([2048 - len(list_distinct(list_transform(hashes, lambda h: h // {_u(2**53)})))],
    lambda z: CASE WHEN z > {_LINEAR_FROM} THEN CAST(round(2048 * ln(2048 / z)) AS BIGINT)
    ELSE olo_corrected_estimate(olo_raw_estimate(hashes)) END)[1] END""",
    # Each bucket's greatest number of leading zeros, behind the 11 bits that name the bucket, plus one.
    f"""olo_raw_estimate(hashes) AS list_transform([list_sort(list_distinct(list_transform(hashes, lambda h:
    CAST(h // {_u(2**53)} AS BIGINT) * 64 + CASE WHEN h % {_u(2**53)} = {_u(0)} THEN 54
    ELSE 54 - length(bin(CAST(h % {_u(2**53)} AS UBIGINT))) END)))],
    lambda d: list_transform([list_filter(d, lambda e, i: i = len(d) OR d[i + 1] // 64 <> e // 64)],
    lambda r: {_ALPHA!r} / (2048 - len(r) + list_sum(list_transform(r, lambda e: pow(2.0, -(e % 64)))))))[1][1]""",
    f"""olo_corrected_estimate(raw) AS list_transform([
    struct_pack(e := CAST(raw AS DOUBLE), r := {_RAW}, b := {_BIAS})], lambda t: list_transform(
    [len(list_filter(t.r, lambda x: x < t.e)) + 1], lambda i: CAST(round(CASE
    WHEN t.e < t.r[1] OR t.e > t.r[-1] THEN t.e WHEN t.r[i] = t.e THEN t.e - t.b[i]
    ELSE t.e - ((t.e - t.r[i - 1]) * (t.b[i] - t.b[i - 1]) / (t.r[i] - t.r[i - 1]) + t.b[i - 1])
    END) AS BIGINT))[1])[1]""",
)

_HELD = (
    f"""olo_set_estimate_or_refuse(hashes) AS CASE WHEN len(hashes) > 400 THEN {
        fail("unsupported", "'cardinality of a hyperloglog of more than 400 values'")
    } ELSE CAST(round(67108864 * ln(67108864 / (67108864 - len(list_distinct(list_transform(hashes,
    lambda h: h // {_u(2**38)})))))) AS BIGINT) END""",
    """olo_merged_sets(l) AS list_transform([list_filter(l, lambda s: s IS NOT NULL)],
    lambda sets: CASE WHEN len(sets) > 0 THEN list_distinct(flatten(sets)) END)[1]""",
)

MACROS = (*_XX, *_SET, *_HELD)
