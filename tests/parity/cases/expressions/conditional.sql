CASE WHEN true THEN 1 ELSE 2.5 END
CASE WHEN false THEN 1 END
CASE WHEN NULL THEN 1 ELSE 2 END
CASE 1 WHEN 1 THEN 'a' WHEN 2 THEN 'bcd' END
CASE NULL WHEN NULL THEN 'same' ELSE 'other' END
CASE 1 WHEN 1.0 THEN 'eq' ELSE 'ne' END
CASE nan() WHEN nan() THEN 'eq' ELSE 'ne' END
CASE WHEN true THEN 1 ELSE 'a' END
CASE WHEN true THEN NULL ELSE NULL END
CASE WHEN true THEN CAST('a' AS char(3)) ELSE 'bcde' END
CASE WHEN true THEN 'a' ELSE CAST('b' AS varchar) END
CASE WHEN true THEN TINYINT '1' ELSE BIGINT '2' END
CASE WHEN true THEN 1 ELSE REAL '2' END
CASE WHEN true THEN BIGINT '1' ELSE REAL '2' END
CASE WHEN true THEN 1.10 ELSE REAL '2' END
CASE WHEN true THEN 1.10 ELSE 2e0 END
CASE WHEN true THEN 1.10 ELSE 100 END
CASE WHEN true THEN 1.10 ELSE 12345.678 END
CASE WHEN true THEN DATE '2024-01-01' ELSE TIMESTAMP '2024-01-01 00:00:00.123456' END
CASE WHEN true THEN TIMESTAMP '2024-01-01 00:00:00' ELSE TIMESTAMP '2024-01-01 00:00:00.123 UTC' END
CASE WHEN true THEN ARRAY[1] ELSE ARRAY[2.5] END
CASE WHEN true THEN ROW(1, 'a') ELSE ROW(2e0, 'bc') END
CASE WHEN 1 THEN 2 END
CASE WHEN true THEN 1 / 1 ELSE 1 / 0 END
CASE WHEN false THEN 1 / 0 ELSE 2 END
CASE WHEN 1 = 0 THEN 1 / 0 WHEN 1 = 1 THEN 3 END
if(true, 1)
if(false, 1)
if(NULL, 1, 2)
if(true, 1, 2.5)
if(true, 1, 'a')
if(false, 1 / 0, 7)
iff(true, 1, 2)
coalesce(NULL, 1)
coalesce(NULL, NULL)
coalesce(1, 1 / 0)
coalesce(NULL, 1, 2.5)
coalesce(1)
coalesce('a', 'bcd')
coalesce(NULL, 'a', 1)
coalesce(DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00')
nullif(1, 1)
nullif(1, 2)
nullif(1, 1.0)
nullif(1, NULL)
nullif(NULL, 1)
nullif('a', 'a ')
nullif(1, 'a')
nullif(nan(), nan())
nullif(1 / 0, 1)
try(1 / 0)
try(CAST('x' AS integer))
try(9223372036854775807 + 1)
try(1)
try(1 / 0) + 1
try(ARRAY[1][5])
try(json_parse('{bad'))
coalesce(try(1 / 0), -1)
try(date_parse('x', '%Y'))
try(fail('no'))
fail('no')
if(false, CAST(fail('no') AS integer), 1)
true AND 1 / 0 = 1
false AND 1 / 0 = 1
true OR 1 / 0 = 1
nullif(0, 0) IS NULL AND true
