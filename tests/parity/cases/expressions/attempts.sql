-- What TRY takes, what it lets through; casts of text that may have no zone.
-- each e: json_parse('{bad') ;; json_parse('{"a":1}') ;; json_parse('{"a":1,"a":2}') ;; json_extract('{bad', '$.a') ;; json_extract_scalar('{"a": 1', '$.a') ;; CAST(json_parse('[1,"x"]') AS array(integer)) ;; CAST('2024-02-30' AS date) ;; CAST('2024-01-01 10:00:00' AS timestamp) ;; CAST('x' AS timestamp) ;; CAST('2024-01-01 10:00:00 Europe/Berlin' AS timestamp with time zone) ;; date_parse('2024-13-01', '%Y-%m-%d') ;; date_parse('2024-12-01', '%Y-%m-%d') ;; parse_datetime('x', 'yyyy') ;; from_iso8601_date('2024-1-1') ;; from_iso8601_timestamp('bad') ;; 1 / 0 ;; 5 % 0 ;; CAST(1e20 AS integer) ;; ARRAY[1][2] ;; element_at(ARRAY[1], 0) ;; DECIMAL '1' / 0 ;; CAST(99999 AS decimal(4,0)) ;; from_base('zz', 10) ;; chr(-1) ;; url_decode('%zz') ;; from_hex('zz') ;; MAP(ARRAY[1], ARRAY[2])[5] ;; regexp_extract('aß', '(?i)ß') ;; array_max(ARRAY[1e0, nan()]) ;; DECIMAL '99999999999999999999999999999999999999' * 10 ;; DECIMAL '99999999999999999999999999999999999999' + 1 ;; date_trunc('day', TIMESTAMP '2024-02-01 00:00:00') ;; sequence(1, 100000) ;; repeat('a', -1) ;; substr('a', 5) ;; CAST('' AS integer) ;; CAST(NULL AS integer) ;; ip_prefix('x', 1) ;; DATE '2024-01-01' + INTERVAL '1' HOUR ;; with_timezone(TIMESTAMP '2024-03-31 02:30:00', 'Europe/Berlin')
TRY({e})

-- each t: date ;; timestamp ;; timestamp with time zone ;; time ;; json ;; decimal(10,2) ;; real ;; uuid
-- each v: '2024-02-30' ;; '2024-02-28' ;; '2024-01-01 10:00:00' ;; '2024-01-01 10:00:00.123 UTC' ;; '2024-01-01 10:00 Europe/Berlin' ;; '10:11' ;; 'x' ;; '1.255' ;; NULL
TRY_CAST({v} AS {t})
-- each v: '2024-01-01 10:00:00' ;; '2024-01-01' ;; '2024-01-01 10:00' ;; '2024-01-01 10:00:00.123456789' ;; '2024-01-01 10:00:00 UTC' ;; '2024-01-01 10:00:00Z' ;; '2024-01-01 10:00:00 Z' ;; '2024-01-01 10:00:00+00:00' ;; '2024-01-01 10:00:00 +00:00' ;; '2024-01-01T10:00:00Z' ;; '2024-1-1 1:2:3' ;; 'x' ;; '' ;; '2024-02-30 10:00:00' ;; ' 2024-01-01 10:00:00 ' ;; '2024-01-01 10:00:00UTC' ;; '0001-01-01 00:00:00' ;; '2024-01-01 24:00:00'
CAST({v} AS timestamp with time zone)
TRY_CAST({v} AS timestamp(6) with time zone)
CAST(substr({v}, 1) AS timestamp(0) with time zone)
TRY(INTERVAL '1' DAY / 0)
TRY(INTERVAL '1' DAY / 0e0)
INTERVAL '1' DAY / 0e0
TRY(mod(5, 0))
TRY(5 % 0)
