"""DuckDB macros of functions that read and write text: dates by patterns, regular expressions."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions import joni
from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail, fail_text

_FAR = fail_text("unsupported", "'time zone where its offsets aren''t proved: far back, or after 2099'")

ZONES = (
    f"""olo_local_or_refuse(t, zone, since) AS list_transform([t], lambda i: CASE
    WHEN i >= make_timestamptz(since) AND i < TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN timezone(zone, i)
    WHEN i IS NOT NULL THEN CAST({_FAR} AS TIMESTAMP) END)[1]""",
    "olo_ahead(t, zone) AS epoch_us(timezone(zone, t)) - epoch_us(t)",
    "olo_at_offset(l, us) AS make_timestamptz(epoch_us(l) - us)",
    f"""olo_proved_instant(i, since) AS CASE
    WHEN i < make_timestamptz(since) OR i >= TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN CAST({_FAR} AS TIMESTAMPTZ)
    ELSE i END""",
    # Joda's DateTimeZone.convertLocalToUTC: the offset at the local time taken as UTC, then the one at that instant.
    # Where a zone west of UTC has no such local time, the first holds, so that the clock goes on from before the gap.
    """olo_settled(l, zone, o) AS list_transform([olo_ahead(olo_at_offset(l, o), zone)], lambda p:
    CASE WHEN p <> o AND o < 0 AND olo_ahead(olo_at_offset(l, p), zone) <> p THEN olo_at_offset(l, o)
    ELSE olo_at_offset(l, p) END)[1]""",
    """olo_instant(t, zone, since) AS list_transform([t], lambda l: olo_proved_instant(
    olo_settled(l, zone, olo_ahead(olo_at_offset(l, 0), zone)), since))[1]""",
    # The same with an original: its offset is kept where the local time has it (DateTimeZone.convertLocalToUTC, too).
    """olo_instant_near(t, origin, zone, since) AS list_transform([{'l': t, 'o': olo_ahead(origin, zone)}], lambda p:
    CASE WHEN olo_ahead(olo_at_offset(p.l, p.o), zone) = p.o THEN olo_proved_instant(olo_at_offset(p.l, p.o), since)
    ELSE olo_instant(p.l, zone, since) END)[1]""",
    """olo_shifted(t, span, zone, since) AS list_transform([{'t': t, 'span': span}], lambda p:
    olo_instant_near(olo_local_or_refuse(p.t, zone, since) + p.span, p.t, zone, since))[1]""",
    # As java.time reads text: the earlier of two instants; NULL where the zone has no such local time.
    """olo_instant_of_text(t, zone, since) AS list_transform([t], lambda l: olo_proved_instant(list_filter(
    [olo_at_offset(l, olo_ahead(olo_at_offset(l, day), zone)) for day in [86400000000, -86400000000]],
    lambda i: timezone(zone, i) = l)[1], since))[1]""",
    "olo_offset_text(m) AS CASE WHEN m < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(m) // 60 AS VARCHAR), 2, '0') "
    "|| ':' || lpad(CAST(abs(m) % 60 AS VARCHAR), 2, '0')",
)

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

_FOLDS = (
    r"\x{df}\x{130}\x{149}\x{17f}\x{1f0}\x{390}\x{3b0}\x{587}\x{1c80}-\x{1c8f}\x{1e90}-\x{1e9f}"
    r"\x{1f50}-\x{1fff}\x{212a}\x{fb00}-\x{fb1f}"
)

REGULAR = (
    f"""olo_plain_words_or_refuse(s) AS CASE WHEN strlen(s) <> length(s)
    AND regexp_matches(s, '[{joni.properties()["word"]}]') THEN {
        fail_text("unsupported", "'regular expression with a word boundary on text with letters beyond ASCII'")
    } ELSE s END""",
    # Characters whose folding has several letters, letters of ASCII, or isn't known to one of the engines.
    f"""olo_plain_cases_or_refuse(s) AS CASE WHEN strlen(s) <> length(s) AND regexp_matches(s, '[{_FOLDS}]') THEN {
        fail_text("unsupported", "'regular expression with (?i) on text with ligatures, ß and the like'")
    } ELSE s END""",
    f"""olo_no_line_end_or_refuse(s) AS CASE WHEN ends_with(s, chr(10)) THEN {
        fail_text("unsupported", "'regular expression with $ on text that ends with a line end'")
    } ELSE s END""",
    f"""olo_group(n, count) AS CASE WHEN n < 0 THEN {fail(ARGUMENT, "'Group cannot be negative'")} ELSE n END""",
)

MACROS = (*ZONES, *MOMENTS, *REGULAR)
