-- Parts.
-- each d: DATE '2024-02-29' ;; DATE '2023-12-31' ;; DATE '2021-01-03' ;; DATE '2020-12-31' ;; DATE '1969-12-31' ;; DATE '0001-01-01' ;; DATE '9999-12-31' ;; TIMESTAMP '2024-02-29 23:59:59.999999' ;; TIMESTAMP '1969-12-31 23:59:59.5' ;; TIMESTAMP '2024-07-01 12:34:56.789 America/New_York' ;; TIME '12:34:56.789' ;; NULL
year({d})
quarter({d})
month({d})
week({d})
week_of_year({d})
day({d})
day_of_month({d})
day_of_week({d})
dow({d})
day_of_year({d})
doy({d})
year_of_week({d})
yow({d})
hour({d})
minute({d})
second({d})
millisecond({d})
extract(YEAR FROM {d})
extract(WEEK FROM {d})
extract(DAY_OF_WEEK FROM {d})
extract(HOUR FROM {d})
extract(EPOCH FROM {d})
extract(TIMEZONE_HOUR FROM {d})
last_day_of_month({d})
date({d})
to_iso8601({d})
to_unixtime({d})
typeof({d})

-- Truncation.
-- each u: 'millisecond' ;; 'second' ;; 'minute' ;; 'hour' ;; 'day' ;; 'week' ;; 'month' ;; 'quarter' ;; 'year' ;; 'DAY' ;; 'decade' ;; NULL
-- each d: DATE '2024-02-29' ;; DATE '2021-01-03' ;; DATE '0001-01-01' ;; TIMESTAMP '2024-08-15 13:45:59.987654' ;; TIMESTAMP '1969-08-15 13:45:59.987' ;; TIMESTAMP '2024-03-31 13:45:59.987 Europe/Berlin' ;; TIME '13:45:59.987'
date_trunc({u}, {d})

-- Differences, both directions.
-- each u: 'millisecond' ;; 'second' ;; 'minute' ;; 'hour' ;; 'day' ;; 'week' ;; 'month' ;; 'quarter' ;; 'year'
date_diff({u}, DATE '2024-01-31', DATE '2024-02-29')
date_diff({u}, DATE '2024-02-29', DATE '2024-01-31')
date_diff({u}, DATE '2024-02-29', DATE '2025-02-28')
date_diff({u}, DATE '2025-02-28', DATE '2024-02-29')
date_diff({u}, DATE '1969-12-31', DATE '1970-01-01')
date_diff({u}, TIMESTAMP '2024-01-31 12:00:00', TIMESTAMP '2024-02-29 11:59:59.999')
date_diff({u}, TIMESTAMP '2024-02-29 11:59:59.999', TIMESTAMP '2024-01-31 12:00:00')
date_diff({u}, TIMESTAMP '2024-01-01 00:00:00.9', TIMESTAMP '2024-01-02 00:00:00.1')
date_diff({u}, TIMESTAMP '2024-03-30 12:00:00 Europe/Berlin', TIMESTAMP '2024-03-31 12:00:00 Europe/Berlin')
date_diff({u}, TIMESTAMP '2024-10-26 12:00:00 Europe/Berlin', TIMESTAMP '2024-10-27 12:00:00 Europe/Berlin')
date_diff({u}, TIME '12:00:00', TIME '11:00:00.5')
date_diff({u}, DATE '0001-01-01', DATE '9999-12-31')
date_diff({u}, DATE '2024-01-01', TIMESTAMP '2024-02-01 12:00:00')

-- Addition.
-- each u: 'millisecond' ;; 'second' ;; 'minute' ;; 'hour' ;; 'day' ;; 'week' ;; 'month' ;; 'quarter' ;; 'year'
date_add({u}, 1, DATE '2024-01-31')
date_add({u}, -1, DATE '2024-03-31')
date_add({u}, 13, DATE '2024-02-29')
date_add({u}, 1, TIMESTAMP '2024-01-31 23:59:59.999')
date_add({u}, -1, TIMESTAMP '2024-03-31 00:00:00')
date_add({u}, 1, TIMESTAMP '2024-03-30 02:30:00 Europe/Berlin')
date_add({u}, 1, TIMESTAMP '2024-10-26 02:30:00 Europe/Berlin')
date_add({u}, 1, TIME '23:59:59.999')
date_add({u}, 0, DATE '9999-12-31')
date_add({u}, NULL, DATE '2024-01-01')

-- With intervals.
-- each d: DATE '2024-01-31' ;; DATE '2024-02-29' ;; TIMESTAMP '2024-01-31 12:00:00' ;; TIMESTAMP '2024-01-31 12:00:00.123456' ;; TIMESTAMP '2024-03-30 02:30:00 Europe/Berlin' ;; TIME '23:00:00'
-- each i: INTERVAL '1' DAY ;; INTERVAL '1' MONTH ;; INTERVAL '1' YEAR ;; INTERVAL '-1' MONTH ;; INTERVAL '36' HOUR ;; INTERVAL '0.5' SECOND ;; INTERVAL '1' WEEK ;; INTERVAL '13' MONTH
{d} + {i}
{d} - {i}
{i} + {d}

