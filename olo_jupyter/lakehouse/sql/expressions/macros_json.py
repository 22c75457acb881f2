"""DuckDB macros over JSON: text that may be JSON (``t``), and values of Trino's type json, held as text (``j``).

Trino keeps the digits of a number (json_parse) or writes them as Java writes a double (json_extract, casts); DuckDB
writes doubles its own way. So a text's fractional numbers are turned into marked strings before DuckDB reads it (a
string that starts with U+0001), each written as it is wanted, and back afterwards.
"""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, CAST, fail, fail_text

_STRING = r'"(?:[^"\\]|\\.)*"'
_NUMBER = r"-?[0-9][-+0-9.eE]*"
_TOKEN = rf'{_STRING}|{_NUMBER}|[^"0-9-]+|.'
# DuckDB also takes commas before a bracket's end, NaN and Infinity for JSON.
_LOOSE = r"(?i),\s*[\]}]|[\[:,\s+-](nan|inf)|^[+-]?(nan|inf)"
_MARK = r'"\u0001'
_ASTRAL = r"[\x{10000}-\x{10FFFF}]"


def _refused(what: str) -> str:
    return fail_text("unsupported", f"'{what}'")


def _with(value: str, body: str, type_: str = "VARCHAR") -> str:
    """``body`` with ``v`` for ``value``: a macro's argument that occurs often would be planned as often."""
    return f"list_transform([CAST({value} AS {type_})], lambda v: {body})[1]"


def _marked(name: str, needs: str, number: str) -> str:
    """A macro that turns numbers into marked strings, where a text has such as ``needs`` finds."""
    return (
        f"olo_json_{name}(t) AS CASE WHEN NOT regexp_matches(t, '{needs}') THEN t "
        f"ELSE array_to_string(list_transform(regexp_extract_all(olo_json_unmarked_or_refuse(t), '{_TOKEN}'), "
        f"lambda s: CASE WHEN regexp_matches(s, '^-?[0-9]') AND regexp_matches(s, '{needs}') THEN {number} ELSE s END)"
        ", '') END"
    )


