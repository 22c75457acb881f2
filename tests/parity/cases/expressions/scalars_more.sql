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