DATE '2024-03-01' - DATE '2024-02-01'
TIMESTAMP '2024-03-01 00:00:00' - TIMESTAMP '2024-02-01 12:00:00'
TIMESTAMP '2024-03-01 00:00:00' - DATE '2024-02-01'
TIMESTAMP '2024-03-31 12:00:00 Europe/Berlin' - TIMESTAMP '2024-03-30 12:00:00 Europe/Berlin'
TIME '12:00:00' - TIME '11:00:00'
INTERVAL '1' DAY + INTERVAL '1' HOUR
INTERVAL '1' DAY - INTERVAL '25' HOUR
INTERVAL '1' MONTH + INTERVAL '1' YEAR
INTERVAL '1' DAY + INTERVAL '1' MONTH
INTERVAL '1' DAY * 3
3 * INTERVAL '1' DAY
INTERVAL '1' DAY * 1.5
INTERVAL '1' DAY * 1.5e0
INTERVAL '1' DAY / 2
INTERVAL '1' DAY / 0
INTERVAL '3' MONTH / 2
INTERVAL '3' MONTH * 2
INTERVAL '3' MONTH * 1.5e0
- INTERVAL '3' MONTH
INTERVAL '1' DAY < INTERVAL '25' HOUR
CAST(INTERVAL '1' DAY AS varchar)
CAST(INTERVAL '-90061.5' SECOND AS varchar)
CAST(INTERVAL '14' MONTH AS varchar)
CAST(INTERVAL '-14' MONTH AS varchar)
year(INTERVAL '14' MONTH)
month(INTERVAL '14' MONTH)
day(INTERVAL '36' HOUR)
hour(INTERVAL '36' HOUR)
second(INTERVAL '1.9' SECOND)
millisecond(INTERVAL '1.9' SECOND)
to_milliseconds(INTERVAL '1.5' SECOND)
parse_duration('1.5h')
human_readable_seconds(3661)
DATE '9999-12-31' + INTERVAL '1' DAY
DATE '0001-01-01' - INTERVAL '1' DAY
DATE '2024-01-01' + INTERVAL '100000' YEAR
DATE '2024-01-01' + INTERVAL '1' HOUR
DATE '2024-01-01' + INTERVAL '24' HOUR
DATE '2024-01-01' + 1
DATE '2024-01-01' = '2024-01-01'
DATE '2024-01-01' < TIMESTAMP '2024-01-01 00:00:01'

-- Formats and parsing.
-- each f: '%Y-%m-%d' ;; '%y%j' ;; '%H:%i:%s' ;; '%h:%i %p' ;; '%T' ;; '%r' ;; '%W %a %b %M' ;; '%e %c %d' ;; '%f' ;; '%k %l' ;; '%v %x' ;; '%D' ;; '%U' ;; '%w' ;; '%%' ;; 'x' ;; ''
date_format(TIMESTAMP '2024-02-05 15:04:09.123456', {f})
date_format(TIMESTAMP '0999-12-31 00:00:00', {f})
date_format(DATE '2024-12-30', {f})

-- each f: 'yyyy-MM-dd' ;; 'yyyy-MM-dd''T''HH:mm:ss.SSS' ;; 'EEE, d MMM yy' ;; 'EEEE MMMM' ;; 'hh:mm a' ;; 'D e xxxx ww' ;; 'ZZ' ;; 'Z' ;; 'z' ;; 'G' ;; 'SSSSSS' ;; ''
format_datetime(TIMESTAMP '2024-02-05 15:04:09.123', {f})
format_datetime(TIMESTAMP '2024-02-05 15:04:09.123 America/New_York', {f})
format_datetime(DATE '2024-02-05', {f})

