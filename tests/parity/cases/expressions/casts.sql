-- each t: boolean ;; tinyint ;; smallint ;; integer ;; bigint ;; real ;; double ;; decimal(5,2) ;; decimal(38,0) ;; varchar ;; varchar(3) ;; char(4) ;; varbinary ;; date ;; time ;; timestamp ;; timestamp(6) ;; timestamp with time zone ;; json
-- each x: true ;; TINYINT '-128' ;; SMALLINT '300' ;; 0 ;; 2147483647 ;; BIGINT '-9223372036854775808' ;; REAL '1.5' ;; DOUBLE '2.5' ;; DOUBLE '-0.0' ;; nan() ;; infinity() ;; 1e19 ;; 1.005 ;; -999.995 ;; 12345678901234567890.5 ;; '' ;; ' 12 ' ;; 'true' ;; '1.5' ;; 'abc' ;; CAST('12' AS char(4)) ;; X'4142' ;; DATE '2024-02-29' ;; TIME '12:34:56.789' ;; TIMESTAMP '2024-02-29 12:34:56.789012' ;; TIMESTAMP '2024-02-29 12:34:56.789 Europe/Berlin' ;; INTERVAL '1' DAY ;; INTERVAL '14' MONTH ;; JSON '1.5' ;; JSON '"x"' ;; ARRAY[1, NULL] ;; ROW(1, 'a') ;; MAP(ARRAY['k'], ARRAY[1]) ;; NULL
CAST({x} AS {t})

-- Text to numbers.
-- each t: integer ;; bigint ;; double ;; real ;; decimal(10,3) ;; boolean
-- each x: '0' ;; '-0' ;; '+5' ;; '007' ;; '1e3' ;; '1E3' ;; '.5' ;; '5.' ;; '1_000' ;; '0x10' ;; ' 5' ;; '5 ' ;; '５' ;; '1,000' ;; 'NaN' ;; 'nan' ;; 'Infinity' ;; '-Infinity' ;; 'inf' ;; '9223372036854775808' ;; '1.0005' ;; '1.0015' ;; '-1.0005' ;; 't' ;; 'T' ;; 'yes' ;; 'FALSE' ;; '1' ;; '99999999' ;; '1d' ;; '1f'
CAST({x} AS {t})
TRY_CAST({x} AS {t})

-- Numbers to text.
-- each x: 0e0 ;; -0e0 ;; 1e0 ;; 1.5e0 ;; 100e0 ;; 1e6 ;; 1e7 ;; 12345678.9e0 ;; 1e-3 ;; 1e-4 ;; 0.1e0 ;; 1e21 ;; 1e100 ;; 123456789012345680e0 ;; 4.9e-324 ;; 1.7976931348623157e308 ;; 3.141592653589793e0 ;; 2e-3 ;; 9007199254740993e0 ;; nan() ;; -infinity() ;; REAL '0.1' ;; REAL '1e10' ;; REAL '16777216' ;; REAL '3.4028235e38' ;; REAL '1.4e-45' ;; REAL '1e-3' ;; REAL '1e7' ;; REAL '1.1e7' ;; 1.10 ;; 0.00 ;; -0.5 ;; 1.000000000000000000 ;; 100 ;; -5 ;; true
CAST({x} AS varchar)
CAST({x} AS varchar(4))
CAST({x} AS char(6))
concat('[', CAST({x} AS varchar), ']')

-- Rounding where numbers become integers and decimals.
-- each x: 0.5 ;; 1.5 ;; 2.5 ;; -0.5 ;; -1.5 ;; -2.5 ;; 0.49999 ;; 2147483647.4 ;; 2147483647.5 ;; -2147483648.5
CAST({x} AS integer)
CAST({x} AS bigint)
CAST({x}e0 AS integer)
CAST({x}e0 AS bigint)
CAST(CAST({x} AS real) AS integer)
CAST({x} AS decimal(12,0))
CAST({x}e0 AS decimal(12,0))

-- each x: 9223372036854775807e0 ;; 9223372036854775808e0 ;; -9223372036854775808e0 ;; -9223372036854777856e0 ;; 9.3e18
CAST({x} AS bigint)
TRY_CAST({x} AS bigint)
CAST({x} AS decimal(19,0))
CAST({x} AS decimal(38,0))

