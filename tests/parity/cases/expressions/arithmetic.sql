-- Operators over pairs of numeric types: the type of the result, and its value.
-- each x: TINYINT '7' ;; SMALLINT '-7' ;; 7 ;; BIGINT '-7' ;; REAL '7.25' ;; DOUBLE '-7.25' ;; DECIMAL '7.25' ;; DECIMAL '-123456789012345678.123' ;; NULL
-- each y: TINYINT '3' ;; SMALLINT '-3' ;; 3 ;; BIGINT '3' ;; REAL '2.5' ;; DOUBLE '-2.5' ;; DECIMAL '0.30' ;; DECIMAL '33333333333333333.3333' ;; NULL
-- each op: + ;; - ;; * ;; / ;; %
{x} {op} {y}

-- each x: TINYINT '0' ;; SMALLINT '0' ;; 0 ;; BIGINT '0' ;; REAL '0' ;; DOUBLE '0' ;; DECIMAL '0.00' ;; DOUBLE '-0.0'
1 / {x}
1 % {x}
-1.5 / {x}
1.5 % {x}
1e0 / {x}
1e0 % {x}
0e0 / {x}
REAL '1' / {x}
-({x})

-- each x: TINYINT '127' ;; SMALLINT '32767' ;; 2147483647 ;; 9223372036854775807 ;; 99999999999999999999999999999999999999. ;; REAL '3.4028235e38' ;; 1.7976931348623157e308
{x} + {x}
{x} * {x}
{x} + 1
{x} + TINYINT '1'
-{x} - {x}
-({x})
{x} * -1
{x} / -1
abs(-{x})

-- each x: TINYINT '-128' ;; SMALLINT '-32768' ;; INTEGER '-2147483648' ;; BIGINT '-9223372036854775808'
-({x})
abs({x})
{x} / -1
{x} % -1
{x} / TINYINT '-1'
{x} * -1
{x} - TINYINT '1'
{x} + BIGINT '-1'

-- Division and remainder: towards zero, the sign of the dividend.
-- each x: 7 ;; -7 ;; 1 ;; -1 ;; 0
-- each y: 2 ;; -2 ;; 3 ;; -3 ;; 10
{x} / {y}
{x} % {y}
mod({x}, {y})
{x}.0 / {y}
{x}.00 % {y}.0
{x}e0 % {y}

-- Decimals: precision and scale, rounding half away from zero.
-- each x: 1.0 ;; -1.0 ;; 2.5 ;; 0.05 ;; 10.00 ;; 123456789.123456789 ;; -99999999999999999.99 ;; 0.00000000000000000001
-- each y: 3.0 ;; -7.00 ;; 0.3 ;; 1000 ;; 0.0000001 ;; 99999999999999999999
{x} + {y}
{x} - {y}
{x} * {y}
{x} / {y}
{x} % {y}

CAST(1 AS decimal(10,2)) / CAST(3 AS decimal(12,4))
CAST(2 AS decimal(38,0)) / CAST(3 AS decimal(38,0))
CAST(2 AS decimal(38,18)) * CAST(3 AS decimal(38,18))
CAST(2 AS decimal(38,37)) * CAST(3 AS decimal(38,37))
CAST(2 AS decimal(38,37)) + CAST(3 AS decimal(38,1))
CAST(1 AS decimal(5,5)) + 1
CAST(0.99999 AS decimal(5,5)) + CAST(0.99999 AS decimal(5,5))
CAST(99999999999999999999999999999999999999. AS decimal(38,0)) + CAST(1 AS decimal(38,0))
CAST(-99999999999999999999999999999999999999. AS decimal(38,0)) - CAST(1 AS decimal(38,0))
CAST(99999999999999999999999999999999999999. AS decimal(38,0)) * CAST(0.1 AS decimal(1,1))
CAST(99999999999999999999999999999999999999. AS decimal(38,0)) / CAST(0.1 AS decimal(1,1))
CAST(1 AS decimal(38,0)) / CAST(99999999999999999999999999999999999999. AS decimal(38,0))
CAST(5 AS decimal(38,38)) * 2
1.1 + 1
1.1 + BIGINT '1'
1.1 + TINYINT '1'
1.1 + 1e0
1.1 + REAL '1.1'
1.1 * 2.2 * 3.3 * 4.4
1.0 / 3 / 7
10 / 4
10 / 4.0
10.0 / 4
1 / 3.0
2 / 3.000
-2 / 3.000
0.1 + 0.2 = 0.3
0.1e0 + 0.2e0 = 0.3e0
0.1e0 + 0.2e0
REAL '0.1' + REAL '0.2'
REAL '0.1' + 0.2e0
CAST(REAL '0.1' AS double)
REAL '16777217'
16777217 + REAL '0'
9007199254740993 + 0e0
1 + 'a'
1 + '1'
true + 1
1 + true
DATE '2024-01-01' + 1
'a' - 1
1 / NULL
NULL / 0
NULL % 0
CAST(NULL AS integer) / 0
0 * NULL
nan() + 1
infinity() - infinity()
infinity() * 0
-infinity() + 1
infinity() % 3
5e0 % infinity()
nan() % 1
1e308 * 10
1e-308 / 1e10
2 + 3 * 4
(2 + 3) * 4
2 * 3 % 4
-2 * -3
- - 2
8 / 2 / 2
8 - 2 - 2
2 - -2
1.5 - .5
NUMBER '1.5' + 1
NUMBER '1' / 3
