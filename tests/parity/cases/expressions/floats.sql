-- Floating-point values in what looks up, orders and tells apart.
-- each a: ARRAY[2e0, 1e0, 2e0] ;; ARRAY[1.5e0, NULL, -0e0, 0e0] ;; ARRAY[infinity(), -infinity(), 1e0] ;; ARRAY[nan(), 1e0] ;; CAST(ARRAY[] AS array(double)) ;; CAST(NULL AS array(double))
-- each x: 1e0 ;; 0e0 ;; -0e0 ;; nan() ;; CAST(NULL AS double) ;; 2
contains({a}, {x})
array_position({a}, {x})
array_remove({a}, {x})

-- each a: ARRAY[2e0, 1e0, 2e0] ;; ARRAY[1.5e0, NULL, -0e0, 0e0] ;; ARRAY[0e0, -0e0] ;; ARRAY[infinity(), -infinity(), 1e0] ;; ARRAY[nan(), 1e0] ;; CAST(ARRAY[] AS array(double)) ;; CAST(NULL AS array(double)) ;; ARRAY[REAL '1.1', REAL '-0.0', REAL '0.0'] ;; ARRAY[REAL '3.5', NULL]
array_distinct({a})
array_max({a})
array_min({a})
array_sort({a})
array_histogram({a})
cardinality(array_distinct({a}))

-- each a: ARRAY[2e0, 1e0, 2e0] ;; ARRAY[1.5e0, NULL, -0e0] ;; ARRAY[nan(), 1e0] ;; CAST(ARRAY[] AS array(double))
-- each b: ARRAY[1e0, 3e0] ;; ARRAY[0e0, NULL] ;; ARRAY[nan()] ;; ARRAY[1, 2] ;; CAST(NULL AS array(double))
array_union({a}, {b})
array_intersect({a}, {b})
array_except({a}, {b})
arrays_overlap({a}, {b})
contains_sequence({a}, {b})

-- each m: MAP(ARRAY[1e0, 2.5e0], ARRAY['a', 'b']) ;; MAP(ARRAY[0e0], ARRAY['zero']) ;; MAP(ARRAY[nan(), 1e0], ARRAY['n', 'o'])
-- each k: 1e0 ;; 2.5 ;; 1 ;; -0e0 ;; nan() ;; CAST(NULL AS double) ;; 7e0
element_at({m}, {k})
{m}[{k}]

element_at(MAP(ARRAY['a'], ARRAY[1.5e0]), 'a')
element_at(MAP(ARRAY['a'], ARRAY[nan()]), 'a')
element_at(MAP(ARRAY['a'], ARRAY[ARRAY[1, 2]]), 'a')
element_at(MAP(ARRAY['a'], ARRAY[ROW(1, 'x')]), 'a')
element_at(MAP(ARRAY['a'], ARRAY[MAP(ARRAY[1], ARRAY[2])]), 'a')
element_at(MAP(ARRAY['a'], ARRAY[JSON '[1]']), 'a')
map_from_entries(ARRAY[ROW('a', 1.5e0), ROW('b', nan())])
map_from_entries(ARRAY[ROW('a', ARRAY[1])])
map_from_entries(ARRAY[ROW(1e0, 'a')])
map_keys(MAP(ARRAY[1e0], ARRAY[2]))
map_filter(MAP(ARRAY[1e0, 2e0], ARRAY['a', 'b']), (k, v) -> k > 1)
transform_values(MAP(ARRAY['a'], ARRAY[1.5e0]), (k, v) -> v * 2)
array_sort(ARRAY[1.5e0, 0.5e0], (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))
greatest(1e0, 2e0, -0e0)
least(0e0, -0e0)
array_max(ARRAY[REAL '1.5', REAL '2.5'])
array_average(ARRAY[1e0, 2e0])