date_parse('2024-02-29', '%Y-%m-%d')
date_parse('2023-02-29', '%Y-%m-%d')
date_parse('2024-02-29 13:14:15', '%Y-%m-%d %H:%i:%s')
date_parse('2024-02-29 13:14:15.123456', '%Y-%m-%d %H:%i:%s.%f')
date_parse('24-2-9', '%y-%c-%e')
date_parse('70-01-01', '%y-%m-%d')
date_parse('69-01-01', '%y-%m-%d')
date_parse('2024', '%Y')
date_parse('01:02 PM', '%h:%i %p')
date_parse('2024-01-01x', '%Y-%m-%d')
date_parse('Jan 5 2024', '%b %e %Y')
date_parse('x', '%Y')
parse_datetime('2024-02-29 13:14', 'yyyy-MM-dd HH:mm')
parse_datetime('2024-02-29 13:14 +0200', 'yyyy-MM-dd HH:mm Z')
from_iso8601_date('2024-02-29')
from_iso8601_date('2024-W09-4')
from_iso8601_date('2024-060')
from_iso8601_date('20240229')
from_iso8601_timestamp('2024-02-29')
from_iso8601_timestamp('2024-02-29T10:11:12')
from_iso8601_timestamp('2024-02-29T10:11:12.123456+02:00')
from_iso8601_timestamp('2024-02-29 10:11:12')
from_iso8601_timestamp_nanos('2024-02-29T10:11:12.123456789Z')
to_iso8601(DATE '2024-01-01')
to_iso8601(TIMESTAMP '2024-01-01 01:02:03')
to_iso8601(TIMESTAMP '2024-01-01 01:02:03.123456')
to_iso8601(TIMESTAMP '2024-01-01 01:02:03.123 America/New_York')
from_unixtime(0)
from_unixtime(1.5e0)
from_unixtime(-1)
from_unixtime(1e15)
from_unixtime(0, 'Europe/Berlin')
from_unixtime(0, 5, 30)
from_unixtime_nanos(1234567890123456789)
to_unixtime(TIMESTAMP '2024-01-01 00:00:00')
to_unixtime(TIMESTAMP '2024-01-01 00:00:00.123456')
to_unixtime(TIMESTAMP '2024-01-01 00:00:00 America/New_York')
to_unixtime(DATE '2024-01-01')
with_timezone(TIMESTAMP '2024-07-01 12:00:00', 'America/New_York')
with_timezone(TIMESTAMP '2024-03-31 02:30:00', 'Europe/Berlin')
with_timezone(TIMESTAMP '2024-10-27 02:30:00', 'Europe/Berlin')
at_timezone(TIMESTAMP '2024-07-01 12:00:00 UTC', 'Asia/Kathmandu')
timezone(TIMESTAMP '2024-07-01 12:00:00 Asia/Tokyo')
TIMESTAMP '2024-07-01 12:00:00 UTC' AT TIME ZONE 'America/New_York'
TIMESTAMP '2024-07-01 12:00:00' AT TIME ZONE 'America/New_York'
TIMESTAMP '2024-07-01 12:00:00 UTC' AT TIME ZONE INTERVAL '2' HOUR
TIMESTAMP '2024-07-01 12:00:00 UTC' AT TIME ZONE 'nowhere'
CAST(TIMESTAMP '2024-07-01 12:00:00 UTC' AT TIME ZONE 'America/New_York' AS timestamp)
CAST(TIMESTAMP '2024-07-01 12:00:00 UTC' AT TIME ZONE 'America/New_York' AS varchar)
CAST(TIMESTAMP '2024-07-01 23:00:00 America/New_York' AS date)
CAST(TIMESTAMP '2024-07-01 23:00:00 America/New_York' AS time)
hour(TIMESTAMP '2024-07-01 23:00:00 America/New_York')
day(TIMESTAMP '2024-07-01 23:00:00 America/New_York')
timezone_hour(TIMESTAMP '2024-07-01 23:00:00 America/New_York')
timezone_minute(TIMESTAMP '2024-07-01 23:00:00 Asia/Kathmandu')
date_trunc('day', TIMESTAMP '2024-07-01 23:00:00 America/New_York')
date_trunc('hour', TIMESTAMP '2024-10-27 02:30:00 Europe/Berlin')
date_trunc('month', TIMESTAMP '2024-10-27 02:30:00 Europe/Berlin')
TIMESTAMP '2024-07-01 12:00:00 UTC' = TIMESTAMP '2024-07-01 08:00:00 America/New_York'
TIMESTAMP '2024-07-01 12:00:00' = TIMESTAMP '2024-07-01 12:00:00 UTC'
TIMESTAMP '2024-07-01 12:00:00 UTC' + INTERVAL '1' MONTH
current_timezone()
date '2024-01-01'
date('2024-01-01')
date('2024-1-1')
date('x')
timestamp '2024-01-01 00:00:00' BETWEEN DATE '2024-01-01' AND DATE '2024-01-02'
last_day_of_month(DATE '2023-02-01')
date_trunc('week', DATE '2024-01-01')
week(DATE '2024-12-30')
year_of_week(DATE '2024-12-30')
date_trunc('fortnight', DATE '2024-01-01')
date_diff('fortnight', DATE '2024-01-01', DATE '2024-01-02')
date_add('day', 1.5, DATE '2024-01-01')
date_add('day', 10000000000, DATE '2024-01-01')
TIMESTAMP '2024-01-01 00:00:00.123456789' + INTERVAL '0.001' SECOND
typeof(TIMESTAMP '2024-01-01 00:00:00.123456789' + INTERVAL '1' DAY)
typeof(DATE '2024-01-01' + INTERVAL '1' DAY)
typeof(date_trunc('day', TIMESTAMP '2024-01-01 00:00:00.123456'))
typeof(TIMESTAMP '2024-01-01 00:00:00' - TIMESTAMP '2024-01-01 00:00:00')
typeof(at_timezone(TIMESTAMP '2024-01-01 00:00:00.123456', 'UTC'))