_TEXT = (
    f"olo_json_strict(t) AS json_valid(t) AND (NOT regexp_matches(t, '{_LOOSE}') "
    f"OR NOT regexp_matches(regexp_replace(t, '{_STRING}', '\"\"', 'g'), '{_LOOSE}'))",
    f"""olo_json_unmarked_or_refuse(t) AS CASE WHEN contains(t, '\\u0001') THEN {
        _refused("JSON text with U+0001 in it")
    } ELSE t END""",
    # A double as Java writes it: 1.0, 1.0E7, 1.0E-4.
    "olo_java_double(x) AS "
    + _with(
        "x",
        """CASE WHEN v = 0 OR (abs(v) >= 0.001 AND abs(v) < 10000000) THEN CAST(v AS VARCHAR)
    WHEN isfinite(v) THEN olo_double_text(v) ELSE '"' || olo_double_text(v) || '"' END""",
        "DOUBLE",
    ),
    # As a BigDecimal of Java is written: the digits as given, 1E+2, 1.50, 1.2E-7.
    "olo_json_point(d, scale) AS left(d, length(d) - scale) || '.' || right(d, scale)",
    """olo_json_scientific(d, scale, power) AS CASE WHEN scale = 0 THEN d WHEN scale > 0 AND power >= -6
    THEN olo_json_point(lpad(d, CAST(greatest(length(d), scale + 1) AS INTEGER), '0'), scale)
    ELSE d[1] || CASE WHEN length(d) > 1 THEN '.' || d[2:] ELSE '' END || 'E'
    || CASE WHEN power >= 0 THEN '+' ELSE '' END || power END""",
    # [digits, scale, exponent of the first digit]
    """olo_json_parts(m, power) AS list_transform([[
    coalesce(nullif(ltrim(regexp_replace(m, '[-.]', '', 'g'), '0'), ''), '0'),
    CAST(length(split_part(m, '.', 2)) - coalesce(CAST(nullif(power, '') AS INTEGER), 0) AS VARCHAR)]],
    lambda a: [a[1], a[2], CAST(length(a[1]) - 1 - CAST(a[2] AS INTEGER) AS VARCHAR)])[1]""",
    """olo_json_exponential(s) AS list_transform([olo_json_parts(split_part(s, 'e', 1), split_part(s, 'e', 2))],
    lambda a:
    CASE WHEN s[1] = '-' AND a[1] <> '0' THEN '-' ELSE '' END
    || olo_json_scientific(a[1], CAST(a[2] AS INTEGER), CAST(a[3] AS INTEGER)))[1]""",
    """olo_json_decimal(s) AS CASE WHEN NOT regexp_matches(s, '[eE]|^-?0[.]0{6}|^-[0.]+$') THEN s
    ELSE olo_json_exponential(lower(s)) END""",
    _marked("as_decimals", "[0-9][.eE]", f"'{_MARK}' || olo_json_decimal(s) || chr(34)"),
    _marked("as_written", "[0-9][.eE]|-0|[0-9]{19}", f"'{_MARK}' || s || chr(34)"),
    _marked(
        "as_doubles",
        "[0-9][.eE]",
        "list_transform([olo_java_double(CAST(s AS DOUBLE))], "
        f"lambda d: CASE WHEN d[1] = chr(34) THEN d ELSE '{_MARK}' || d || chr(34) END)[1]",
    ),
    # Back: marked strings to numbers; beyond the basic plane Trino writes escapes.
    f"olo_json_escaped(x) AS CASE WHEN strlen(x) = length(x) OR NOT regexp_matches(x, '{_ASTRAL}') THEN x "
    "ELSE array_to_string(list_transform(regexp_extract_all(x, '(?s).'), lambda c: CASE WHEN unicode(c) > 65535 "
    r"THEN printf('\u%04X\u%04X', 55296 + (unicode(c) - 65536) // 1024, 56320 + (unicode(c) - 65536) % 1024) "
    "ELSE c END), '') END",
    f"olo_json_numbers(x) AS CASE WHEN contains(x, '{_MARK}') "
    r"""THEN regexp_replace(x, '"\\u0001([^"]*)"', '\1', 'g') ELSE x END""",
    f"olo_json_out(x) AS {_with('x', 'olo_json_escaped(olo_json_numbers(v))')}",
    f"olo_json_rewritten(j) AS {_with('j', 'olo_json_out(json(olo_json_as_doubles(v)))')}",
    # Keys that occur twice in an object, looked for in each only where some key occurs twice in the text.
    f"""olo_json_keys(x) AS list_filter(regexp_extract_all(x, '{_STRING}:?'), lambda k: ends_with(k, ':'))""",
    """olo_json_repeats(a) AS len(a) > len(list_distinct(a))""",
    """olo_json_twice(x) AS olo_json_repeats(olo_json_keys(x)) AND list_bool_or(list_transform(
    list_append(json_extract(x, '$..*'), CAST(x AS JSON)), lambda o:
    json_type(o) = 'OBJECT' AND olo_json_repeats(json_keys(o))))""",
    f"""olo_json_once_or_refuse(x) AS CASE WHEN olo_json_twice(x) THEN {
        _refused("JSON object that has a key twice")
    } WHEN strlen(x) <> length(x) AND regexp_matches(x, '{_ASTRAL}') AND regexp_matches(x, '[\\x{{E000}}-\\x{{FFFF}}]')
    THEN {_refused("order of JSON keys with signs beyond the basic plane")} ELSE x END""",
    r"olo_json_lone(t) AS regexp_matches(t, '(?i)\\ud[89a-f]')",
    f"olo_json_sorted_or_refuse(t) AS {_with('json_normalize(t)', 'olo_json_out(olo_json_once_or_refuse(v))')}",
    # CAST(json_parse(t) AS …) is one function to Trino: what it leaves json keeps the order of its keys, and -0.0.
    f"""olo_json_ordered_or_refuse(t) AS CASE WHEN TRY(CAST(json(olo_json_as_decimals(t)) AS VARCHAR))
    <> TRY(CAST(json_normalize(olo_json_as_decimals(t)) AS VARCHAR))
    OR regexp_matches(t, '-0([.]0*)?([eE]|[^0-9.]|$)') THEN {
        _refused("json within a cast of json_parse of objects whose keys are not in order, or of -0")
    } ELSE t END""",
    "olo_json_parse_or_refuse(t) AS "
    + _with(
        "t",
        f"""CASE WHEN olo_json_strict(v) THEN olo_json_sorted_or_refuse(olo_json_as_decimals(v))
    WHEN olo_json_lone(v) THEN {_refused("JSON text with half of a surrogate pair")}
    WHEN v IS NOT NULL THEN {fail_text(ARGUMENT, "'Cannot convert value to JSON: ' || chr(39) || v || chr(39)")} END""",
    ),
)

