"""DuckDB macros of functions over arrays and maps."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail

_MAPS = (
    # Keys, checked: k[:n] keeps the type where an error takes the place of n.
    f"""olo_keys(k) AS k[:CASE WHEN len(list_filter(k, lambda e: e IS NULL)) > 0 THEN {
        fail(ARGUMENT, "'map key cannot be null'")
    } WHEN len(list_distinct(k)) < len(k) THEN {
        fail(ARGUMENT, "'Duplicate map keys are not allowed'")
    } ELSE len(k) END]""",
    """olo_map_of_entries(e, f, g) AS CASE WHEN e IS NOT NULL
    THEN map(olo_keys(list_transform(e, lambda x: struct_extract(x, f))),
    list_transform(e, lambda x: struct_extract(x, g))) END""",
    f"""olo_whole_entries(e) AS e[:CASE WHEN len(list_filter(e, lambda x: x IS NULL)) > 0 THEN {
        fail(ARGUMENT, "'map entry cannot be null'")
    } ELSE len(e) END]""",
)

_ZIPPED = (
    """olo_zipped_maps(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform(
    map_keys(a) || list_filter(map_keys(b), lambda k: NOT map_contains(a, k)),
    lambda k: struct_pack(k := k, a := map_extract(a, k)[1], b := map_extract(b, k)[1])) END""",
)

_ARRAYS = (
    # AND over a list, with NULL for what isn't known.
    "olo_all_true(a) AS CASE WHEN list_contains(a, false) THEN false "
    "WHEN len(list_filter(a, lambda e: e IS NULL)) > 0 THEN NULL ELSE true END",
    "olo_both(a, b, r) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN r END",
    "olo_pairs(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform("
    "range(greatest(len(a), len(b))), lambda i: struct_pack(a := a[i + 1], b := b[i + 1])) END",
    "olo_first_ones(a) AS list_filter(a, lambda e, i: coalesce(list_position(a, e), i) = i)",
    "olo_common(a, b) AS olo_first_ones(list_filter(a, lambda e: coalesce(list_position(b, e), 0) > 0))",
    "olo_overlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
    "WHEN list_has_any(list_filter(a, lambda e: e IS NOT NULL), list_filter(b, lambda e: e IS NOT NULL)) THEN true "
    "WHEN len(a) > 0 AND len(b) > 0 AND (len(list_filter(a, lambda e: e IS NULL)) > 0 "
    "OR len(list_filter(b, lambda e: e IS NULL)) > 0) THEN NULL ELSE false END",
    f"""olo_repeat_count(n) AS CASE WHEN n < 0 THEN {
        fail(ARGUMENT, "'count argument of repeat function must be greater than or equal to 0'")
    } WHEN n > 10000 THEN {
        fail(ARGUMENT, "'count argument of repeat function must be less than or equal to 10000'")
    } ELSE n END""",
    # What DuckDB's array_to_string does where the text between the elements is another one in each row.
    """olo_joined(a, between) AS list_reduce(
    list_prepend(CAST(NULL AS VARCHAR), list_filter(a, lambda e: e IS NOT NULL)),
    lambda text, e: CASE WHEN text IS NULL THEN e ELSE text || between || e END)""",
    f"""olo_sequence_towards(a, b, step) AS CASE WHEN step = 0 THEN {
        fail(ARGUMENT, "'step must not be zero'")
    } WHEN (step > 0 AND b < a) OR (step < 0 AND b > a) THEN {
        fail(
            ARGUMENT,
            "'sequence stop value should be greater than or equal to start value if step is greater than "
            "zero otherwise stop should be less than or equal to start'",
        )
    } ELSE step END""",
    f"""olo_sequence_entries(steps) AS CASE WHEN steps >= 10000 THEN {
        fail(ARGUMENT, "'result of sequence function must not have more than 10000 entries'")
    } ELSE steps END""",
    """olo_sequence_step(a, b, step) AS CASE WHEN olo_sequence_entries((b - a) // olo_sequence_towards(a, b, step)) >= 0
    THEN step END""",
    # Months count from the start, so that the ends of months don't wear off.
    "olo_month_steps(a, b, months) AS "
    "CAST(olo_sequence_entries(olo_months_between(a, b) // olo_sequence_towards(a, b, months)) AS INTEGER)",
    """olo_month_sequence(a, b, months) AS
    list_transform(generate_series(0, olo_month_steps(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), months)),
    lambda i: a + to_months(CAST(i * months AS INTEGER)))""",
)

MACROS = (*_MAPS, *_ZIPPED, *_ARRAYS)
