"""DuckDB macros and settings that the lowered text relies on: macros when one is called, settings on every cursor.

An error is raised by a CAST of its text, ``olo:<trino error code>:<message>``, that can't succeed: DuckDB's error()
counts as volatile, so it can't stand inside TRY and stops filters from being pushed down. A macro whose name has
``refuse`` in it may raise ``unsupported``, which TRY lets through.
"""

from __future__ import annotations

from importlib import resources

from olo_jupyter.lakehouse.sql.expressions import (
    guards,
    iso,
    macros_aggregates,
    macros_arrays,
    macros_bytes,
    macros_collections,
    macros_hashes,
    macros_json,
    macros_links,
    macros_scalars,
    macros_sqljson,
    macros_strings,
    macros_texts,
    macros_words,
)
from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT as _ARGUMENT
from olo_jupyter.lakehouse.sql.expressions.raising import CAST as _CAST
from olo_jupyter.lakehouse.sql.expressions.raising import fail, fail_text

SETTINGS: dict[str, str] = {
    "TimeZone": "UTC",
    "ieee_floating_point_ops": "true",
    "error_on_division_by_zero": "true",
    "default_null_order": "nulls_last",
    "order_by_non_integer_literal": "true",
}
"""Session settings, to be set with ``SET name = 'value'``."""


