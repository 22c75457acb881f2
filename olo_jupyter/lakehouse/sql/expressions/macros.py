"""DuckDB macros and settings that the lowered text relies on; the engine installs both once a connection.

An error is raised by a CAST of its text, ``olo:<trino error code>:<message>``, that can't succeed: DuckDB's error() counts as volatile,
so it can't stand inside TRY and stops filters from being pushed down. A macro whose name has ``refuse`` in it may raise
``unsupported``, which TRY mustn't swallow.
"""

from __future__ import annotations


SETTINGS: dict[str, str] = {
    "TimeZone": "UTC",
    "ieee_floating_point_ops": "true",
    "error_on_division_by_zero": "true",
    "default_null_order": "nulls_last",
    "order_by_non_integer_literal": "true",
}
"""Session settings, to be set with ``SET name = 'value'``."""


def fail(code: str, message: str) -> str:
    """DuckDB text (TINYINT) that raises ``message``, an SQL expression of text, under Trino's error ``code``."""
    return f"CAST('olo:{code}:' || {message} AS TINYINT)"


def fail_text(code: str, message: str) -> str:
    """As ``fail``, where text is expected."""
    return f"CAST({fail(code, message)} AS VARCHAR)"


_CAST = "invalid-cast-argument"
_ARGUMENT = "invalid-function-argument"
_BLANK = r"[\x00-\x20]*"
_TRIMMED = r"regexp_replace(t, '[\x00-\x20]+', '', 'g')"
_BARE = r"regexp_replace(t, '[\x00-\x20dDfF]+$|^[\x00-\x20]+', '', 'g')"
_FLOAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_DATE = "[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}"
_TIME = r"([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]{1,12})?)?"
_ZONE = " ?(UTC|Z|[+-][0-9]{2}:[0-9]{2})"


def _input(type_: str, pattern: str, text: str = "t") -> str:
    """``text`` where ``t`` fully matches ``pattern``, else Trino's error of a cast from text."""
    message = f"'Cannot cast ''' || t || ''' to ' || {type_}"
    return f"CASE WHEN regexp_full_match(t, '{pattern}') THEN {text} ELSE {fail_text(_CAST, message)} END"


_NUMBERS = (
    # Division of whole numbers, half away from zero: the heart of decimal arithmetic.
    f"olo_nonzero(x) AS CASE WHEN x = 0 THEN {fail('division-by-zero', repr('Division by zero'))} ELSE x END",
    "olo_half_up(n, d) AS (n // olo_nonzero(d)) + CASE WHEN 2 * abs(n % olo_nonzero(d)) >= abs(d) "
    "THEN (CASE WHEN (n < 0) <> (d < 0) THEN -1 ELSE 1 END) ELSE 0 END",
    "olo_floor_div(a, b) AS (a - (((a % b) + b) % b)) // b",
    "olo_floor_mod(a, b) AS ((a % b) + b) % b",
    "olo_unscaled(x, s, unit) AS CAST(trunc(x) AS HUGEINT) * unit + CAST((x - trunc(x)) * unit AS HUGEINT)",
    f"""olo_shift_or_refuse(n, unit, bound) AS CASE WHEN abs(n) >= bound THEN {
        fail("unsupported", "'decimal division beyond 38 digits on the way'")
    } ELSE n * unit END""",
    # Comparisons where NaN is neither equal, less nor greater; NULL stays NULL.
    "olo_nan_eq(a, b) AS ((a = b) AND NOT (isnan(a) AND isnan(b)))",
    "olo_nan_lt(a, b) AS (CASE WHEN a < b THEN NOT isnan(b) ELSE a < b END)",
    "olo_nan_le(a, b) AS (CASE WHEN a <= b THEN NOT isnan(b) ELSE a <= b END)",
)

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
    "olo_double_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN x = 0 THEN replace(CAST(x AS VARCHAR), '.0', 'E0') "
    "WHEN isinf(x) THEN CASE WHEN x < 0 THEN '-Infinity' ELSE 'Infinity' END "
    "ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || olo_scientific(CAST(abs(x) AS VARCHAR)) END",
    # Trino writes at most seven digits of a real.
    "olo_real_text(x) AS CASE WHEN isnan(x) OR isinf(x) OR x = 0 THEN olo_double_text(x) "
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
    f"""olo_timestamp_text_or_refuse(t, p) AS CASE WHEN t < TIMESTAMP '0001-01-01' OR t >= TIMESTAMP '10000-01-01' THEN {
        fail_text("unsupported", "'timestamps outside the years 1 to 9999 as text'")
    } ELSE strftime(t, '%Y-%m-%d %H:%M:%S') || olo_fraction(strftime(t, '%f'), p) END""",
    "olo_months_text(m) AS CASE WHEN m < 0 THEN '-' ELSE '' END || (abs(m) // 12) || '-' || (abs(m) % 12)",
    "olo_milliseconds_text(m) AS CASE WHEN m < 0 THEN '-' ELSE '' END || (abs(m) // 86400000) || ' ' || "
    "lpad(CAST(abs(m) // 3600000 % 24 AS VARCHAR), 2, '0') || ':' || "
    "lpad(CAST(abs(m) // 60000 % 60 AS VARCHAR), 2, '0') || ':' || "
    "lpad(CAST(abs(m) // 1000 % 60 AS VARCHAR), 2, '0') || '.' || lpad(CAST(abs(m) % 1000 AS VARCHAR), 3, '0')",
)

