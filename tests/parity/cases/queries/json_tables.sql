-- JSON in columns: nothing is folded to a constant.
SELECT id, json_extract_scalar(doc, '$.user.name') AS name, CAST(json_extract_scalar(doc, '$.amount') AS decimal(10,2)) AS amount
FROM (VALUES (1, '{"user":{"name":"Ana"},"amount":12.50}'), (2, '{"user":null,"amount":1e1}'), (3, NULL), (4, ''), (5, 'none')) AS t(id, doc) ORDER BY id;
SELECT id, item FROM (VALUES (1, '{"items":["a","b",1.50]}'), (2, '{"items":[]}'), (3, '{}')) AS t(id, doc)
CROSS JOIN UNNEST(CAST(json_extract(doc, '$.items') AS array(varchar))) AS u(item) ORDER BY id, item;
SELECT id, json_extract_scalar(item, '$.sku') AS sku, CAST(json_extract(item, '$.qty') AS integer) AS qty
FROM (VALUES (1, '{"items":[{"sku":"x","qty":2},{"sku":"y","qty":3.0}]}'), (2, '{"items":null}')) AS t(id, doc)
CROSS JOIN UNNEST(CAST(json_extract(doc, '$.items') AS array(json))) AS u(item) ORDER BY id, sku;
SELECT doc, count(*) AS n FROM (VALUES json_parse('{"b":1,"a":2}'), JSON '{"a":2,"b":1}', JSON '[1]', CAST(NULL AS json)) AS t(doc) GROUP BY doc;
SELECT DISTINCT doc FROM (VALUES JSON '1.50', JSON '1.5', JSON '1.50') AS t(doc);
SELECT doc FROM (VALUES JSON '1') AS t(doc) ORDER BY doc;
SELECT max(doc) FROM (VALUES JSON '1') AS t(doc);
SELECT count(DISTINCT doc) AS n FROM (VALUES JSON '1', JSON '1', JSON '[1,2]') AS t(doc);
SELECT a.doc FROM (VALUES JSON '{"k":1}', JSON '2') AS a(doc) JOIN (VALUES JSON '{ "k" : 1 }') AS b(doc) ON a.doc = b.doc;
SELECT k, v FROM (VALUES JSON '{"x":1,"y":[1.50]}') AS t(doc) CROSS JOIN UNNEST(CAST(doc AS map(varchar, json))) AS u(k, v) ORDER BY k;
SELECT id, CAST(CAST(json_parse(doc) AS row(x double, y varchar)) AS json) AS again
FROM (VALUES (1, '{"y":"b","x":1}'), (2, '{"X":1e2}'), (3, 'null'), (4, '[1.5,null]')) AS t(id, doc) ORDER BY id;
SELECT json_format(CAST(array_agg(ROW(id, name) ORDER BY id) AS json)) AS doc FROM (VALUES (1, 'a'), (2, NULL), (3, 'é"')) AS t(id, name);
SELECT json_format(CAST(map_agg(name, id) AS json)) AS doc FROM (VALUES (2, 'b'), (1, 'a')) AS t(id, name);
SELECT id, CAST(json_extract(doc, '$.a') AS bigint) AS a, json_array_length(json_extract(doc, '$.b')) AS n, is_json_scalar(doc) AS scalar
FROM (VALUES (1, '{"a":"7","b":[1,[2]]}'), (2, '{"a":true,"b":{}}'), (3, '3.5')) AS t(id, doc) ORDER BY id;
SELECT id, TRY_CAST(json_extract(doc, '$') AS map(varchar, bigint)) AS m FROM (VALUES (1, '{"a":1}'), (2, '{"a":"x"}'), (3, '[1]')) AS t(id, doc) ORDER BY id;
SELECT id, json_size(doc, '$.a') AS s, json_array_get(doc, id) AS g, json_array_contains(doc, id) AS c
FROM (VALUES (0, '[0,1.50,"x",{"b":1.50}]'), (1, '[0,1.50,"x",{"b":1.50}]'), (2, '[0,1.50,"x",2]'), (3, '[0,1.50,"x",{"b":1.50}]'), (-1, '{"a":[1,2]}')) AS t(id, doc) ORDER BY id;
SELECT json_parse(doc) FROM (VALUES '{"a":1}', '{bad') AS t(doc);
SELECT json_parse(doc) AS v FROM (VALUES '{"a":1E+2}', '[0.10, 1]', '"😀"') AS t(doc);
SELECT json_array_length(json_extract(j, '$.a.b')) FROM (VALUES '{"a":{"b":[1,"x"]}}') t(j);
SELECT json_array_length(json_extract(j, '$.a.b')) FROM (VALUES '{"a":{"b":[1,2]}}') t(j);
SELECT json_array_length(json_extract(j, '$.a.b')) FROM (VALUES '{"a":{"b":[]}}') t(j);
SELECT json_array_length(json_extract(j, '$.a.b')) FROM (VALUES '{"a":{"b":[]}}', NULL) t(j);
SELECT json_array_length(json_extract(j, '$.b')) FROM (VALUES '{"b":[1]}') t(j);
SELECT json_array_length(json_extract(j, '$.b')) FROM (VALUES '{"b":[1]}', '{}') t(j);
SELECT json_array_length(json_extract(j, '$.b')), json_array_get(json_extract(j, '$.b'), 0), json_array_contains(json_extract(j, '$.b'), 1) FROM (VALUES '{"b":[1]}', '{"b":{}}', '{"b":null}', '{"b":"[1]"}', '{"b":[1.5,[2],{"c":1.0}]}') t(j);
SELECT json_array_length(json_parse(j)), json_array_get(json_parse(j), 1) FROM (VALUES '[1.50,"a"]', '[]', '{"b":[1]}') t(j);
SELECT is_json_scalar(json_extract(j, '$.b')), json_size(json_extract(j, '$.b'), '$') FROM (VALUES '{"b":[1.5]}', '{"b":1.5}', '{"b":null}') t(j);
