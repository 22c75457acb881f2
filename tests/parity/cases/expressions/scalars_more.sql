-- each x: 27e0 ;; -8e0 ;; 0e0 ;; -0e0 ;; 0.5e0 ;; 1e300 ;; nan() ;; infinity() ;; 2 ;; NULL ;; -1.5e0
cbrt({x})
sinh({x})
cosh({x})
tanh({x})
width_bucket({x}, 0, 10, 5)
width_bucket({x}, 10, 0, 4)

width_bucket(3, 0, 10, 0)
width_bucket(3, 5, 5, 2)
width_bucket(10, 0, 10, 5)
width_bucket(3.14, 0, 4, 3)
-- each n: 0 ;; 255 ;; -255 ;; 9223372036854775807 ;; NULL
-- each b: 2 ;; 10 ;; 16 ;; 36 ;; 1 ;; 37
to_base({n}, {b})

-- each a: 'kitten' ;; '' ;; 'abc' ;; 'ABC' ;; 'été' ;; NULL
-- each b: 'sitting' ;; '' ;; 'abd' ;; 'abc'
levenshtein_distance({a}, {b})
hamming_distance({a}, {b})

-- each s: 'a,b,c' ;; 'abc' ;; '' ;; ',,' ;; 'a,,b' ;; CAST(NULL AS varchar)
-- each n: 1 ;; 2 ;; 3 ;; 9 ;; 0 ;; -1
split({s}, ',', {n})

random() BETWEEN 0 AND 1
rand() < 1
typeof(uuid())

-- each t: '2024-01-15' ;; '2024-01-15T13:45' ;; '2024-01-15T13:45:59' ;; '2024-01-15T13:45:59Z' ;; '2024-01-15T13:45:59.5Z' ;; '2024-01-15T13:45:59.123Z' ;; '2024-01-15T13:45:59.123456Z' ;; '2024-01-15T13:45:59+00:00' ;; '2024-01-15T13:45:59+02:00' ;; '2024-13-15' ;; 'abc' ;; '' ;; NULL ;; '2024-02-30T00:00:00Z' ;; '2024-01-15T24:00:00' ;; '2024-01-15T13:60:00' ;; '0001-01-01' ;; '1969-12-31T23:59:59.9'
from_iso8601_timestamp({t})

-- each a: DATE '2024-01-15' ;; DATE '2024-01-31' ;; DATE '2023-11-01' ;; NULL
-- each b: DATE '2024-06-14' ;; DATE '2024-06-15' ;; DATE '2025-01-01' ;; DATE '2020-01-01'
-- each i: INTERVAL '1' MONTH ;; INTERVAL '2' MONTH ;; INTERVAL '1' YEAR ;; INTERVAL '-1' MONTH
sequence({a}, {b}, {i})

from_utf8(to_utf8('été'))
from_utf8(X'ff')
from_utf8(X'')
from_utf8(CAST(NULL AS varbinary))
trim_array(ARRAY[1, 2, 3], 1)
trim_array(ARRAY[1, 2, 3], 0)
trim_array(ARRAY[1, 2, 3], 3)
trim_array(ARRAY[1, 2, 3], 4)
trim_array(ARRAY[1, 2, 3], -1)
trim_array(CAST(NULL AS array(integer)), 1)
bit_count(7, 64)
bit_count(-1, 64)
bit_count(7, 8)

-- each a: DATE '2024-01-31' ;; DATE '2024-03-31' ;; DATE '2020-02-29' ;; DATE '2024-05-30'
-- each b: DATE '2024-02-29' ;; DATE '2024-05-31' ;; DATE '2024-01-31' ;; DATE '2025-02-28' ;; DATE '2024-05-30'
-- each i: INTERVAL '1' MONTH ;; INTERVAL '-1' MONTH ;; INTERVAL '3' MONTH ;; INTERVAL '-5' MONTH ;; INTERVAL '1' YEAR ;; INTERVAL '0' MONTH
sequence({a}, {b}, {i})

-- each a: TIMESTAMP '2024-01-31 10:00:00' ;; TIMESTAMP '2024-03-31 00:00:00.123456' ;; TIMESTAMP '2024-02-29 23:59:59.999'
-- each b: TIMESTAMP '2024-02-29 09:59:59.999999' ;; TIMESTAMP '2024-05-31 10:00:00' ;; TIMESTAMP '2023-11-30 10:00:00' ;; CAST(NULL AS timestamp(0))
-- each i: INTERVAL '1' MONTH ;; INTERVAL '-1' MONTH ;; INTERVAL '2' MONTH
sequence({a}, {b}, {i})
sequence(DATE '0001-01-01', DATE '9999-01-01', INTERVAL '1' MONTH)
sequence(DATE '1969-01-01', DATE '1970-03-01', INTERVAL '5' MONTH)
