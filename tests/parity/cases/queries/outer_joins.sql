-- What WHERE says of the side that an outer join fills with NULL: no file of it may be left out for IS NULL.
SELECT count(*) FROM customer LEFT JOIN orders ON c_custkey = o_custkey WHERE o_orderkey IS NULL;
SELECT count(*) FROM orders RIGHT JOIN customer ON c_custkey = o_custkey WHERE o_orderkey IS NULL;
SELECT count(*) FROM orders FULL JOIN customer ON c_custkey = o_custkey WHERE o_orderkey IS NULL;
SELECT count(*) FROM customer FULL JOIN orders ON c_custkey = o_custkey AND o_orderkey < 100 WHERE c_custkey IS NULL;
SELECT count(*) FROM customer LEFT JOIN (orders JOIN lineitem ON l_orderkey = o_orderkey) ON c_custkey = o_custkey
WHERE l_orderkey IS NULL AND c_mktsegment = 'BUILDING';
SELECT count(*) FROM customer LEFT JOIN orders ON c_custkey = o_custkey WHERE o_orderkey IS NULL OR o_orderkey < 10;
SELECT count(*) FROM customer LEFT JOIN orders ON c_custkey = o_custkey WHERE NOT (o_orderkey IS NOT NULL);
SELECT count(*) FROM customer LEFT JOIN orders ON c_custkey = o_custkey WHERE o_orderkey IS NOT NULL AND o_orderkey < 10;
SELECT count(*), count(o_orderkey) FROM customer LEFT JOIN orders ON c_custkey = o_custkey AND o_comment IS NULL;
SELECT count(*) FROM customer c LEFT JOIN LATERAL (SELECT o_orderkey FROM orders WHERE o_custkey = c.c_custkey) o ON true
WHERE o.o_orderkey IS NULL;
SELECT count(*) FROM customer JOIN nation ON c_nationkey = n_nationkey LEFT JOIN orders ON o_custkey = c_custkey
LEFT JOIN supplier ON s_nationkey = n_nationkey AND s_suppkey = c_custkey WHERE s_suppkey IS NULL AND o_orderkey IS NULL;
SELECT n_name FROM nation LEFT JOIN supplier ON s_nationkey = n_nationkey AND s_acctbal > 9000 WHERE s_suppkey IS NULL
ORDER BY n_name;
SELECT r_name FROM region WHERE NOT EXISTS (SELECT 1 FROM nation WHERE n_regionkey = r_regionkey AND n_name IS NULL)
ORDER BY 1;
SELECT count(*) FROM orders LEFT JOIN lineitem ON l_orderkey = o_orderkey AND l_quantity > 50 WHERE l_orderkey IS NULL
AND o_orderkey BETWEEN 1 AND 1000;
