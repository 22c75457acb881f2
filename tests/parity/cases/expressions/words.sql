-- Functions that read words and numbers in text, or write them; URLs.
-- each s: 'Ashcraft' ;; 'Ashcroft' ;; 'Tymczak' ;; 'Pfister' ;; 'Honeyman' ;; 'Robert' ;; 'Rupert' ;; 'Rubin' ;; 'Jackson' ;; 'Lloyd' ;; 'Hh' ;; 'whw' ;; 'A' ;; '' ;; 'a-b' ;; '1ab' ;; 'O''Hara' ;; 'Wheaton' ;; 'bwhb' ;; 'BOB' ;; 'Sgler' ;; 'Gutierrez' ;; 'VanDeusen' ;; 'é' ;; NULL
soundex({s})

-- each s: 'hELLO wORLD-foo bar_x 1a ''s' ;; '  a  b ' ;; '' ;; 'ß' ;; 'x.y Z' ;; 'a	b' ;; NULL
title_case({s})

-- each s: '79927398713' ;; '' ;; '79927398714' ;; '0' ;; '18' ;; '4111111111111111' ;; 'a' ;; '1 8' ;; NULL
luhn_check({s})

-- each s: '0' ;; 'zz' ;; '-1f' ;; '+7' ;; '' ;; '-' ;; '9' ;; '7FFFFFFFFFFFFFFF' ;; '-8000000000000000' ;; '8000000000000000' ;; ' 1' ;; '1.0' ;; NULL
from_base({s}, 16)
from_base({s}, 36)
from_base({s}, 10)
from_base({s}, 2)

from_base('1', 1)
from_base('1', 37)
from_base('1', NULL)

-- each s: '1B' ;; '1kB' ;; '2.5MB' ;; '1.1B' ;; '3GB' ;; '0.001kB' ;; '7TB' ;; '1PB' ;; '1EB' ;; '1ZB' ;; '9.99YB' ;; '1' ;; '' ;; 'kB' ;; '-1kB' ;; '1KB' ;; '1 kB' ;; NULL
parse_data_size({s})
parse_presto_data_size({s})

-- each x: 0e0 ;; 0.4e0 ;; 0.5e0 ;; 1e0 ;; 59e0 ;; 60e0 ;; 61e0 ;; 96e0 ;; 3600e0 ;; 3762e0 ;; 86400e0 ;; 604800e0 ;; 604801e0 ;; 56363463e0 ;; -61e0 ;; -0.5e0 ;; 1.5e0 ;; 2.5e0 ;; nan() ;; infinity() ;; NULL
human_readable_seconds({x})

-- each s: 0 ;; 1 ;; 500 ;; 1250 ;; 1310 ;; 1311 ;; -1 ;; NULL
wilson_interval_lower({s}, 1310, 1.96e0)
wilson_interval_upper({s}, 1310, 1.96e0)

wilson_interval_lower(1, 0, 1e0)
wilson_interval_lower(1, 2, -1e0)
wilson_interval_upper(1, 2, 0e0)

-- each s: 'a=1,b=2' ;; 'a=1,b=2,' ;; '' ;; 'a=1' ;; 'a=' ;; '=1' ;; 'a=1,b=2=3' ;; 'a=1,,b=2' ;; ',' ;; 'a=1,b=2,a=3' ;; 'ab' ;; 'ß=é,😀=x' ;; NULL
split_to_map({s}, ',', '=')
split_to_multimap({s}, ',', '=')

split_to_map('a=1', ',', ',')
split_to_map('a=1', '', '=')
split_to_map('a->1;;b->2', ';;', '->')
split_to_multimap('a=1', NULL, '=')

-- each s: 'a b' ;; 'a b~*-_./é+%' ;; '' ;; '😀' ;; 'http://a.b/c?d=e&f=g#h' ;; '!\"#$%&''()*+,:;<=>?@[\]^`{|}' ;; NULL
url_encode({s})
url_decode(url_encode({s}))

-- each s: 'a+b%7E%2A' ;; '%C3%A9' ;; '%zz' ;; '%4' ;; '%' ;; 'plain' ;; 'a%20b' ;; '%FF' ;; NULL
url_decode({s})

-- each u: 'http://example.com/path1/p.php?k1=v1&k2=v2#Ref1' ;; 'http://user:pw@www.example.com:8080/a/b%20c?x=%20y&z&w=1&w=2#f%20' ;; 'https://example.com' ;; 'https://example.com/' ;; 'ftp://1.2.3.4:21/x' ;; 'http://a_b.c/d' ;; 'mailto:a@b.c' ;; 'foo' ;; 'foo bar' ;; '/a/b?c' ;; 'a?' ;; '?x=1' ;; '#f' ;; '' ;; 'http://' ;; 'http:///x' ;; '//host/x' ;; 'http://h.c?x=a=b' ;; 'http://h.c/?=v&x' ;; 'http://h.c/?x=%C3%A9' ;; 'http://h.c/é' ;; 'HTTP://H.C' ;; 'http://h.c:/x' ;; 'http://h.c/%zz' ;; 'http://1.2.3/' ;; 'http://h.c/a|b' ;; 'x://h.c/../a' ;; NULL
url_extract_protocol({u})
url_extract_host({u})
url_extract_port({u})
url_extract_path({u})
url_extract_query({u})
url_extract_fragment({u})
url_extract_parameter({u}, 'x')
url_extract_parameter({u}, 'k2')
url_extract_parameter({u}, 'w')
