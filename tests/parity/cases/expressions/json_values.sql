-- Paths.
-- each p: '$.a-b' ;; '$[a]' ;; '$[a-b]' ;; '$.a b' ;; '$["a\"b\\"]' ;; '$["a\b"]' ;; '$[''ab'']' ;; '$.ab ' ;; ' $.ab' ;; '' ;; '$[""]' ;; '$.' ;; '$["a*"]' ;; '$[00]' ;; '$.$x' ;; '$.a:b' ;; '$.1' ;; '$["1"]' ;; '$.é' ;; '$._a' ;; '$["a/b~c"]' ;; '$.*' ;; '$[0:1]' ;; '$[99999999999]'
-- each j: '{"a":5,"ab":6,"a\"b\\":7,"":8,"a*":9,"a:b":10,"1":11,"é":12,"_a":13,"a/b~c":14}' ;; '[1,2.50,[3]]'
json_extract({j}, {p})
json_extract_scalar({j}, {p})

-- Numbers.
-- each n: 1E400 ;; 1e-7 ;; 0.00000012 ;; 12345678901234567890.5 ;; 1.0E+2 ;; 1e0 ;; -0.0 ;; -0 ;; 0e5 ;; 0.0000000 ;; 100000000000000000000000 ;; 1.5E10 ;; 1e7 ;; 0.001 ;; 0.0001 ;; 123456789.125 ;; 1234567.125 ;; -1.50 ;; 9007199254740993.0 ;; 9223372036854775807 ;; 9223372036854775808 ;; -9223372036854775808 ;; 2.5 ;; -2.5 ;; 1.005 ;; 300 ;; 1e20 ;; 10e-3 ;; 123e5
json_parse('{n}')
json_parse('{"k":[{n},"{n}"]}')
json_extract('[{n}]', '$')
json_extract('{"a":{n}}', '$.a')
json_extract_scalar('[ {n} ]', '$[0]')
json_array_get('[{n}]', 0)
CAST(json_parse('{n}') AS varchar)
CAST(json_parse('{n}') AS varchar(6))
CAST(json_parse('{n}') AS bigint)
CAST(json_parse('{n}') AS tinyint)
CAST(json_parse('{n}') AS double)
CAST(json_parse('{n}') AS boolean)
CAST(json_parse('{n}') AS decimal(10,2))
CAST(json_parse('{n}') AS decimal(38,10))
CAST(json_parse('[{n}]') AS array(json))
CAST(json_parse('{"a":{n}}') AS map(varchar, varchar))
CAST(json_extract('{"a":[{n}]}', '$.a') AS array(double))
TRY_CAST(json_extract('{n}', '$') AS bigint)

-- Texts.
-- each s: "" ;; "a" ;; "\u001f\u007f\u2028\u0000\b\f\n\r\t\\\"\/" ;; "\ud83d\ude00" ;; "😀é" ;; "true" ;; "1.5" ;; " 5" ;; "NaN" ;; "2024-01-01" ;; "\u00e9" ;; "TRUE" ;; "x"
json_parse('{s}')
json_extract('{"a":{s}}', '$.a')
json_extract('{"a":{s}}', '$')
json_extract_scalar('{"a":{s}}', '$.a')
json_format(json_parse('[{s},{"k":{s}}]'))
CAST(json_parse('{s}') AS varchar)
CAST(json_parse('{s}') AS bigint)
CAST(json_parse('{s}') AS double)
CAST(json_parse('{s}') AS boolean)
CAST(json_parse('{s}') AS decimal(5,1))
CAST(json_parse('[{s}]') AS array(varchar))
CAST(json_parse('{{s}:1}') AS map(varchar, integer))
TRY_CAST(json_parse('{s}') AS bigint)

