"""DuckDB macros of functions that read words and numbers in text, or write them."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail, fail_text

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")


def _amount(unit: str, singular: str) -> str:
    return f"CASE WHEN {unit} = 0 THEN NULL WHEN {unit} = 1 THEN '1 {singular}' ELSE {unit} || ' {singular}s' END"


_ALGORITHMS = (
    # Letters to digits; H and W are as if they weren't there, but for the first letter.
    """olo_soundex_digits(t) AS translate(t[1] || translate(t[2:], 'HW', ''), 'BFPVCGJKQSXZDTLMNRAEIOUYHW',
    '11112222222233455600000000')""",
    """olo_soundex_text(t) AS rpad(t[1] || replace(array_to_string(list_filter(string_split(olo_soundex_digits(t), ''),
    lambda c, i: i = 1 OR c <> olo_soundex_digits(t)[i - 1]), '')[2:], '0', ''), 4, '0')[1:4]""",
    f"""olo_soundex_or_refuse(t) AS CASE WHEN strlen(t) <> length(t) THEN {
        fail_text("unsupported", "'soundex of text beyond ASCII'")
    } ELSE list_transform([regexp_replace(upper(t), '[^A-Z]', '', 'g')],
    lambda w: CASE WHEN w = '' THEN '' ELSE olo_soundex_text(w) END)[1] END""",
    f"""olo_title_case_or_refuse(t) AS CASE WHEN strlen(t) <> length(t) THEN {
        fail_text("unsupported", "'title_case of text beyond ASCII'")
    } WHEN regexp_matches(t, '[^ -~]') THEN {
        fail_text("unsupported", "'title_case of text with control characters'")
    } ELSE array_to_string(list_transform(string_split(t, ' '), lambda w: upper(w[1]) || lower(w[2:])), ' ') END""",
    f"""olo_luhn(t) AS CASE WHEN t IS NULL THEN NULL WHEN t = '' THEN false
    WHEN NOT regexp_full_match(t, '[0-9]+')
    THEN CAST({fail(ARGUMENT, "'Input contains non-digit character'")} AS BOOLEAN)
    ELSE list_sum(list_transform(list_reverse(string_split(t, '')), lambda c, i: CASE WHEN i % 2 = 1
    THEN CAST(c AS INTEGER) ELSE CAST(c AS INTEGER) * 2 // 10 + CAST(c AS INTEGER) * 2 % 10 END)) % 10 = 0 END""",
)

_NUMBERS = (
    """olo_from_base_digits(t, n) AS list_reduce(list_transform(string_split(lower(ltrim(t, '+-')), ''),
    lambda c: CAST(strpos('0123456789abcdefghijklmnopqrstuvwxyz'[1:n], c) - 1 AS HUGEINT)),
    lambda s, e: CASE WHEN e < 0 OR s < 0 OR s * n + e > CAST('9223372036854775808' AS HUGEINT)
    THEN CAST(-1 AS HUGEINT) ELSE s * n + e END)""",
    f"""olo_from_base(t, n) AS list_transform([CASE WHEN regexp_full_match(t, '[+-]?[0-9A-Za-z]+')
    THEN olo_from_base_digits(t, olo_radix(n)) WHEN t IS NULL THEN NULL
    ELSE CAST(-1 + 0 * olo_radix(n) AS HUGEINT) END],
    lambda x: CASE WHEN x < 0 OR (x = CAST('9223372036854775808' AS HUGEINT) AND NOT starts_with(t, '-')) THEN {
        fail(ARGUMENT, "'Not a valid base-' || n || ' number: ' || t")
    } WHEN starts_with(t, '-') THEN CAST(-x AS BIGINT) ELSE CAST(x AS BIGINT) END)[1]""",
    f"""olo_data_size(t) AS CASE WHEN t IS NULL THEN NULL
    WHEN NOT regexp_full_match(t, '[0-9]+([.][0-9]+)?({"|".join(_UNITS)})') THEN CAST({
        fail(ARGUMENT, "'Invalid data size: ''' || t || ''''")
    } AS DECIMAL(38,0)) ELSE CAST(CAST(replace(regexp_extract(t, '[0-9.]+'), '.', '') AS HUGEINT)
    * CAST(pow(1024, list_position({list(_UNITS)!r}, regexp_extract(t, '[A-Za-z]+')) - 1) AS HUGEINT)
    // CAST('1' || repeat('0', length(regexp_extract(t, '[.]([0-9]+)', 1))) AS HUGEINT) AS DECIMAL(38,0)) END""",
    f"""olo_seconds_words(n) AS concat_ws(', ', {_amount("(n // 604800)", "week")},
    {_amount("(n // 86400 % 7)", "day")}, {_amount("(n // 3600 % 24)", "hour")}, {_amount("(n // 60 % 60)", "minute")},
    CASE WHEN n % 60 > 0 THEN {_amount("(n % 60)", "second")} WHEN n = 0 THEN '0 seconds' END)""",
    f"""olo_human_seconds_or_refuse(x) AS CASE WHEN x IS NULL THEN NULL WHEN isnan(x) OR isinf(x) THEN {
        fail_text(ARGUMENT, "'Invalid argument found: ' || x")
    } WHEN abs(x) > 1e15 THEN {fail_text("unsupported", "'human_readable_seconds beyond 10^15'")}
    ELSE olo_seconds_words(CAST(round(abs(x)) AS BIGINT)) END""",
    f"""olo_wilson(s, n, z, sign) AS CASE WHEN s < 0 THEN CAST({
        fail(ARGUMENT, "'number of successes must not be negative'")
    } AS DOUBLE) WHEN n <= 0 THEN CAST({fail(ARGUMENT, "'number of trials must be positive'")} AS DOUBLE)
    WHEN s > n THEN CAST({fail(ARGUMENT, "'number of successes must not be larger than number of trials'")} AS DOUBLE)
    WHEN z < 0 OR isnan(z) THEN CAST({fail(ARGUMENT, "'z-score must not be negative'")} AS DOUBLE)
    ELSE (CAST(s AS DOUBLE) / n + z * z / (2 * CAST(n AS DOUBLE)) + sign * z
    * sqrt((CAST(s AS DOUBLE) / n * (1 - CAST(s AS DOUBLE) / n) + z * z / (4 * CAST(n AS DOUBLE))) / n))
    / (1 + z * z / n) END""",
)

_ENTRIES = (
    "olo_entries(t, d) AS CASE WHEN t = '' THEN [] WHEN ends_with(t, d) THEN string_split(t, d)[:-2] "
    "ELSE string_split(t, d) END",
    f"""olo_key_value(e, d) AS CASE WHEN len(string_split(e, d)) <> 2 THEN {
        fail_text(ARGUMENT, "'Key-value delimiter must appear exactly once in each entry. Bad input: ''' || e || ''''")
    } ELSE e END""",
    # Around the text: of a text without entries Trino checks them, too.
    f"""olo_delimited(t, d, e) AS CASE WHEN d = '' THEN {
        fail_text(ARGUMENT, "'entryDelimiter is empty'")
    } WHEN e = '' THEN {fail_text(ARGUMENT, "'keyValueDelimiter is empty'")} WHEN d = e THEN {
        fail_text(ARGUMENT, "'entryDelimiter and keyValueDelimiter must not be the same'")
    } ELSE t END""",
    """olo_split_entries(t, d, e) AS list_transform(olo_entries(olo_delimited(t, d, e), d),
    lambda x: struct_pack(k := split_part(olo_key_value(x, e), e, 1), v := split_part(x, e, 2)))""",
    f"""olo_split_keys(k) AS k[:CASE WHEN len(list_distinct(k)) < len(k) THEN {
        fail(ARGUMENT, "'Duplicate keys are not allowed'")
    } ELSE len(k) END]""",
    """olo_split_to_map(t, d, e) AS CASE WHEN t IS NOT NULL AND d IS NOT NULL AND e IS NOT NULL THEN
    list_transform([olo_split_entries(t, d, e)], lambda x: map(olo_split_keys(list_transform(x, lambda y: y.k)),
    list_transform(x, lambda y: y.v)))[1] END""",
    # Sorted by key and place, and cut where a new key begins.
    """olo_multimap(x) AS list_transform([list_sort(list_transform(x, lambda y, i: struct_pack(k := y.k, i := i,
    v := y.v)))], lambda s: list_transform([list_filter(range(1, len(s) + 1), lambda i: i = 1 OR s[i].k <> s[i - 1].k)],
    lambda b: map(list_transform(b, lambda i: s[i].k), list_transform(b, lambda i, n: list_transform(
    s[i:CASE WHEN n = len(b) THEN len(s) ELSE b[n + 1] - 1 END], lambda y: y.v))))[1])[1]""",
    f"""olo_multimap_of(x) AS olo_multimap(x[:CASE WHEN len(list_filter(x, lambda y: y.k IS NULL)) > 0 THEN {
        fail(ARGUMENT, "'map key cannot be null'")
    } ELSE len(x) END])""",
    """olo_multimap_of_entries(e) AS CASE WHEN e IS NOT NULL THEN list_transform([list_transform(e,
    lambda x: struct_pack(k := struct_extract(x, 'field0'), v := struct_extract(x, 'field1')))],
    lambda x: olo_multimap_of(x))[1] END""",
    """olo_split_to_multimap(t, d, e) AS CASE WHEN t IS NOT NULL AND d IS NOT NULL AND e IS NOT NULL THEN
    list_transform([olo_split_entries(t, d, e)], lambda x: olo_multimap(x))[1] END""",
)

MACROS = (*_ALGORITHMS, *_NUMBERS, *_ENTRIES)
