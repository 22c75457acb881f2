-- each s: 'été 2024 ßtraße' ;; 'ÉTÉ ñandú' ;; 'Привет МИР_1' ;; 'ΣΊΣΥΦΟΣ λόγος' ;; 'emoji 😀 x1' ;; 'ﬁne ſ K' ;; U&'a\000Ab\000A' ;; U&'x\00A0y\0085z' ;; '١٢٣ ok' ;; 'naïve café-bar' ;; '东京 2024' ;; ''
-- each p: '\d+' ;; '\w+' ;; '[\w-]+' ;; '\s' ;; '\W+' ;; '[^\d\s]+' ;; '\bx' ;; 'o\b' ;; '(?i)été' ;; '(?i)[À-Ö]+' ;; '(?i)мир' ;; '(?i)Σ' ;; '(?i)ss' ;; '(?i)k' ;; '(?is)a.B' ;; '(?s)a.b' ;; '(?m)^b' ;; '(?m)a$' ;; '\p{L}+' ;; '\p{Lu}' ;; '\P{L}' ;; '[\p{L}\p{Nd}_]+' ;; '\p{Punct}' ;; '\p{S}' ;; '\p{M}' ;; '[^\p{L}]' ;; '.' ;; '(?<first>\w)(?<second>\w)' ;; '(?i)x*'
regexp_like({s}, {p})
regexp_extract({s}, {p})
regexp_extract_all({s}, {p})
regexp_replace({s}, {p})
regexp_replace({s}, {p}, '[$0]')
regexp_count({s}, {p})
regexp_split({s}, {p})
regexp_position({s}, {p})

-- each r: '$10' ;; '$2' ;; '${x}' ;; '${z}' ;; '\$1' ;; '$1$1' ;; '$0$01' ;; 'a\\b' ;; '$x' ;; '$' ;; '\' ;; 'été'
regexp_replace('abc', '(?<x>a)', {r})
regexp_replace('abc', '(?<x>z)', {r})
regexp_replace('abcabc', '(a)(b)|(c)', {r})

-- each p: '(?x) a' ;; 'a(?i)B' ;; '(?i:A)b' ;; '(?-i)ab' ;; '[[:alpha:]]+' ;; '\x61' ;; '\u0061' ;; '\Qa\E' ;; '\p{IsLatin}' ;; '\p{InGreek}' ;; '\p{Greek}' ;; '\pL' ;; 'a{,2}' ;; '(?<=a)b' ;; 'a(?!c)' ;; 'a++' ;; '(a)\1' ;; '(' ;; '[b-a]' ;; '\Z' ;; '\G' ;; '\R' ;; '\h' ;; '(?<x>a)(?<x>b)'
regexp_like('ab', {p})
regexp_extract('ab', {p})

regexp_like('a', NULL)
regexp_extract('a', NULL)
regexp_extract('a', 'a', NULL)
regexp_extract_all('a', NULL)
regexp_count('a', NULL)
regexp_split('a', NULL)
regexp_position('a', NULL)
regexp_replace('a', NULL)
regexp_replace('a', 'a', NULL)
regexp_extract('abc', '(?<x>a)(b)', 2)
regexp_extract(CAST('abc' AS char(5)), 'b')
