-- each x: 1 ;; 1.0 ;; 1e0 ;; REAL '1' ;; BIGINT '2' ;; NULL ;; nan() ;; infinity() ;; -0.0e0
-- each y: 1 ;; 1.00 ;; 0e0 ;; REAL '1.5' ;; DECIMAL '0.99' ;; NULL ;; nan()
-- each op: = ;; <> ;; < ;; <= ;; > ;; >= ;; IS DISTINCT FROM ;; IS NOT DISTINCT FROM
{x} {op} {y}

-- each x: 'a' ;; 'a ' ;; 'A' ;; '' ;; 'ab' ;; CAST('a' AS char(3)) ;; NULL ;; 'ß' ;; 'ss' ;; 'é' ;; U&'e\0301' ;; '😀' ;; '￿'
-- each y: 'a' ;; 'a ' ;; 'b' ;; CAST('a' AS char(1)) ;; '' ;; 'é' ;; '😀'
-- each op: = ;; < ;; >= ;; IS DISTINCT FROM
{x} {op} {y}

-- each x: DATE '2024-01-01' ;; TIMESTAMP '2024-01-01 00:00:00' ;; TIMESTAMP '2024-01-01 00:00:00.000001' ;; TIMESTAMP '2024-01-01 00:00:00 UTC' ;; TIMESTAMP '2024-01-01 01:00:00 Europe/Berlin' ;; TIME '00:00:00' ;; INTERVAL '1' DAY ;; INTERVAL '24' HOUR ;; INTERVAL '12' MONTH
-- each y: DATE '2024-01-01' ;; TIMESTAMP '2024-01-01 00:00:00' ;; TIMESTAMP '2024-01-01 00:00:00 UTC' ;; TIME '00:00:00.001' ;; INTERVAL '1' DAY ;; INTERVAL '1' YEAR ;; '2024-01-01'
-- each op: = ;; < ;; >=
{x} {op} {y}

1 BETWEEN 0 AND 2
1 BETWEEN 2 AND 0
1 NOT BETWEEN 0 AND 2
1 BETWEEN NULL AND 2
3 BETWEEN NULL AND 2
3 NOT BETWEEN NULL AND 2
1 BETWEEN 0.5 AND 1e0
'b' BETWEEN 'a' AND 'c'
1 IN (1, 2)
1 IN (2, NULL)
1 IN (1, NULL)
1 NOT IN (2, NULL)
NULL IN (1)
NULL IN (NULL)
1 IN (1.0, 2e0)
1 IN ('a')
'a' IN ('a ', 'b')
nan() IN (nan())
nan() = nan()
nan() <> nan()
nan() IS NOT DISTINCT FROM nan()
nan() > infinity()
nan() < 1
0e0 = -0e0
-0e0 IS DISTINCT FROM 0e0
REAL 'NaN' = REAL 'NaN'
NULL = NULL
NULL IS NULL
1 IS NOT NULL
NULL IS DISTINCT FROM NULL
NULL AND false
NULL AND true
NULL OR true
NULL OR false
NOT NULL
NOT true
true AND NULL
NOT 1
1 AND true
true = 1
true > false
true = 'true'
1 = '1'
1 < 'a'
1 != 2
1 == 1
ARRAY[1, 2] = ARRAY[1, 2]
ARRAY[1, NULL] = ARRAY[1, NULL]
ARRAY[1, NULL] = ARRAY[2, NULL]
ARRAY[1, NULL] IS NOT DISTINCT FROM ARRAY[1, NULL]
ARRAY[1, 2] < ARRAY[1, 3]
ARRAY[1, 2] < ARRAY[1]
ARRAY[1, NULL] < ARRAY[1, 2]
ARRAY[nan()] = ARRAY[nan()]
ROW(1, 2) = ROW(1, 2)
ROW(1, NULL) = ROW(1, NULL)
ROW(1, NULL) = ROW(2, NULL)
ROW(1, 2) < ROW(1, 3)
ROW(1, NULL) < ROW(2, NULL)
ROW(1, NULL) IS NOT DISTINCT FROM ROW(1, NULL)
(1, 2) IN ((1, 2), (3, 4))
MAP(ARRAY[1], ARRAY[2]) = MAP(ARRAY[1], ARRAY[2])
MAP(ARRAY[1], ARRAY[NULL]) = MAP(ARRAY[1], ARRAY[NULL])
MAP(ARRAY[1], ARRAY[2]) < MAP(ARRAY[1], ARRAY[2])
JSON '{"a":1,"b":2}' = JSON '{"b":2,"a":1}'
JSON '1.0' = JSON '1'
X'00' < X'01'
X'FF' > X'01'
UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59' < UUID 'f2151fd2-7586-11e9-8f9e-2a86e4085a59'
greatest(1, 2, 3)
greatest(1, NULL)
greatest(1, 2.5)
greatest(1, 2e0)
greatest(nan(), 1e0)
least(nan(), 1e0)
least(1, NULL, 2)
least('b', 'a', 'ab')
greatest('a', 'B')
greatest()
greatest(1, 'a')
least(DATE '2024-01-01', TIMESTAMP '2023-12-31 00:00:00')
greatest(ARRAY[1], ARRAY[2])
