"""DuckDB macros of functions that read and write text: dates by patterns, regular expressions, JSON."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail, fail_text

MOMENTS = (
    # Joda counts in milliseconds: Trino rounds half up to them first.
    "olo_to_milliseconds(t) AS make_timestamp(olo_floor_div(epoch_us(t) + 500, 1000) * 1000)",
    f"""olo_strftime_or_refuse(t, f) AS CASE WHEN t < TIMESTAMP '1000-01-01' OR t >= TIMESTAMP '9999-12-31' THEN {
        fail_text("unsupported", "'dates outside the years 1000 to 9999 by a pattern'")
    } ELSE strftime(olo_to_milliseconds(t), f) END""",
    """olo_moment_of(y, mo, d, h, mi, s, ms) AS CASE WHEN mo BETWEEN 1 AND 12 AND h < 24 AND mi < 60 AND s < 60
    AND d BETWEEN 1 AND CASE mo WHEN 2 THEN CASE WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29 ELSE 28 END
    WHEN 4 THEN 30 WHEN 6 THEN 30 WHEN 9 THEN 30 WHEN 11 THEN 30 ELSE 31 END
    THEN make_timestamp(y, mo, d, h, mi, CAST(s AS DOUBLE)) + to_milliseconds(ms) END""",
    f"""olo_moment(t, moment) AS CASE WHEN t IS NULL THEN NULL WHEN moment IS NULL THEN CAST({
        fail_text(ARGUMENT, "'Invalid format: ' || chr(34) || t || chr(34)")
    } AS TIMESTAMP) ELSE moment END""",
)

REGULAR = (
    f"""olo_ascii_or_refuse(s) AS CASE WHEN strlen(s) <> length(s) THEN {
        fail_text("unsupported", "'regular expression of this kind on text beyond ASCII'")
    } ELSE s END""",
    f"""olo_no_line_end_or_refuse(s) AS CASE WHEN ends_with(s, chr(10)) THEN {
        fail_text("unsupported", "'regular expression with $ on text that ends with a line end'")
    } ELSE s END""",
    f"""olo_group(n, count) AS CASE WHEN n < 0 THEN {fail(ARGUMENT, "'Group cannot be negative'")} ELSE n END""",
)

_NO_JSON = fail_text("unsupported", "'JSON function of text that is no JSON'")
_LOOSE = r"(?i),\s*[\]}]|[\[:,\s][-+]?(nan|inf|infinity)\s*([,\]}]|$)|^\s*[-+]?(nan|inf)"
_UNCERTAIN = fail_text("unsupported", "'number in a JSON text, which is written in several ways there'")

JSON = (
    # DuckDB also takes commas at the end and NaN for JSON.
    f"""olo_json_or_refuse(t) AS CASE WHEN t = '' THEN NULL
    WHEN NOT json_valid(t) OR regexp_matches(t, '{_LOOSE}') THEN {_NO_JSON} ELSE t END""",
    f"""olo_json_no_key_or_refuse(t, key) AS CASE WHEN regexp_matches(t, '"' || key || '"\\s*:') THEN {
        fail_text("unsupported", "'JSON path whose place may be a key'")
    } ELSE t END""",
    # DuckDB writes a number anew; as it stands in the text it is one of the numbers there that have its value.
    """olo_json_spellings(t, x) AS list_distinct(list_filter(
    regexp_extract_all(t, '-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?'), lambda s: TRY_CAST(s AS DOUBLE) = x))""",
    f"""olo_json_number_or_refuse(t, x) AS CASE WHEN len(olo_json_spellings(t, x)) = 1
    THEN olo_json_spellings(t, x)[1] ELSE {_UNCERTAIN} END""",
    f"""olo_json_integer_or_refuse(t, x) AS CASE WHEN x = '0' AND contains(t, '-0') THEN {_UNCERTAIN} ELSE x END""",
    """olo_json_scalar_or_refuse(t, p) AS CASE json_type(t, p) WHEN 'VARCHAR' THEN json_extract_string(t, p)
    WHEN 'BOOLEAN' THEN json_extract_string(t, p)
    WHEN 'UBIGINT' THEN olo_json_integer_or_refuse(t, json_extract_string(t, p))
    WHEN 'BIGINT' THEN olo_json_integer_or_refuse(t, json_extract_string(t, p))
    WHEN 'DOUBLE' THEN olo_json_number_or_refuse(t, TRY_CAST(json_extract_string(t, p) AS DOUBLE)) END""",
    "olo_json_length(t) AS CASE WHEN json_type(t) = 'ARRAY' THEN CAST(json_array_length(t) AS BIGINT) END",
    "olo_json_size(t, p) AS CASE json_type(t, p) WHEN 'ARRAY' THEN CAST(json_array_length(t, p) AS BIGINT) "
    "WHEN 'OBJECT' THEN len(json_keys(t, p)) WHEN NULL THEN NULL ELSE CASE WHEN json_type(t, p) IS NOT NULL "
    "THEN 0 END END",
)

MACROS = (*MOMENTS, *REGULAR, *JSON)