_NO_JSON = _refused("JSON function of text that is no JSON")

_READ = (
    # Of text that is no JSON Trino reads what stands before the place where it breaks.
    "olo_json_begins(t, signs) AS contains(signs, ltrim(t, ' ' || chr(9) || chr(10) || chr(13))[1]) "
    "AND ltrim(t, ' ' || chr(9) || chr(10) || chr(13)) <> ''",
    f"""olo_json_valid_or_refuse(t, absent) AS CASE WHEN olo_json_strict(t) THEN t WHEN t IS NULL THEN NULL
    WHEN absent AND NOT contains(t, '\\u') THEN NULL
    WHEN NOT olo_json_begins(t, '{{["-0123456789tfn') THEN NULL ELSE {_NO_JSON} END""",
    # Only where the value found has a fractional number does the text need its numbers marked.
    "olo_json_extract(t, p) AS "
    + _with(
        "t",
        "olo_json_out(CASE WHEN regexp_matches(CAST(json_extract(v, p) AS VARCHAR), '[0-9][.eE]') "
        "THEN json_extract(olo_json_as_doubles(v), p) ELSE json_extract(v, p) END)",
    ),
    """olo_json_word(s) AS CASE WHEN s[1] = chr(1) THEN s[2:] ELSE s END""",
    """olo_json_scalar_of(w, p) AS CASE WHEN json_type(w, p) NOT IN ('OBJECT', 'ARRAY', 'NULL')
    THEN olo_json_word(json_extract_string(w, p)) END""",
    f"olo_json_written(t) AS {_with('t', 'olo_json_as_written(v)')}",
    "olo_json_scalar(t, p) AS "
    + _with(
        "t",
        "CASE WHEN json_type(v, p) IN ('VARCHAR', 'BOOLEAN') THEN json_extract_string(v, p) "
        "WHEN json_type(v, p) IS NOT NULL "
        "THEN list_transform([olo_json_written(v)], lambda w: olo_json_scalar_of(w, p))[1] END",
    ),
    "olo_json_size(t, p) AS "
    + _with(
        "t",
        "CASE json_type(v, p) WHEN 'ARRAY' THEN CAST(json_array_length(v, p) AS BIGINT) "
        "WHEN 'OBJECT' THEN len(json_keys(v, p)) ELSE CASE WHEN json_type(v, p) IS NOT NULL THEN 0 END END",
    ),
    "olo_json_array_or_refuse(t) AS "
    + _with(
        "t",
        "CASE WHEN v IS NULL OR NOT olo_json_begins(v, '[') THEN NULL "
        f"WHEN olo_json_strict(v) THEN v ELSE {_NO_JSON} END",
    ),
    "olo_json_length(t) AS CAST(json_array_length(t) AS BIGINT)",
    "olo_json_is_scalar_or_refuse(t) AS "
    + _with(
        "t",
        f"""CASE WHEN olo_json_strict(v) THEN NOT olo_json_begins(v, '{{[')
    WHEN olo_json_lone(v) THEN CAST({_NO_JSON} AS BOOLEAN)
    WHEN v IS NOT NULL THEN CAST({fail(ARGUMENT, "'Invalid JSON value: ' || v")} AS BOOLEAN) END""",
    ),
    # The element of an array; a scalar without its quotes, as Trino gives it.
    """olo_json_element(w, p) AS CASE WHEN json_type(w, p) IN ('OBJECT', 'ARRAY')
    THEN olo_json_rewritten(olo_json_out(json_extract(w, p))) ELSE olo_json_scalar_of(w, p) END""",
    "olo_json_get(t, i) AS "
    + _with(
        "olo_json_written(t)",
        """CASE WHEN i >= 0 THEN olo_json_element(v, '/' || i)
    WHEN i < 0 AND json_array_length(v) + i >= 0 THEN olo_json_element(v, '/' || (json_array_length(v) + i)) END""",
    ),
    "olo_json_items(t) AS list_transform(CAST(json_extract(olo_json_written(t), '$[*]') AS VARCHAR[]), "
    "lambda e: olo_json_out(e))",
)


