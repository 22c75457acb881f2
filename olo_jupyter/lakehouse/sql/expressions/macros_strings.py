"""DuckDB macros of the functions over text: parts, cases, padding, code points."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail, fail_text

# Code points that Trino 483 trims; and those whose upper or lower case it knows otherwise than DuckDB, with what Trino
# gives (all code points compared).
_WHITESPACE = (
    "'" + "\u0009\u000a\u000b\u000c\u000d\u001c\u001d\u001e\u001f \u1680\u2000\u2001\u2002\u2003"
    "\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000" + "'"
)
_UPPER = (
    "ßƛ\u0264\u1c8a\ua7cd\ua7db\U00010d70\U00010d71\U00010d72\U00010d73\U00010d74\U00010d75\U00010d76\U00010d77\U00010d78\U00010d79\U00010d7a\U00010d7b\U00010d7c\U00010d7d\U00010d7e\U00010d7f\U00010d80\U00010d81\U00010d82\U00010d83\U00010d84\U00010d85",
    "ß\ua7dc\ua7cb\u1c89\ua7cc\ua7da\U00010d50\U00010d51\U00010d52\U00010d53\U00010d54\U00010d55\U00010d56\U00010d57\U00010d58\U00010d59\U00010d5a\U00010d5b\U00010d5c\U00010d5d\U00010d5e\U00010d5f\U00010d60\U00010d61\U00010d62\U00010d63\U00010d64\U00010d65",
)
_LOWER = (
    "\u1c89\ua7cb\ua7cc\ua7da\ua7dc\U00010d50\U00010d51\U00010d52\U00010d53\U00010d54\U00010d55\U00010d56\U00010d57\U00010d58\U00010d59\U00010d5a\U00010d5b\U00010d5c\U00010d5d\U00010d5e\U00010d5f\U00010d60\U00010d61\U00010d62\U00010d63\U00010d64\U00010d65",
    "\u1c8a\u0264\ua7cd\ua7dbƛ\U00010d70\U00010d71\U00010d72\U00010d73\U00010d74\U00010d75\U00010d76\U00010d77\U00010d78\U00010d79\U00010d7a\U00010d7b\U00010d7c\U00010d7d\U00010d7e\U00010d7f\U00010d80\U00010d81\U00010d82\U00010d83\U00010d84\U00010d85",
)

MACROS = (
    # From 1; from the end where negative; nothing at 0 and outside.
    "olo_start(s, i) AS CASE WHEN i IS NULL THEN NULL WHEN i > 0 AND i <= 2147483647 THEN i "
    "WHEN i < 0 AND i >= -length(s) THEN length(s) + i + 1 ELSE length(s) + 1 END",
    "olo_substring(s, i) AS substring(s, olo_start(s, i))",
    "olo_substring_length(s, i, n) AS substring(s, olo_start(s, i), "
    "CASE WHEN n < 0 THEN 0 WHEN n > 2147483647 THEN 2147483647 ELSE n END)",
    *(
        f"olo_{case}(s) AS CASE WHEN strlen(s) = length(s) OR NOT regexp_matches(s, '[{others}]') THEN {case}(s) "
        f"ELSE array_to_string(list_transform(regexp_extract_all(s, '(?s).'), lambda c: "
        f"CASE WHEN contains('{others}', c) "
        f"THEN translate(c, '{others}', '{wanted}') ELSE {case}(c) END), '') END"
        for case, (others, wanted) in (("upper", _UPPER), ("lower", _LOWER))
    ),
    *(f"olo_{side}(s) AS {side}(s, {_WHITESPACE})" for side in ("trim", "ltrim", "rtrim")),
    # DuckDB reverses by what a reader sees as one sign, Trino by code points.
    "olo_reverse(s) AS CASE WHEN strlen(s) = length(s) THEN reverse(s) "
    "ELSE array_to_string(list_reverse(regexp_extract_all(s, '(?s).')), '') END",
    f"""olo_escaped_pattern(p, valid) AS CASE WHEN NOT regexp_full_match(p, valid) THEN {
        fail_text(ARGUMENT, "'Escape character must be followed by ''%'', ''_'' or the escape character itself'")
    } ELSE p END""",
    f"""olo_like_or_refuse(p) AS CASE WHEN strlen(p) <> length(p) AND contains(p, '_')
    AND regexp_matches(p, '[\\x{{10000}}-\\x{{10FFFF}}]') THEN {
        fail_text("unsupported", "'LIKE with _ and a sign beyond the basic plane in one pattern'")
    } ELSE p END""",
    # Of an empty text: what is put in stands before, between and behind the code points.
    """olo_replace(s, t, r) AS CASE WHEN t = '' AND s IS NOT NULL
    THEN r || array_to_string(list_transform(regexp_extract_all(s, '(?s).'), lambda c: c || r), '')
    ELSE replace(s, t, r) END""",
    "olo_split(s, d) AS CASE WHEN d IS NOT NULL THEN string_split(s, d) END",
    f"""olo_nonempty_or_refuse(s) AS CASE WHEN s = '' THEN {
        fail_text("unsupported", "'search for an empty text'")
    } ELSE s END""",
    *(
        f"""olo_{side}(s, n, p) AS {side}(s, CASE WHEN (n < 0 OR n > 2147483647) AND s IS NOT NULL THEN {
            fail(ARGUMENT, "'Target length must be in the range [0..2147483647]'")
        } ELSE CAST(n AS INTEGER) END, CASE WHEN p = '' AND s IS NOT NULL THEN {
            fail_text(ARGUMENT, "'Padding string must not be empty'")
        } ELSE p END)"""
        for side in ("lpad", "rpad")
    ),
    f"""olo_codepoint(s) AS CASE WHEN s = '' THEN {
        fail(ARGUMENT, "'Input string must be a single character string'")
    } ELSE unicode(s) END""",
    f"""olo_from_hex(s) AS from_hex(CASE WHEN length(s) % 2 <> 0 OR NOT regexp_full_match(s, '[0-9a-fA-F]*') THEN {
        fail_text(ARGUMENT, "'String must be hexadecimal digits, two for each byte'")
    } ELSE s END)""",
    f"""olo_split_part(s, d, i) AS CASE WHEN s IS NULL OR d IS NULL THEN NULL WHEN i <= 0 THEN {
        fail_text(ARGUMENT, "'Index must be greater than zero'")
    } ELSE array_extract(string_split(s, olo_nonempty_or_refuse(d)), i) END""",
    f"""olo_chr(n) AS CASE WHEN n < 0 OR n > 1114111 OR n BETWEEN 55296 AND 57343 THEN {
        fail_text(ARGUMENT, "'Not a valid Unicode code point: ' || n")
    } ELSE chr(CAST(n AS INTEGER)) END""",
)
