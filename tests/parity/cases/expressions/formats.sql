-- format() by Java's rules, and smaller functions: the nth place of a text, remainders, functions of char, draws.
-- each v: 'héllo' ;; '' ;; CAST(NULL AS varchar) ;; 12 ;; -5 ;; 2.50 ;; DECIMAL '0.00000012' ;; 1.005e0 ;; 1e10 ;; nan() ;; REAL '1.5' ;; true ;; DATE '2024-02-29' ;; CAST('ab' AS char(4)) ;; NULL
format('%s', {v})
format('[%10s|%-10s|%.2s|%S]', {v}, {v}, {v}, {v})

-- each n: 12 ;; 0 ;; -5 ;; 1234567 ;; BIGINT '-9223372036854775808' ;; TINYINT '7' ;; CAST(NULL AS integer) ;; 1.5 ;; 1e0 ;; 'x'
format('%d|%5d|%-5d|%05d|%+d|%,d|% d|%(d', {n}, {n}, {n}, {n}, {n}, {n}, {n}, {n})
format('%,12d|%+,d|%012d|%(08d|%-12d|%1$d', {n}, {n}, {n}, {n}, {n})

-- each f: 0e0 ;; -0e0 ;; 1.005e0 ;; -1.005e0 ;; 2.5e0 ;; 0.35e0 ;; -0.001e0 ;; 1234567.891e0 ;; 1e15 ;; 123456789012345.678e0 ;; 1e-10 ;; nan() ;; infinity() ;; -infinity() ;; CAST(NULL AS double) ;; 1.005 ;; -0.001 ;; DECIMAL '1234567.8915' ;; DECIMAL '99999999999999999999.995' ;; REAL '2.345' ;; REAL '0.1' ;; 5 ;; 'x'
format('%f|%8.3f', {f}, {f})
format('%.0f|%,.2f', {f}, {f})
format('%(010.2f|%-+10.1f', {f}, {f})

format('%s and %s', 'a', 'b')
format('%2$s %1$s %s', 'a', 'b')
format('100%% of %s%n', 'a')
format('%s')
format('%s %s', 'a')
format('no', 1)
format('%b|%B|%5b', true, false, NULL)
format('%q', 1)
format('%', 1)
format('%d%%', 5)
format('%x', 255)
format('%tY', DATE '2024-01-01')
format('%.2f', NULL)
format(CAST(NULL AS varchar), 1)
format('%s', ARRAY[1])

-- each i: 1 ;; 2 ;; 3 ;; -1 ;; -2 ;; 0 ;; 100 ;; NULL
strpos('hello', 'l', {i})
strpos('aaa', 'aa', {i})
strpos('a😀b😀', '😀', {i})
strpos('hello', '', {i})
strpos('', 'a', {i})

-- each x: 5 ;; -5.5 ;; 5.25 ;; REAL '2.5' ;; 7.5e0 ;; TINYINT '7' ;; NULL
-- each y: 2 ;; 0.3 ;; -1.5 ;; REAL '2' ;; 0.0 ;; 2e0
mod({x}, {y})

-- each r: REAL '1.25' ;; REAL '-1.25' ;; REAL '2.345' ;; REAL '0.1' ;; REAL '1e10' ;; REAL '-0' ;; CAST(nan() AS real) ;; CAST(NULL AS real)
-- each d: 0 ;; 1 ;; 2 ;; -1 ;; NULL
round({r}, {d})
sign({r})

-- each c: CAST('aB' AS char(4)) ;; CAST(' ab ' AS char(5)) ;; CAST('' AS char(2)) ;; CAST(NULL AS char(3)) ;; CAST('é😀' AS char(4))
upper({c})
lower({c})
trim({c})
ltrim({c})
rtrim({c})
reverse({c})
to_utf8({c})
length({c})
typeof(trim({c}))

random() BETWEEN 0 AND 1
random(10) BETWEEN 0 AND 9
rand(TINYINT '3') < 3
random(5, 7) BETWEEN 5 AND 6
random(BIGINT '-5', BIGINT '-3') BETWEEN -5 AND -4
typeof(random(5))
typeof(random(SMALLINT '2', SMALLINT '5'))
random(0)
random(5, 5)
random(1)
random(5, 6)
