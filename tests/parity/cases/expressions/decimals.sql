-- Precision and scale of the result, and the value rounded to it, over pairs of types.
-- each t: decimal(1,0) ;; decimal(3,3) ;; decimal(10,2) ;; decimal(12,4) ;; decimal(18,0) ;; decimal(19,4) ;; decimal(25,10) ;; decimal(38,0) ;; decimal(38,2) ;; decimal(38,10) ;; decimal(38,18) ;; decimal(38,37) ;; decimal(38,38)
-- each u: decimal(1,0) ;; decimal(3,3) ;; decimal(10,2) ;; decimal(12,4) ;; decimal(18,0) ;; decimal(19,4) ;; decimal(25,10) ;; decimal(38,0) ;; decimal(38,2) ;; decimal(38,10) ;; decimal(38,18) ;; decimal(38,37) ;; decimal(38,38)
-- each op: + ;; - ;; * ;; / ;; %
CAST(0.7 AS {t}) {op} CAST(0.3 AS {u})

-- each t: decimal(1,0) ;; decimal(3,3) ;; decimal(10,2) ;; decimal(12,4) ;; decimal(18,0) ;; decimal(19,4) ;; decimal(25,10) ;; decimal(38,0) ;; decimal(38,2) ;; decimal(38,10) ;; decimal(38,18) ;; decimal(38,37) ;; decimal(38,38)
-- each u: decimal(1,0) ;; decimal(3,3) ;; decimal(10,2) ;; decimal(12,4) ;; decimal(18,0) ;; decimal(19,4) ;; decimal(25,10) ;; decimal(38,0) ;; decimal(38,2) ;; decimal(38,10) ;; decimal(38,18) ;; decimal(38,37) ;; decimal(38,38)
CAST(0.7 AS {t}) < CAST(0.3 AS {u})
typeof(coalesce(CAST(0.7 AS {t}), CAST(0.3 AS {u})))
coalesce(CAST(0.7 AS {t}), CAST(0.3 AS {u}))

-- each t: decimal(1,0) ;; decimal(3,3) ;; decimal(10,2) ;; decimal(12,4) ;; decimal(18,0) ;; decimal(19,4) ;; decimal(25,10) ;; decimal(38,0) ;; decimal(38,2) ;; decimal(38,10) ;; decimal(38,18) ;; decimal(38,37) ;; decimal(38,38)
-- each i: TINYINT '2' ;; SMALLINT '2' ;; 2 ;; BIGINT '2'
-- each op: + ;; * ;; / ;; %
CAST(0.7 AS {t}) {op} {i}
{i} {op} CAST(0.7 AS {t})

-- each t: decimal(38,0) ;; decimal(38,2) ;; decimal(38,10) ;; decimal(38,18) ;; decimal(20,2) ;; decimal(18,9)
-- each x: 1.999999 ;; -123456789.987654321 ;; 99999999999999999. ;; 0.000000000001
-- each y: 3. ;; -7.77 ;; 0.000001 ;; 12345678901234.5
-- each op: + ;; - ;; * ;; / ;; %
CAST({x} AS {t}) {op} CAST({y} AS {t})

round(CAST(12345.678 AS decimal(38,3)), 1)
abs(CAST(-5 AS decimal(38,0)))
-CAST(5 AS decimal(38,38))
sign(CAST(-5.5 AS decimal(38,1)))
ceil(CAST(5.5 AS decimal(38,1)))
floor(CAST(-5.5 AS decimal(38,37)))
mod(CAST(5.5 AS decimal(38,1)), CAST(0.3 AS decimal(38,37)))
