"""DuckDB macros of further functions of numbers and text, and of aggregates."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail, fail_text

_FORMATS = (
    # Text in a field of so many signs, digits with zeros before them, digits in groups of three.
    "olo_right_aligned(t, n) AS CASE WHEN length(t) < n THEN lpad(t, n, ' ') ELSE t END",
    "olo_left_aligned(t, n) AS CASE WHEN length(t) < n THEN rpad(t, n, ' ') ELSE t END",
    "olo_zeros(t, n) AS CASE WHEN length(t) < n THEN lpad(t, CAST(n AS INTEGER), '0') ELSE t END",
    r"olo_grouped_whole(t) AS ltrim(regexp_replace(lpad(t, CAST((length(t) + 2) // 3 * 3 AS INTEGER), ' '), "
    r"'(...)', '\1,', 'g'), ' ')",
    "olo_grouped(t) AS rtrim(olo_grouped_whole(split_part(t, '.', 1)), ',') "
    "|| CASE WHEN contains(t, '.') THEN '.' || split_part(t, '.', 2) ELSE '' END",
)

_PLACES = (
    # All places of a text in another, those that overlap too.
    "olo_places(s, t) AS list_filter(range(1, length(s) - length(t) + 2), lambda i: substring(s, i, length(t)) = t)",
    f"""olo_nth_place(s, t, n) AS CASE WHEN n = 0 AND s IS NOT NULL AND t IS NOT NULL THEN {
        fail(ARGUMENT, "'instance must be a positive or negative number.'")
    } WHEN s IS NULL OR t IS NULL OR n IS NULL THEN NULL WHEN t = '' THEN 1
    ELSE coalesce(olo_places(s, t)[n], 0) END""",
    f"olo_drawn_below(n) AS CASE WHEN n <= 0 THEN {fail(ARGUMENT, repr('bound must be positive'))} "
    "ELSE floor(random() * n) END",
    f"olo_drawn_between(low, high) AS CASE WHEN low >= high THEN {fail(ARGUMENT, repr('start value must be less'))} "
    "ELSE low + floor(random() * (high - low)) END",
)

_SIGNS = (
    "[0-7].|[CD].(?:[89AB].)?|E.(?:[89AB].){0,2}|F[0-7](?:[89AB].){0,3}|F[89AB](?:[89AB].){0,4}"
    "|F[CD](?:[89AB].){0,5}|.."
)

MACROS = (
    *_FORMATS,
    *_PLACES,
    f"""olo_most(n) AS CASE WHEN n <= 0 THEN {
        fail(ARGUMENT, "'second argument of max/min must be positive'")
    } WHEN n > 10000 THEN {fail(ARGUMENT, "'second argument of max/min must be less than or equal to 10000'")}
    ELSE n END""",
    # Of a key with several values Trino keeps any one.
    f"""olo_map_of_distinct_or_refuse(e) AS
    map(list_transform(e, lambda x: x.k)[:CASE WHEN len(list_distinct(list_transform(e, lambda x: x.k))) < len(e) THEN {
        fail("unsupported", "'map_agg of a key that has several values, of which Trino keeps any one'")
    } ELSE len(e) END], list_transform(e, lambda x: x.v))""",
    """olo_map_agg_or_refuse(e) AS CASE WHEN e IS NOT NULL
    AND len(list_filter(e, lambda x: x.k IS NOT NULL)) > 0
    THEN olo_map_of_distinct_or_refuse(list_distinct(list_filter(e, lambda x: x.k IS NOT NULL))) END""",
    f"""olo_width_bucket(x, low, high, n) AS CASE WHEN x IS NULL OR low IS NULL OR high IS NULL OR n IS NULL THEN NULL
    WHEN n <= 0 THEN {fail(ARGUMENT, "'bucketCount must be greater than 0'")} WHEN isnan(x) THEN {
        fail(ARGUMENT, "'operand must not be NaN'")
    }
    WHEN NOT isfinite(low) OR NOT isfinite(high) THEN {fail(ARGUMENT, "'bounds must be finite'")}
    WHEN low = high THEN {fail(ARGUMENT, "'bounds cannot equal each other'")}
    WHEN low > high THEN n + 1 - olo_bucket(x, high, low, n) ELSE olo_bucket(x, low, high, n) END""",
    """olo_bucket(x, low, high, n) AS CASE WHEN x < low THEN CAST(0 AS BIGINT) WHEN x >= high THEN n + 1
    ELSE CAST(floor(CAST(n AS DOUBLE) * (x - low) / (high - low)) AS BIGINT) + 1 END""",
    f"""olo_radix(n) AS CASE WHEN n < 2 OR n > 36 THEN {
        fail(ARGUMENT, "'Radix must be between 2 and 36'")
    } ELSE n END""",
    """olo_to_base(x, n) AS CASE WHEN x < 0 THEN '-' ELSE '' END
    || lower(to_base(abs(CAST(x AS BIGINT)), CAST(olo_radix(n) AS INTEGER)))""",
    f"""olo_ascii_or_refuse(s) AS CASE WHEN strlen(s) <> length(s) THEN {
        fail_text("unsupported", "'distances of text beyond ASCII'")
    } ELSE s END""",
    f"""olo_hamming(a, b) AS CAST(CASE WHEN length(a) <> length(b) THEN {
        fail(ARGUMENT, "'The input strings to hamming_distance function must have the same length'")
    } WHEN a = '' AND b = '' THEN 0 ELSE hamming(a, b) END AS BIGINT)""",
    f"""olo_split_limit(s, d, n) AS CASE WHEN s IS NULL OR d IS NULL OR n IS NULL THEN NULL WHEN n <= 0 THEN [{
        fail_text(ARGUMENT, "'Limit must be positive'")
    }] WHEN n > 2147483647 THEN [{
        fail_text(ARGUMENT, "'Limit is too large'")
    }] WHEN len(string_split(s, d)) <= n THEN string_split(s, d)
    ELSE list_append(string_split(s, d)[1:n - 1], substr(s, CAST(1 + (n - 1) * length(d)
    + coalesce(list_sum(list_transform(string_split(s, d)[1:n - 1], lambda e: length(e))), 0) AS BIGINT))) END""",
    # Each sequence of bytes that is no sign gives one replacement; how long it is Trino tells by its first byte.
    f"""olo_from_utf8(b, r) AS CASE WHEN r IS NOT NULL THEN coalesce(TRY(decode(b)), array_to_string(list_transform(
    regexp_extract_all(hex(b), '{_SIGNS}'), lambda h: coalesce(TRY(decode(from_hex(h))), r)), '')) END""",
    f"""olo_replacement(r) AS CASE WHEN length(r) > 1 THEN {
        fail_text(ARGUMENT, "'Replacement character string must empty or a single character'")
    } ELSE r END""",
    f"""olo_trim_array(a, n) AS a[:CASE WHEN n < 0 THEN {
        fail(ARGUMENT, "'size must not be negative: ' || n")
    } WHEN n > len(a) THEN {
        fail(ARGUMENT, "'size must not exceed array cardinality ' || len(a) || ': ' || n")
    } ELSE len(a) - n END]""",
    f"""olo_bit_count(x, bits) AS CASE WHEN x IS NULL OR bits IS NULL THEN NULL WHEN bits < 2 OR bits > 64 THEN {
        fail(ARGUMENT, "'Bits specified in bit_count must be between 2 and 64, got ' || bits")
    } WHEN bits = 64 THEN CAST(bit_count(CAST(x AS BIGINT)) AS BIGINT)
    WHEN x < -CAST(pow(2, bits - 1) AS HUGEINT) OR x >= CAST(pow(2, bits - 1) AS HUGEINT) THEN {
        fail(ARGUMENT, "'Number must be representable with the bits specified. ' || x || ' cannot be'")
    } ELSE CAST(bit_count(CAST(x AS BIGINT)) AS BIGINT) - CASE WHEN x < 0 THEN 64 - bits ELSE 0 END END""",
    f"""olo_width_bucket_of_or_refuse(x, bins) AS CASE WHEN x IS NULL OR bins IS NULL THEN NULL
    WHEN len(bins) = 0 THEN {fail(ARGUMENT, "'Bins cannot be an empty array'")} WHEN isnan(x) THEN {
        fail(ARGUMENT, "'Operand cannot be NaN'")
    }
    WHEN olo_has_null(bins) OR len(list_filter(bins, lambda b: NOT isfinite(b))) > 0 THEN {
        fail("unsupported", "'width_bucket with bins that are NULL, NaN or infinite'")
    } WHEN list_sort(bins) <> bins THEN {fail(ARGUMENT, "'Bin values are not sorted in ascending order'")}
    ELSE CAST(len(list_filter(bins, lambda b: b <= x)) AS BIGINT) END""",
    """olo_bytes_from(b, i, n) AS from_hex(CASE WHEN b IS NULL OR i IS NULL OR n IS NULL THEN NULL
    WHEN n <= 0 OR i = 0 OR i > octet_length(b) OR i < -octet_length(b) THEN ''
    ELSE substring(hex(b), CAST(2 * (CASE WHEN i > 0 THEN least(i, octet_length(b))
    ELSE octet_length(b) + greatest(i, -octet_length(b)) + 1 END) - 1 AS BIGINT),
    CAST(2 * least(n, octet_length(b)) AS BIGINT)) END)""",
)
