"""DuckDB macros of SQL/JSON paths: from a list of JSON values (``s``) to the list of what a step finds in them.

``lax`` leaves out what isn't there, looks into arrays for members and takes a value for an array of one; ``strict``
gives NULL for the whole where one of the values doesn't fit.
"""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import fail_text

_PRESENT = "lambda y: y IS NOT NULL"
_ARRAY, _OBJECT = "json_type(x) = 'ARRAY'", "json_type(x) = 'OBJECT'"


def _strict(fits: str, result: str) -> str:
    return f"CASE WHEN len(list_filter(s, lambda x: NOT ({fits}))) = 0 THEN {result} END"


def _each(values: str, item: str) -> str:
    return f"list_filter(list_transform({values}, lambda x: {item}), {_PRESENT})"


MACROS = (
    f"olo_path_unwrapped(s) AS flatten(list_transform(s, lambda x: "
    f"CASE WHEN {_ARRAY} THEN json_extract(x, '$[*]') ELSE [x] END))",
    f"olo_path_member_lax(s, p) AS "
    f"{_each('olo_path_unwrapped(s)', f'CASE WHEN {_OBJECT} THEN json_extract(x, p) END')}",
    "olo_path_member_strict(s, p) AS "
    + _strict(f"{_OBJECT} AND json_exists(x, p)", "list_transform(s, lambda x: json_extract(x, p))"),
    f"olo_path_members_lax(s) AS flatten(list_transform(olo_path_unwrapped(s), lambda x: "
    f"CASE WHEN {_OBJECT} THEN json_extract(x, '$.*') ELSE [] END))",
    "olo_path_members_strict(s) AS " + _strict(_OBJECT, "flatten(list_transform(s, lambda x: json_extract(x, '$.*')))"),
    "olo_path_element_lax(s, p, alone) AS "
    + _each("s", f"CASE WHEN {_ARRAY} THEN json_extract(x, p) WHEN alone THEN x END"),
    "olo_path_element_strict(s, p, alone) AS "
    + _strict(f"{_ARRAY} AND json_exists(x, p)", "list_transform(s, lambda x: json_extract(x, p))"),
    f"olo_path_range(s, low, high) AS flatten(list_transform(s, lambda x: list_slice("
    f"CASE WHEN {_ARRAY} THEN json_extract(x, '$[*]') ELSE [x] END, low, high)))",
    "olo_path_elements_lax(s) AS olo_path_unwrapped(s)",
    "olo_path_elements_strict(s) AS "
    + _strict(_ARRAY, "flatten(list_transform(s, lambda x: json_extract(x, '$[*]')))"),
    # The value of text that is JSON; NULL where it isn't.
    f"""olo_path_input_or_refuse(t) AS CASE WHEN NOT olo_json_strict(t) THEN NULL WHEN olo_json_twice(t) THEN CAST({
        fail_text("unsupported", "'JSON object that has a key twice'")
    } AS JSON) ELSE CAST(t AS JSON) END""",
    r"olo_path_blank(t) AS regexp_full_match(t, '[ \t\r\n]*')",
    # Of a scalar: the text of a string, the digits of a number.
    "olo_path_string(x) AS json_extract_string(x, '$')",
    # Values as the text of an array.
    "olo_path_wrapped(s) AS '[' || array_to_string(list_transform(s, lambda x: "
    "olo_json_rewritten(CAST(x AS VARCHAR))), ',') || ']'",
)