-- Whole values.
-- each j: {"b":1,"a":{"d":1,"c":{"b":2,"a":3}}} ;; {"ab":1,"a":2,"aa":3,"b":0,"":9,"a b":8,"Z":7} ;; [null,1.50,{"b":1e2,"a":null}] ;; [] ;; {} ;; null ;; [[1,2],[3]] ;; {"x":1,"y":"b"} ;; {"y":null} ;; {"X":1} ;; {"x":1,"X":2} ;; [1,"b"] ;; [1] ;; [1,2,3] ;; true ;; [{"a":1},{"a":2}] ;; {"x":{"a":[1]},"y":[2]} ;; [1] x ;; {"a":1,} ;; [nan] ;; [-Infinity] ;; ["a, nan"] ;; {"1":1,"2":2}
json_parse('{j}')
json_extract('{j}', '$')
json_array_length('{j}')
json_size(json_parse('{j}'), '$')
is_json_scalar('{j}')
json_array_get(json_parse('{j}'), 1)
json_array_contains('{j}', 1)
json_array_contains('{j}', 1.5e0)
CAST(json_parse('{j}') AS array(json))
CAST(json_parse('{j}') AS array(array(bigint)))
CAST(json_parse('{j}') AS array(map(varchar, bigint)))
CAST(json_parse('{j}') AS map(varchar, json))
CAST(json_parse('{j}') AS map(varchar, bigint))
CAST(json_parse('{j}') AS map(bigint, bigint))
CAST(json_parse('{j}') AS row(x integer, y varchar))
CAST(json_parse('{j}') AS row(x json, y json))
CAST(json_parse('{j}') AS row(x row(a array(bigint)), y array(bigint)))
JSON '{j}'
JSON '{j}' = json_parse('{j}')
TRY_CAST(json_extract('{j}', '$') AS array(bigint))
TRY_CAST(json_extract('{j}', '$') AS map(varchar, varchar))
CAST(CAST(json_extract('{j}', '$') AS map(varchar, json)) AS json)

-- Into JSON.
CAST(ARRAY[json_parse('1.50'), json_parse('{"b":1.50,"a":1}'), NULL] AS json)
-- each v: MAP(ARRAY['b','a'], ARRAY[1.50,NULL]) ;; MAP(ARRAY[10,9], ARRAY[1,2]) ;; MAP(ARRAY[true], ARRAY[1]) ;; MAP(ARRAY[1.50], ARRAY[1]) ;; MAP(ARRAY[DATE '2024-01-01'], ARRAY[1]) ;; MAP(ARRAY['é','e','Z'], ARRAY[1,2,3]) ;; ROW(1,'a') ;; CAST(ROW(1,'a',NULL) AS row(x integer,"Y z" varchar, q date)) ;; ROW(ROW(1.50)) ;; TIME '01:02:03' ;; TIMESTAMP '2024-01-01 00:00:00.123456' ;; TIMESTAMP '2024-01-01 00:00:00 UTC' ;; ARRAY[TIMESTAMP '2024-01-01 00:00:00.12', DATE '2024-01-01'] ;; INTERVAL '1' DAY ;; X'00' ;; CAST('a' AS char(3)) ;; UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59' ;; REAL '1.1' ;; REAL '1e10' ;; 1e-5 ;; -0e0 ;; 123456789.125e0 ;; infinity() ;; ARRAY[nan()] ;; REAL '123456.7' ;; REAL '3.4e38' ;; REAL '16777216' ;; 0.001e0 ;; '😀' ;; ARRAY['😀', chr(7)||chr(127)||'/"\'] ;; ARRAY[] ;; MAP() ;; ARRAY[NULL] ;; CAST(NULL AS array(integer)) ;; CAST(NULL AS row(x integer)) ;; TINYINT '1' ;; DECIMAL '0.5' ;; ARRAY[MAP(ARRAY['k'], ARRAY[ARRAY[1.5e0]])] ;; '[1,2]' ;; false
CAST({v} AS json)

-- each v: DATE ;; timestamp ;; char(3) ;; varbinary ;; array(date) ;; uuid ;; map(date, integer) ;; row(a date)
CAST(JSON '"a"' AS {v})

JSON '1' < JSON '2'
JSON '1' IN (JSON '1', JSON '2')
JSON '1.0' = JSON '1'
JSON '1' <> JSON '1'
JSON '1' IS DISTINCT FROM NULL
JSON '1' BETWEEN JSON '1' AND JSON '2'
greatest(JSON '1', JSON '2')
coalesce(NULL, JSON '1')
coalesce(JSON '1', 'a')
nullif(JSON '1', JSON '1')
CASE JSON '1' WHEN JSON '1' THEN 'one' END
JSON '1' || 'a'
length(JSON '1')
json_format('1')
json_parse(1)
json_extract(1, '$')
json_array_contains('[1]', DATE '2024-01-01')
json_array_contains('[1]', NULL)
json_array_get('[1]', NULL)
json_extract('{"a":1}', CAST(NULL AS varchar))
json_extract(NULL, '$')
typeof(JSON '1')
typeof(json_extract('1', '$'))
JSON '[1'
try(json_parse('x'))
try(CAST(json_parse('[1') AS array(bigint)))
transform(CAST(JSON '[1,2]' AS array(bigint)), x -> x + 1)
json_extract_scalar(json_extract('{"a":{"b":1.50}}', '$.a'), '$.b')
element_at(CAST(JSON '{"a":"x"}' AS map(varchar, varchar)), 'a')
CAST(JSON '{"a":{"b":[1,2]}}' AS row(a row(b array(bigint)))).a.b[2]