def _wrong(to: str) -> str:
    return fail_text(CAST, f"'Cannot cast ''' || j || ''' to ' || {to}")


_WHOLE = "^-?[0-9]+$"
_ANY = "^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$"

_CASTS = (
    r"""olo_json_string(j) AS CASE WHEN contains(j, '\') THEN json_extract_string(j, '$')
    ELSE substring(j, 2, length(j) - 2) END""",
    f"""olo_json_to_text(j, kind) AS CASE WHEN j = 'null' THEN NULL
    WHEN j[1] = '"' AND json_valid(j) THEN olo_json_string(j)
    WHEN j IN ('true', 'false') OR regexp_matches(j, '{_WHOLE}') THEN j
    WHEN regexp_matches(j, '{_ANY}') THEN olo_double_text(CAST(j AS DOUBLE))
    WHEN j IS NOT NULL THEN {_wrong("kind")} END""",
    "olo_json_fitted(j, s, n) AS "
    + _with("s", f"""CASE WHEN length(v) <= n THEN v WHEN v IS NOT NULL THEN {_wrong("'varchar(' || n || ')'")} END"""),
    # What a number is cast from: strings as text is, truth values as 1 and 0, numbers as they are.
    f"""olo_json_number(j, kind) AS CASE WHEN j = 'null' THEN NULL WHEN j = 'true' THEN '1' WHEN j = 'false' THEN '0'
    WHEN regexp_matches(j, '{_ANY}') THEN j WHEN j IS NOT NULL THEN {_wrong("kind")} END""",
    """olo_json_is_string(j) AS j[1] = '"' AND json_valid(j)""",
    f"""olo_json_to_integer(j, kind) AS CASE WHEN olo_json_is_string(j)
    THEN CAST(olo_integer_text(olo_json_string(j), kind) AS BIGINT)
    WHEN regexp_matches(j, '{_WHOLE}') THEN CAST(j AS BIGINT)
    ELSE CAST(round(CAST(olo_json_number(j, kind) AS DOUBLE)) AS BIGINT) END""",
    """olo_json_to_double(j) AS CASE WHEN olo_json_is_string(j)
    THEN CAST(olo_float_input(olo_json_string(j), 'double') AS DOUBLE)
    ELSE CAST(olo_json_number(j, 'double') AS DOUBLE) END""",
    f"""olo_json_to_real_or_refuse(j) AS CASE WHEN olo_json_is_string(j)
    THEN CAST(olo_float_input(olo_json_string(j), 'real') AS FLOAT)
    WHEN CAST(olo_json_number(j, 'real') AS FLOAT)
    IS DISTINCT FROM CAST(CAST(olo_json_number(j, 'real') AS DOUBLE) AS FLOAT)
    THEN CAST({_refused("real of a JSON number between two reals")} AS FLOAT)
    ELSE CAST(olo_json_number(j, 'real') AS FLOAT) END""",
    """olo_json_to_decimal(j, kind) AS CASE WHEN olo_json_is_string(j) THEN olo_decimal_input(olo_json_string(j), kind)
    ELSE olo_json_number(j, kind) END""",
    f"""olo_json_to_boolean(j) AS CASE WHEN olo_json_is_string(j) THEN olo_boolean_input(olo_json_string(j))
    WHEN regexp_matches(j, '{_WHOLE}') THEN CAST(j AS BIGINT) <> 0
    ELSE CAST(olo_json_number(j, 'boolean') AS DOUBLE) <> 0 END""",
    f"""olo_json_to_items(j, kind) AS CASE WHEN j = 'null' THEN NULL
    WHEN j[1] = '[' THEN olo_json_items(j) WHEN j IS NOT NULL THEN [{_wrong("kind")}] END""",
    f"""olo_json_to_entries(j, kind) AS CASE WHEN j = 'null' THEN NULL WHEN j[1] = '{{'
    THEN list_zip(json_keys(j), list_transform(json_extract(olo_json_as_written(j), '$.*'), lambda e: olo_json_out(e)))
    WHEN j IS NOT NULL THEN list_zip([{_wrong("kind")}], ['']) END""",
    # The value of a row's field in a JSON object, by its name whatever the case, or by place in an array.
    f"""olo_json_member(e, name, kind) AS CASE WHEN len(list_filter(e, lambda x: lower(x[1]) = name)) > 1
    THEN {fail_text(CAST, "'Cannot cast to ' || kind || '. Duplicate field: ' || name")}
    ELSE list_filter(e, lambda x: lower(x[1]) = name)[1][2] END""",
    f"""olo_json_to_row(j, kind) AS CASE WHEN j = 'null' THEN NULL WHEN j[1] IN ('[', '{{') THEN j
    WHEN j IS NOT NULL THEN {_wrong("kind")} END""",
    f"""olo_json_exactly(a, n, kind) AS CASE WHEN len(a) <> n
    THEN [{fail_text(CAST, "'Cannot cast to ' || kind || ': another number of fields'")}] ELSE a END""",
    f"""olo_json_no_object(j, kind) AS CASE WHEN j[1] = '{{' THEN {
        fail_text(CAST, "'Cannot cast a JSON object to anonymous row type ' || kind")
    } ELSE j END""",
    "olo_json_quoted(s) AS olo_json_escaped(CAST(to_json(s) AS VARCHAR))",
    f"""olo_json_key_or_refuse(k) AS CASE WHEN strlen(k) <> length(k) AND regexp_matches(k, '{_ASTRAL}') THEN {
        _refused("order of JSON keys with signs beyond the basic plane")
    } ELSE k END""",
    """olo_json_real(x) AS CASE WHEN isnan(x) OR isinf(x) OR x = 0 THEN olo_java_double(CAST(x AS DOUBLE))
    WHEN abs(x) >= 0.001 AND abs(x) < 10000000 THEN olo_plain(x)
    WHEN abs(x) < 1.2e-38 THEN olo_real_text(x)
    ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || olo_scientific(CAST(abs(x) AS VARCHAR)) END""",
    "olo_json_list(a) AS '[' || array_to_string(list_transform(a, lambda e: coalesce(e, 'null')), ',') || ']'",
    # Entries [key, JSON text] as an object, by key.
    """olo_json_object(e) AS '{' || array_to_string(list_transform(list_sort(CAST(e AS VARCHAR[][])),
    lambda x: olo_json_quoted(x[1]) || ':' || coalesce(x[2], 'null')), ',') || '}'""",
)

MACROS = (*_TEXT, *_READ, *_CASTS)
