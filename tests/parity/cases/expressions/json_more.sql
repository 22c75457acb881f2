-- each j: '{"a": 1, "b": "x", "c": null, "d": [1, "two", null, {"e": true}], "f": {"g": "h", "i": {"j": -5}}}' ;; '{"a": 1.50, "b": 1e2}' ;; '{"a": 1, "a": 2}' ;; '[1, "x", null, [5]]' ;; '"text"' ;; '12' ;; 'null' ;; 'true' ;; '' ;; 'abc' ;; '{"a": "q\"\\\u00e9\n\t\/"}' ;; '{"a b": 1, "x.y": 2, "A": 3}' ;; '{"a": 12345678901234567890123}' ;; '{"a": -0}' ;; '{"a": 18446744073709551615, "b": -9223372036854775808}' ;; '{"a": 1} x' ;; '{"a": 1, }' ;; '  {"a" : 7 } ' ;; '{"a": ""}' ;; '{"a": [], "b": {}}' ;; '{"a": 9223372036854775808}' ;; CAST(NULL AS varchar) ;; '{a: 1}' ;; '{"a": NaN}' ;; '{"a": "\ud83d\ude00"}' ;; '{"a": "été 😀"}' ;; '[]' ;; '{"a":{"a":{"a":"deep"}}}' ;; '{"a": 01}' ;; '{"a": 1 /* c */}' ;; '{"a": +1}' ;; '{"a": .5}' ;; '{"a": ''x''}' ;; '{"a": "\u0000"}' ;; '{"0": "zero"}' ;; '{"a":1}{"a":2}'
-- each p: '$' ;; '$.a' ;; '$.b' ;; '$.c' ;; '$.d[1]' ;; '$.d[3].e' ;; '$.f.i.j' ;; '$.d' ;; '$[1]' ;; '$[3][0]' ;; '$["a b"]' ;; '$["x.y"]' ;; '$.A' ;; '$.a.a.a' ;; '$.d[9]' ;; '$.a[0]' ;; '$[0]'
json_extract_scalar({j}, {p})
json_size({j}, {p})
json_array_length({j})

json_extract_scalar('{"a": 1}', '$..a')
json_extract_scalar('{"a": 1}', '$.*')
json_extract_scalar('{"a": 1}', 'a')
json_extract_scalar('{"a": 1}', NULL)
json_extract_scalar(NULL, '$.a')
json_extract_scalar(1, '$.a')
json_extract_scalar('{"a": 1}', '$.a') || 'x'
CAST(json_extract_scalar('{"a": 15}', '$.a') AS bigint) + 1
typeof(json_extract_scalar(CAST('{"a": 1}' AS varchar), '$.a'))
json_array_contains('[1, 2]', 2)
json_parse('{"b": 1, "a": 2}')
json_format(JSON '{"a": 1}')
-- each j: '{"price": 12.50, "qty": 3, "rate": 1.5E3, "other": 12.5}' ;; '{"price": 12.50, "qty": 12, "s": "12.50"}' ;; '{"price": -0.10}' ;; '{"price": 0.1, "x": [1.0, 1]}' ;; '{"price": "finance, info", "x": "a, nan"}' ;; '{"\u0070rice": 5.0}' ;; '{"price": "\ud83d"}' ;; U&'{"price": "a\000Ab"}' ;; '{"price": 1e400}' ;; '{"price": 123456789.123456789123}' ;; '{"price": tru}' ;; '{"price": [1,2}' ;; '{"price": 5'
json_extract_scalar({j}, '$.price')
json_extract_scalar({j}, '$.rate')
json_extract_scalar({j}, '$.x[0]')
json_extract_scalar({j}, '$.x')
CAST(json_extract_scalar({j}, '$.price') AS double)
try(CAST(json_extract_scalar({j}, '$.price') AS double))