-- each x: 0.1e0 ;; 1.005e0 ;; 1.115e0 ;; 2.675e0 ;; 123456789.987654321e0 ;; 1e20 ;; 1e-20 ;; REAL '0.1' ;; REAL '1.005' ;; REAL '16777216'
CAST({x} AS decimal(10,2))
CAST({x} AS decimal(38,10))
CAST({x} AS decimal(38,20))
CAST({x} AS decimal(3,3))

-- each x: 1 ;; -1 ;; 127 ;; 128 ;; -129 ;; 32768 ;; 70000
CAST({x} AS tinyint)
CAST({x} AS smallint)
TRY_CAST({x} AS tinyint)
CAST({x} AS decimal(3,1))
CAST({x} AS decimal(2,2))
CAST({x} AS boolean)
CAST({x} AS real)

-- Text to dates and times.
-- each t: date ;; time ;; time(0) ;; timestamp ;; timestamp(0) ;; timestamp(9) ;; timestamp with time zone ;; timestamp(6) with time zone
-- each x: '2024-02-29' ;; '2023-02-29' ;; '2024-2-9' ;; '0000-01-01' ;; '10000-01-01' ;; '-0001-01-01' ;; '2024-01-01 ' ;; ' 2024-01-01' ;; '2024-01-01 10:11' ;; '2024-01-01 10:11:12' ;; '2024-01-01T10:11:12' ;; '2024-01-01 10:11:12.9999999' ;; '2024-01-01 10:11:12 UTC' ;; '2024-01-01 10:11:12+02:00' ;; '2024-01-01 10:11:12 America/New_York' ;; '2024-01-01 24:00:00' ;; '10:11:12' ;; '10:11:12.5' ;; '10:11' ;; '24:00:00' ;; '20240101' ;; '' ;; 'now'
CAST({x} AS {t})

-- Between dates and times.
-- each t: date ;; timestamp(0) ;; timestamp(3) ;; timestamp(6) ;; timestamp(12) ;; timestamp(3) with time zone ;; timestamp(6) with time zone ;; time(0) ;; time(6) ;; varchar ;; varchar(10) ;; char(30)
-- each x: DATE '0001-01-01' ;; DATE '9999-12-31' ;; DATE '1969-12-31' ;; TIMESTAMP '1969-12-31 23:59:59.9999' ;; TIMESTAMP '2024-12-31 23:59:59.999999999' ;; TIMESTAMP '2024-03-31 02:30:00' ;; TIMESTAMP '2024-07-01 12:00:00.5 America/New_York' ;; TIMESTAMP '2024-07-01 12:00:00.123456 +05:30' ;; TIMESTAMP '2024-07-01 23:30:00 -11:00' ;; TIME '23:59:59.999999'
CAST({x} AS {t})

-- char and varchar.
CAST('abc' AS char(5)) || '|'
CAST('abc' AS char(2))
CAST('abcdef' AS varchar(3))
CAST('äöü' AS varchar(2))
CAST('😀😀' AS varchar(1))
CAST('abc' AS char(5)) = 'abc'
CAST('abc' AS char(5)) = 'abc  '
'abc  ' = CAST('abc' AS char(5))
length(CAST('abc' AS char(5)))
CAST(CAST('abc' AS char(5)) AS varchar)
CAST(CAST('abc' AS char(5)) AS varchar(4)) || '|'
CAST('' AS char(3))
CAST(12345 AS varchar(3))
CAST(12345 AS char(3))
CAST(true AS varchar(3))
CAST('a' AS varchar(0))
CAST('a' AS char(0))
typeof(CAST('a' AS char))
typeof(CAST('a' AS varchar(2147483647)))
typeof(CAST(1 AS decimal))
typeof(CAST(1 AS decimal(5)))
typeof(CAST(1 AS numeric(5,1)))
typeof(CAST(1 AS int))
typeof(CAST(1 AS double precision))
typeof(CAST(1 AS float))
typeof(CAST(1 AS string))
typeof(CAST(1 AS decimal(39,0)))
typeof(CAST(1 AS decimal(5,6)))
typeof(CAST(NULL AS timestamp(13)))
typeof(CAST(NULL AS timestamp with time zone))
typeof(CAST(NULL AS row(a bigint, b varchar(3))))
typeof(CAST(NULL AS row(bigint, varchar)))
typeof(CAST(NULL AS map(varchar, array(double))))
typeof(CAST(NULL AS bigint array))
CAST(NULL AS foo)
1::bigint