_FROM_TEXT = (
    f"olo_integer_text(t, kind) AS {_input('kind', f'{_BLANK}[+-]?[0-9]+{_BLANK}', _TRIMMED)}",
    f"olo_float_input(t, kind) AS {_input('kind', f'{_BLANK}({_FLOAT}[dDfF]?|NaN|[+-]?Infinity){_BLANK}', _BARE)}",
    f"olo_decimal_input(t, kind) AS {_input('kind', _FLOAT)}",
    "olo_boolean_input(t) AS CASE lower(t) WHEN 'true' THEN true WHEN 't' THEN true WHEN '1' THEN true "
    "WHEN 'false' THEN false WHEN 'f' THEN false WHEN '0' THEN false ELSE CASE WHEN t IS NULL THEN NULL "
    f"""ELSE CAST({fail(_CAST, "'Cannot cast ''' || t || ''' to boolean'")} AS BOOLEAN) END END""",
    f"""olo_date_input(t) AS {_input("'date'", f"[ ]*{_DATE}[ ]*", "trim(t)")}""",
    f"""olo_time_input(t) AS {_input("'time'", _TIME)}""",
    f"""olo_timestamp_text(t) AS {_input("'timestamp'", f"[ ]*{_DATE}( {_TIME}({_ZONE})?)?[ ]*")}""",
    # Half up looks at one more digit only, so that the rest may go; the seventh counts for microseconds themselves.
    r"olo_timestamp_local(t) AS CAST(regexp_replace(regexp_extract(trim(t), '[^ ]+( [0-9.:]+)?'), "
    r"'(\.[0-9]{6})[0-9]+', '\1') AS TIMESTAMP)",
    r"olo_seventh(t) AS CASE WHEN regexp_extract(t, '\.[0-9]{6}([0-9])', 1) >= '5' THEN 1 ELSE 0 END",
    "olo_timestamp_input(t, p) AS CASE WHEN p = 6 "
    "THEN make_timestamp(epoch_us(olo_timestamp_local(olo_timestamp_text(t))) + olo_seventh(t)) "
    "ELSE olo_timestamp_local(olo_timestamp_text(t)) END",
    f"""olo_uuid_input(t) AS {_input("'uuid'", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")}""",
    f"olo_refuse_zones(t) AS CASE WHEN regexp_full_match(t, '.*[0-9] ?([A-Za-z+-].*)') "
    f"""AND NOT regexp_full_match(t, '[0-9-]+ *|[0-9-]+ [0-9:.]+ UTC *') THEN {
        fail_text("unsupported", "'time zone other than UTC: ' || t")
    } ELSE t END""",
    f"""olo_refuse_early(t) AS CASE WHEN t < TIMESTAMP '1970-01-01' AND epoch_us(t) % 1000000 <> 0 THEN CAST({
        fail_text("unsupported", "'time of a moment before 1970 with a fraction of a second'")
    } AS TIMESTAMP) ELSE t END""",
)

_TIMES = (
    f"""olo_whole_days(ms) AS CASE WHEN ms % 86400000 = 0 THEN CAST(ms // 86400000 AS INTEGER) ELSE {
        fail(_ARGUMENT, "'Cannot add hour, minutes or seconds to a date'")
    } END""",
    "olo_rounded_milliseconds(us) AS olo_floor_div(us + 500, 1000)",
    "olo_milliseconds(t) AS olo_floor_div(epoch_us(t), 1000)",
    "olo_months_between(a, b) AS datesub('month', a, b)",
    f"""olo_iso_date_or_refuse(t) AS CASE WHEN regexp_full_match(t, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN t ELSE {
        fail_text("unsupported", "'from_iso8601_date of ''' || t || ''''")
    } END""",
    "olo_round(us, unit) AS olo_floor_div(us + unit // 2, unit) * unit",
    "olo_round_timestamp(t, unit) AS make_timestamp(olo_round(epoch_us(t), unit))",
    "olo_round_time(t, unit) AS CAST(make_timestamp(olo_round(epoch_us(t), unit)) AS TIME)",
)

_STRINGS = (
    # From 1; from the end where negative; nothing at 0 and outside.
    "olo_start(s, i) AS CASE WHEN i IS NULL THEN NULL WHEN i > 0 THEN i "
    "WHEN i < 0 AND i >= -length(s) THEN length(s) + i + 1 ELSE length(s) + 1 END",
    "olo_substring(s, i) AS substring(s, olo_start(s, i))",
    "olo_substring_length(s, i, n) AS substring(s, olo_start(s, i), CASE WHEN n < 0 THEN 0 ELSE n END)",
)

_COLLECTIONS = (
    f"""olo_index(a, i) AS CASE WHEN i = 0 THEN {fail(_ARGUMENT, "'SQL array indices start at 1'")} WHEN i < 0 THEN {
        fail(_ARGUMENT, "'Array subscript is negative: ' || i")
    } WHEN i > len(a) THEN {
        fail(_ARGUMENT, "'Array subscript must be less than or equal to array length: ' || i || ' > ' || len(a)")
    } ELSE i END""",
    "olo_subscript(a, i) AS array_extract(a, olo_index(a, i))",
    f"""olo_map_subscript(m, k) AS map_values(m)[CASE WHEN m IS NULL OR k IS NULL OR map_contains(m, k)
    THEN list_position(map_keys(m), k) ELSE {fail(_ARGUMENT, "'Key not present in map: ' || CAST(k AS VARCHAR)")} END]""",
)

_FLOATS = ("olo_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END",)

MACROS: tuple[str, ...] = tuple(
    f"CREATE OR REPLACE TEMPORARY MACRO {body}"
    for body in (*_NUMBERS, *_TO_TEXT, *_FROM_TEXT, *_TIMES, *_STRINGS, *_COLLECTIONS, *_FLOATS)
)
"""CREATE MACRO statements, in the order in which they build on each other."""