_BLANK = r"[\x00-\x20]*"
_TRIMMED = r"regexp_replace(t, '[\x00-\x20]+', '', 'g')"
_BARE = r"regexp_replace(t, '[\x00-\x20dDfF]+$|^[\x00-\x20]+', '', 'g')"
# The zeros of the other scripts' digits (Unicode 14): Java reads those digits too.
_ZEROS = (
    "660 6f0 7c0 966 9e6 a66 ae6 b66 be6 c66 ce6 d66 de6 e50 ed0 f20 1040 1090 "
    "17e0 1810 1946 19d0 1a80 1a90 1b50 1bb0 1c40 1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10 "
    "104a0 10d30 11066 110f0 11136 111d0 112f0 11450 114d0 11650 116c0 11730 118e0 11950 11c50 11d50 11da0 16a60 "
    "16ac0 16b50 1d7ce 1d7d8 1d7e2 1d7ec 1d7f6 1e140 1e2f0 1e950 1fbf0 "
)
_DIGITS = "".join(chr(int(zero, 16) + value) for zero in _ZEROS.split() for value in range(10))
_ASCII = "0123456789" * (len(_DIGITS) // 10)
_FLOAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_DATE = "-?[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}"
_SIGNED = f"({_DATE}|[+]{_DATE.removeprefix('-?')})"
_TIME = r"([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]{1,12})?)?"
_OFFSET = (
    "(Z|(UT|UTC|GMT)?[+-]([0-9]|0[0-9]|1[0-7])|[+-](0[0-9]|1[0-7])(:?[0-5][0-9]){1,2}"
    "|(UT|UTC|GMT)[+-](0[0-9]|1[0-7]):[0-5][0-9])"
)
# The names of time zones that Trino 483 knows (all were asked), between spaces.
_REGIONS = f" {(resources.files('olo_jupyter.lakehouse.sql.expressions') / 'data' / 'zones.txt').read_text().strip()} "
_ZONE = " ?(UTC|Z|[+-][0-9]{2}:[0-9]{2})"


def _input(type_: str, pattern: str, text: str = "t") -> str:
    """``text`` where ``t`` fully matches ``pattern``, else Trino's error of a cast from text."""
    message = f"'Cannot cast ''' || t || ''' to ' || {type_}"
    return f"CASE WHEN regexp_full_match(t, '{pattern}') THEN {text} ELSE {fail_text(_CAST, message)} END"


_NUMBERS = (
    # Division of whole numbers, half away from zero: the heart of decimal arithmetic.
    # Nothing is divided where one side is NULL, so that NULL / 0 is NULL.
    f"olo_divisor(n, d) AS CASE WHEN d = 0 AND n IS NOT NULL THEN "
    f"{fail('division-by-zero', repr('Division by zero'))} ELSE d END",
    "olo_half_up(n, d) AS (n // olo_divisor(n, d)) + CASE WHEN 2 * abs(n % olo_divisor(n, d)) >= abs(d) "
    "THEN (CASE WHEN (n < 0) <> (d < 0) THEN -1 ELSE 1 END) ELSE 0 END",
    "olo_floor_div(a, b) AS (a - (((a % b) + b) % b)) // b",
    "olo_floor_mod(a, b) AS ((a % b) + b) % b",
    "olo_unscaled(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)",
    # Trino's TRY doesn't take this error, so that TRY mustn't here.
    f"""olo_mod(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL THEN {
        fail("generic-internal-error", "'/ by zero'")
    } ELSE olo_modulo(a, b) END""",
    f"""olo_refuse_narrowing() AS {
        fail_text("unsupported", "'comparison of decimals whose common type has no room for both'")
    }""",
    "olo_wrapped(s) AS CAST(olo_floor_mod(s + CAST('9223372036854775808' AS HUGEINT), "
    "CAST('18446744073709551616' AS HUGEINT)) - CAST('9223372036854775808' AS HUGEINT) AS BIGINT)",
    # The average of n decimals that are summed as h * 10^19 + l: floor, rest, then half away from zero.
    "olo_high_unit() AS CAST('10000000000000000000' AS HUGEINT)",
    "olo_average_floor(h, l, n) AS h // n * olo_high_unit() + olo_floor_div(h % n * olo_high_unit() + l, n)",
    "olo_average_rest(h, l, n) AS olo_floor_mod(h % n * olo_high_unit() + l, n)",
    "olo_average(h, l, n) AS olo_average_floor(h, l, n) + CASE WHEN 2 * olo_average_rest(h, l, n) > n "
    "OR (2 * olo_average_rest(h, l, n) = n AND olo_average_floor(h, l, n) >= 0) THEN 1 ELSE 0 END",
    "olo_modulo(a, b) AS CASE WHEN b = -1 THEN a - a ELSE a % b END",
    f"""olo_shift_or_refuse(n, unit, bound) AS CASE WHEN abs(n) >= bound THEN {
        fail("unsupported", "'decimal division beyond 38 digits on the way'")
    } ELSE n * unit END""",
    f"""olo_times_or_refuse(a, b) AS CASE WHEN b <> 0 AND abs(a) > CAST('1{"0" * 38}' AS HUGEINT) // abs(b) THEN {
        fail("unsupported", "'decimal multiplication beyond 38 digits on the way'")
    } ELSE a * b END""",
    # Comparisons where NaN is neither equal, less nor greater; NULL stays NULL.
    "olo_nan_eq(a, b) AS ((a = b) AND NOT (isnan(a) AND isnan(b)))",
    "olo_nan_lt(a, b) AS (CASE WHEN a < b THEN NOT isnan(b) ELSE a < b END)",
    "olo_nan_le(a, b) AS (CASE WHEN a <= b THEN NOT isnan(b) ELSE a <= b END)",
)

_TINY = fail_text("unsupported", "'the text of a number this close to zero'")

_TO_TEXT = (
    f"""olo_fit(t, n, kind) AS CASE WHEN length(t) > n THEN {
        fail_text(_CAST, "'Value ' || t || ' of type ' || kind || ' cannot be represented as varchar(' || n || ')'")
    } ELSE t END""",
    # '123.45', '0.0012', '1.2e-07' → '1.2345E2', '1.2E-3', '1.2E-7'
    "olo_exponent(s) AS CASE WHEN contains(s, 'e') THEN CAST(split_part(s, 'e', 2) AS INTEGER) "
    "WHEN starts_with(s, '0.') THEN length(ltrim(s[3:], '0')) - length(s) + 1 "
    "ELSE length(split_part(s, '.', 1)) - 1 END",
    "olo_digits(s) AS rtrim(ltrim(replace(split_part(s, 'e', 1), '.', ''), '0'), '0')",
    "olo_scientific(s) AS olo_digits(s)[1] || '.' || "
    "CASE WHEN length(olo_digits(s)) > 1 THEN olo_digits(s)[2:] ELSE '0' END || 'E' || olo_exponent(s)",
    "olo_double_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN abs(x) < 2.3e-308 AND x <> 0 THEN "
    f"{_TINY} "
    "WHEN x = 0 THEN replace(CAST(x AS VARCHAR), '.0', 'E0') "
    "WHEN isinf(x) THEN CASE WHEN x < 0 THEN '-Infinity' ELSE 'Infinity' END "
    "ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || olo_scientific(CAST(abs(x) AS VARCHAR)) END",
    # Trino writes at most seven digits of a real.
    f"olo_real_text(x) AS CASE WHEN abs(x) < 1.2e-38 AND x <> 0 THEN {_TINY} "
    "WHEN isnan(x) OR isinf(x) OR x = 0 THEN olo_double_text(x) "
    "ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || olo_scientific_7(printf('%.6e', CAST(abs(x) AS DOUBLE))) END",
    "olo_scientific_7(s) AS olo_digits(s)[1] || '.' || "
    "CASE WHEN length(olo_digits(s)) > 1 THEN olo_digits(s)[2:] ELSE '0' END || 'E' || olo_exponent(s)",
    # '1.2e-07' → '0.00000012', '1.5e+20' → '150000000000000000000'
    "olo_plain_positive(s) AS CASE WHEN NOT contains(s, 'e') THEN s "
    "WHEN olo_exponent(s) < 0 THEN '0.' || repeat('0', -olo_exponent(s) - 1) || olo_digits(s) "
    "WHEN olo_exponent(s) + 1 >= length(olo_digits(s)) "
    "THEN olo_digits(s) || repeat('0', olo_exponent(s) + 1 - length(olo_digits(s))) "
    "ELSE olo_digits(s)[1:olo_exponent(s) + 1] || '.' || olo_digits(s)[olo_exponent(s) + 2:] END",
    "olo_plain(x) AS CASE WHEN x < 0 THEN '-' ELSE '' END || olo_plain_positive(CAST(abs(x) AS VARCHAR))",
    "olo_point_text(s) AS CASE WHEN starts_with(s, '.') THEN '0' || s "
    "WHEN starts_with(s, '-.') THEN '-0' || s[2:] ELSE s END",
    f"""olo_date_text_or_refuse(d) AS CASE WHEN d < DATE '0001-01-01' OR d > DATE '9999-12-31' THEN {
        fail_text("unsupported", "'dates outside the years 1 to 9999 as text'")
    } ELSE CAST(d AS VARCHAR) END""",
    "olo_fraction(f, p) AS CASE WHEN p = 0 THEN '' ELSE '.' || f[1:p] END",
    "olo_time_text(t, p) AS left(CAST(t AS VARCHAR), 8) || "
    "olo_fraction(lpad(CAST(epoch_us(t) % 1000000 AS VARCHAR), 6, '0'), p)",
    f"""olo_timestamp_text_or_refuse(t, p) AS CASE
    WHEN t < TIMESTAMP '0001-01-01' OR t >= TIMESTAMP '10000-01-01' THEN {
        fail_text("unsupported", "'timestamps outside the years 1 to 9999 as text'")
    } ELSE strftime(t, '%Y-%m-%d %H:%M:%S') || olo_fraction(strftime(t, '%f'), p) END""",
    "olo_months_text(m) AS CASE WHEN m < 0 THEN '-' ELSE '' END || (abs(m) // 12) || '-' || (abs(m) % 12)",
    "olo_milliseconds_text(m) AS CASE WHEN m < 0 THEN '-' ELSE '' END || (abs(m) // 86400000) || ' ' || "
    "lpad(CAST(abs(m) // 3600000 % 24 AS VARCHAR), 2, '0') || ':' || "
    "lpad(CAST(abs(m) // 60000 % 60 AS VARCHAR), 2, '0') || ':' || "
    "lpad(CAST(abs(m) // 1000 % 60 AS VARCHAR), 2, '0') || '.' || lpad(CAST(abs(m) % 1000 AS VARCHAR), 3, '0')",
)

_FROM_TEXT = (
    f"olo_ascii_digits(t) AS CASE WHEN regexp_matches(t, '[^\\x00-\\x7F]') "
    f"THEN translate(t, '{_DIGITS}', '{_ASCII}') ELSE t END",
    f"olo_odd_integer_text(t, kind) AS {_input('kind', f'{_BLANK}[+-]?[0-9]+{_BLANK}', _TRIMMED)}",
    f"olo_ascii_decimal_input(t, kind) AS {_input('kind', _FLOAT)}",
    "olo_integer_text(t, kind) AS CASE WHEN regexp_full_match(t, '[+-]?[0-9]+') THEN t "
    "ELSE olo_odd_integer_text(olo_ascii_digits(t), kind) END",
    f"olo_float_input(t, kind) AS {_input('kind', f'{_BLANK}({_FLOAT}[dDfF]?|NaN|[+-]?Infinity){_BLANK}', _BARE)}",
    "olo_decimal_input(t, kind) AS olo_ascii_decimal_input(olo_ascii_digits(t), kind)",
    "olo_boolean_input(t) AS CASE lower(t) WHEN 'true' THEN true WHEN 't' THEN true WHEN '1' THEN true "
    "WHEN 'false' THEN false WHEN 'f' THEN false WHEN '0' THEN false ELSE CASE WHEN t IS NULL THEN NULL "
    f"""ELSE CAST({fail(_CAST, "'Cannot cast ''' || t || ''' to boolean'")} AS BOOLEAN) END END""",
    f"""olo_date_input(t) AS {_input("'date'", f"[ ]*{_SIGNED}[ ]*", "ltrim(trim(t), '+')")}""",
    f"""olo_time_input(t) AS {_input("'time'", _TIME)}""",
    f"olo_zoned(t) AS regexp_full_match(t, ' *{_SIGNED}( {_TIME})? *{_OFFSET} *') "
    f"OR (regexp_full_match(t, ' *{_SIGNED}( {_TIME} *| +)[A-Z][A-Za-z]+[^ ]* *') "
    f"""AND contains('{_REGIONS}', ' ' || regexp_extract(t, '[A-Z][^ ]*') || ' '))""",
    f"""olo_odd_timestamp_text(t) AS CASE WHEN olo_zoned(t) THEN t ELSE {
        fail_text(_CAST, "'Value cannot be cast to timestamp: ' || t")
    } END""",
    f"olo_timestamp_text(t) AS CASE WHEN regexp_full_match(t, '[ ]*{_SIGNED}( {_TIME}({_ZONE})?)?[ ]*') THEN t "
    "ELSE olo_odd_timestamp_text(t) END",
    # Half up looks at one more digit only, so that the rest may go; the seventh counts for microseconds themselves.
    r"olo_timestamp_local(t) AS CAST(regexp_replace(regexp_extract(ltrim(trim(t), '+'), '[^ ]+( [0-9.:]+)?'), "
    r"'(\.[0-9]{6})[0-9]+', '\1') AS TIMESTAMP)",
    r"olo_seventh(t) AS CASE WHEN regexp_extract(t, '\.[0-9]{6}([0-9])', 1) >= '5' THEN 1 ELSE 0 END",
    "olo_timestamp_input(t, p) AS CASE WHEN p = 6 "
    "THEN make_timestamp(epoch_us(olo_timestamp_local(olo_timestamp_text(t))) + olo_seventh(t)) "
    "ELSE olo_timestamp_local(olo_timestamp_text(t)) END",
    f"""olo_uuid_input(t) AS {_input("'uuid'", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")}""",
    f"olo_refuse_zones(t) AS CASE WHEN regexp_full_match(t, '.*[0-9] ?([A-Za-z+-].*)') "
    f"""AND NOT regexp_full_match(t, ' *[0-9-]+( +[0-9:.]+( ?UTC| ?Z| ?[+-]00?(:00)?)?)? *|[0-9-]+T.*') THEN {
        fail_text("unsupported", "'time zone other than UTC: ' || t")
    } ELSE t END""",
    f"""olo_refuse_early(t) AS CASE WHEN t < TIMESTAMP '1970-01-01' AND epoch_us(t) % 1000000 <> 0 THEN CAST({
        fail_text("unsupported", "'time of a moment before 1970 with a fraction of a second'")
    } AS TIMESTAMP) ELSE t END""",
)

_TIMES = (
    f"""olo_whole_days(ms) AS CASE WHEN ms % 86400000 <> 0 THEN {
        fail(_ARGUMENT, "'Cannot add hour, minutes or seconds to a date'")
    } ELSE CAST(ms // 86400000 AS INTEGER) END""",
    # Trino's TRY doesn't take this error either.
    f"""olo_interval_divisor(n, d) AS CASE WHEN d = 0 AND n IS NOT NULL THEN {
        fail(_ARGUMENT, "'Cannot divide by double 0.0'", beyond_try=True)
    } ELSE d END""",
    # As Java makes a long of a double.
    """olo_nearest_bigint(d) AS CASE WHEN d >= 9223372036854775808.0 AND NOT isnan(d) THEN 9223372036854775807
    WHEN d <= -9223372036854775808.0 THEN CAST('-9223372036854775808' AS BIGINT) ELSE CAST(d AS BIGINT) END""",
    "olo_rounded_milliseconds(us) AS olo_floor_div(us + 500, 1000)",
    "olo_milliseconds(t) AS olo_floor_div(epoch_us(t), 1000)",
    "olo_months_between(a, b) AS datesub('month', a, b)",
    "olo_round(us, unit) AS olo_floor_div(us + unit // 2, unit) * unit",
    "olo_round_timestamp(t, unit) AS make_timestamp(olo_round(epoch_us(t), unit))",
    "olo_round_time(t, unit) AS CAST(make_timestamp(olo_round(epoch_us(t), unit)) AS TIME)",
)

_COLLECTIONS = (
    f"""olo_index(a, i) AS CASE WHEN i = 0 THEN {fail(_ARGUMENT, "'SQL array indices start at 1'")} WHEN i < 0 THEN {
        fail(_ARGUMENT, "'Array subscript is negative: ' || i")
    } WHEN i > len(a) THEN {
        fail(_ARGUMENT, "'Array subscript must be less than or equal to array length: ' || i || ' > ' || len(a)")
    } ELSE i END""",
    "olo_subscript(a, i) AS array_extract(a, CASE WHEN a IS NOT NULL THEN olo_index(a, i) END)",
    f"""olo_map_subscript(m, k) AS map_values(m)[CASE WHEN m IS NULL OR k IS NULL OR map_contains(m, k)
    THEN list_position(map_keys(m), k)
    ELSE {fail(_ARGUMENT, "'Key not present in map: ' || CAST(k AS VARCHAR)")} END]""",
)

_FLOATS = (
    f"""olo_offset(n) AS CASE WHEN n IS NULL OR n < 0
    THEN {fail(_ARGUMENT, "'Offset must be at least 0'")} ELSE n END""",
    f"""olo_position(n) AS CASE WHEN n < 1 THEN {fail(_ARGUMENT, "'Offset must be at least 1'")} ELSE n END""",
    "olo_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END",
    "olo_ln(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) "
    "WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE ln(x) END",
    # Math.round: halves go up, also below zero, and what is no number is 0.
    "olo_java_round(x) AS CASE WHEN isnan(x) THEN 0 WHEN x - floor(x) >= 0.5 THEN ceil(x) ELSE floor(x) END",
    # Java's: 1 and -1 to no finite power are no number, where C says 1.
    "olo_power(x, y) AS CASE WHEN x IS NOT NULL AND (isnan(y) OR (abs(x) = 1 AND isinf(y))) "
    "THEN CAST('NaN' AS DOUBLE) ELSE pow(x, y) END",
    # As Trino: the power of ten first, then half away from zero.
    "olo_round_double(x) AS CASE WHEN x = 0 THEN CAST(0 AS DOUBLE) ELSE round(x) END",
    "olo_round_to(x, n) AS CASE WHEN n IS NULL THEN NULL WHEN x = 0 THEN CAST(0 AS DOUBLE) "
    "WHEN isnan(x) OR isinf(x) THEN x WHEN isinf(x * pow(10, n)) THEN x "
    "WHEN pow(10, n) = 0 THEN x * CAST(0 AS DOUBLE) "
    "ELSE round(x * pow(10, n)) / pow(10, n) END",
    # Of values that are equal (0.0 and -0.0) the first.
    "olo_first_as(a, x) AS coalesce(a[list_position(a, x)], x)",
    "olo_has_null(a) AS len(list_filter(a, lambda e: e IS NULL)) > 0",
    "olo_any(a) AS CASE WHEN list_contains(a, true) THEN true WHEN olo_has_null(a) THEN NULL "
    "WHEN a IS NULL THEN NULL ELSE false END",
    "olo_all(a) AS CASE WHEN list_contains(a, false) THEN false WHEN olo_has_null(a) THEN NULL "
    "WHEN a IS NULL THEN NULL ELSE true END",
    "olo_contains(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(a, x) THEN true "
    "WHEN olo_has_null(a) THEN NULL ELSE false END",
    "olo_distinct(a) AS list_filter(a, lambda e, i: coalesce(list_position(a, e), i) = i)",
    f"""olo_nonzero_index(i) AS CASE WHEN i = 0 THEN {fail(_ARGUMENT, "'SQL array indices start at 1'")} ELSE i END""",
    "olo_element(a, i) AS array_extract(a, CASE WHEN a IS NOT NULL THEN olo_nonzero_index(i) END)",
    "olo_slice_start(a, i) AS CASE WHEN i > 0 THEN i ELSE len(a) + i + 1 END",
    # Where the end of the slice would be beyond 64 bits, Trino's overflows, and nothing is in it.
    f"""olo_slice(a, i, n) AS CASE WHEN a IS NULL OR i IS NULL OR n IS NULL THEN NULL
    WHEN i = 0 THEN a[{fail(_ARGUMENT, "'SQL array indices start at 1'")}:1]
    WHEN n < 0 THEN a[{fail(_ARGUMENT, "'length must be greater than or equal to 0'")}:1]
    WHEN i < -len(a) OR i > len(a) THEN a[1:0]
    WHEN n > 9223372036854775807 - olo_slice_start(a, i) THEN a[1:0]
    ELSE a[olo_slice_start(a, i):olo_slice_start(a, i) + least(n, len(a)) - 1] END""",
    f"""olo_sequence(a, b) AS generate_series(a, CASE WHEN abs(b - a) >= 10000 THEN {
        fail(_ARGUMENT, "'result of sequence function must not have more than 10000 entries'")
    } ELSE b END, CASE WHEN b < a THEN -1 ELSE 1 END)""",
    f"""olo_map(k, v) AS CASE WHEN k IS NOT NULL AND v IS NOT NULL
    THEN map(olo_keys(k), v[:CASE WHEN len(k) <> len(v) THEN {
        fail(_ARGUMENT, "'Key and value arrays must be the same length'")
    } ELSE len(v) END]) END""",
)

MACROS: tuple[str, ...] = tuple(
    f"CREATE OR REPLACE MACRO {body}"
    for body in (
        *_NUMBERS,
        *guards.MACROS,
        *iso.MACROS,
        *_TO_TEXT,
        *_FROM_TEXT,
        *_TIMES,
        *macros_strings.MACROS,
        *_COLLECTIONS,
        *macros_collections.MACROS,
        *_FLOATS,
        *macros_texts.MACROS,
        *macros_json.MACROS,
        *macros_scalars.MACROS,
        *macros_sqljson.MACROS,
        *macros_arrays.MACROS,
        *macros_bytes.MACROS,
        *macros_hashes.MACROS,
        *macros_links.MACROS,
        *macros_words.MACROS,
        *macros_aggregates.MACROS,
    )
)
"""CREATE MACRO statements, in the order in which they build on each other."""
