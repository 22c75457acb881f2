"""DuckDB macros of the functions over URLs."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail_text

# RFC 2396 as java.net.URI reads it, for text in ASCII with nothing odd in it. Each part is a group.
_WORD = r"[A-Za-z0-9_.!~*\'()%;:@&=+$,-]"
_PATH = f"(?:{_WORD}|/)*"
_QUERY = f"(?:{_WORD}|[/?])*"
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_LABEL = "(?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:[A-Za-z0-9]{_LABEL}\.)*[A-Za-z]{_LABEL}|(?:{_BYTE}\.){{3}}{_BYTE}"
_RELATIVE = "[A-Za-z0-9_.!~*%@&=+$,-]"
_PATTERN = (
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?"
    rf"(?://(?:[A-Za-z0-9_.!~*;:&=+$,-]*@)?({_HOST})(?::([0-9]{{1,5}}))?(/{_PATH})?|(/?(?:{_RELATIVE}(?:{_RELATIVE}|/)*)?))"
    rf"(?:\?({_QUERY}))?(?:#({_QUERY}))?"
).replace(r"\'", "''")
_ILLEGAL = r'[ <>"{}|\\^`\x00-\x1F\x7F]'


def _part(group: str) -> str:
    return f"regexp_extract(olo_url_or_refuse(u), '{_PATTERN}', {group})"


_TEXT = (
    f"""olo_url_decode_or_refuse(t) AS CASE WHEN t IS NULL THEN NULL
    WHEN regexp_matches(t, '%(.?$|[^0-9A-Fa-f]|.[^0-9A-Fa-f])') THEN {
        fail_text(ARGUMENT, "'URLDecoder: Illegal hex characters in escape (%) pattern'")
    } WHEN TRY(url_decode(t)) IS NULL OR (regexp_matches(t, '%[89A-Fa-f]') AND url_encode(url_decode(t)) IS NULL) THEN {
        fail_text("unsupported", "'url_decode of bytes that are no UTF-8'")
    } ELSE url_decode(replace(t, '+', ' ')) END""",
    "olo_url_encode(t) AS replace(replace(replace(url_encode(t), '%20', '+'), '%2A', '*'), '~', '%7E')",
)

_PARTS = (
    f"""olo_url_or_refuse(u) AS CASE WHEN regexp_matches(u, '{_ILLEGAL}') THEN NULL
    WHEN regexp_full_match(u, '{
        _PATTERN
    }') AND NOT regexp_matches(u, '%(.?$|[^0-9A-Fa-f]|.[^0-9A-Fa-f])|^[A-Za-z][A-Za-z0-9+.-]*:([^/]|$)')
    AND TRY(url_decode(u)) IS NOT NULL     THEN u WHEN u IS NULL THEN NULL ELSE {
        fail_text("unsupported", "'URL of this form: ' || u")
    } END""",
    f"olo_url_protocol_or_refuse(u) AS {_part('1')}",
    f"olo_url_host_or_refuse(u) AS {_part('2')}",
    f"olo_url_port_or_refuse(u) AS CAST(nullif({_part('3')}, '') AS BIGINT)",
    f"olo_url_path_or_refuse(u) AS url_decode({_part('4')} || {_part('5')})",
    f"olo_url_query_or_refuse(u) AS url_decode({_part('6')})",
    f"olo_url_fragment_or_refuse(u) AS url_decode({_part('7')})",
    f"""olo_url_parameter_or_refuse(u, name) AS list_transform(list_filter(
    string_split(CASE WHEN contains(split_part(u, '#', 1), '?') THEN {_part("6")} END, '&'),
    lambda p: url_decode(split_part(p, '=', 1)) = name),
    lambda p: CASE WHEN contains(p, '=') THEN url_decode(p[strpos(p, '=') + 1:]) ELSE '' END)[1]""",
)

MACROS = (*_TEXT, *_PARTS)
