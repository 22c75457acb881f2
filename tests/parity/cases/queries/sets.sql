-- approx_set: what is held is shown by its cardinality only.
SELECT cardinality(approx_set(i)), cardinality(approx_set(d)), cardinality(approx_set(k)) FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d);
SELECT k, cardinality(approx_set(i)) FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d) GROUP BY k;
SELECT cardinality(merge(s)) FROM (SELECT k, approx_set(i) AS s FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d) GROUP BY k);
SELECT cardinality(approx_set(i)), cardinality(merge(approx_set(d))) FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d) WHERE i > 100;
SELECT cardinality(approx_set(i)) FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d) WHERE i > 100;
SELECT cardinality(merge(s)) FROM (SELECT approx_set(i) AS s FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d) WHERE i > 100);
SELECT cardinality(empty_approx_set());
SELECT cardinality(approx_set(x)) FROM UNNEST(sequence(1, 300)) t(x);
SELECT cardinality(approx_set(x)) FROM UNNEST(sequence(1, 5000)) t(x);
SELECT approx_set(i) FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d);
SELECT cardinality(approx_set(i > 1)) FROM (VALUES (1, 'a', 1.5e0), (2, 'a', -2e0), (3, 'b', NULL), (NULL, NULL, 0e0), (3, 'c', 1.5e0)) AS t(i, k, d);
SELECT cardinality(approx_set(o_orderpriority)), cardinality(approx_set(o_shippriority)) FROM orders;
