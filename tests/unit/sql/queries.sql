select * from t
select t.*, u.k as kk from t join u on t.a = u.a order by kk desc, x
select * from t join u using (a)
select a, t.b, u.k from t left join u using (a) order by 1
select t.a from t join u using (a)
select * from t full join u using (a) order by a nulls first
select count(*), sum(a), max(b) from t where x > 100
select b, count(*) from t group by b having count(*) >= 1 order by 2 desc, b
select upper(b) as ub, count(*) from t group by upper(b) order by ub
select upper(b), x from t group by b
select a+1 from t group by a+1
select (a+1)*2 from t group by (a+1)
select a, grouping(a,b), count(*) from t group by rollup(a,b) order by 1,2
select a, b, count(*) from t group by grouping sets ((a),(b),()) order by 1,2,3
select a from t group by cube(a)
select a, count(*) c from t group by 1 order by count(*) desc, a
select a as z from t where z = 1
select a as z from t group by z
select a as b, b as a from t order by a
select a, a from t order by a
select distinct a from t order by b
select distinct a, x from t order by x + 0
select distinct a+1 from t order by a+1
select sum(sum(a)) from t
select sum(a) over (order by x) s, sum(sum(a)) over (order by a) from t group by a
select a, sum(count(*)) over (order by a) from t group by a
select a, rank() over w, sum(x) over (w rows between 1 preceding and current row) from t window w as (order by x)
select a from t where row_number() over () = 1
select a from t where sum(a) = 1
select x from t order by sum(x)
select 1 union select 2.5 union all select null order by 1
select a from t intersect select a from u
select a from t except all select a from u
select 1, 2 union select 1
select 'a' union select 1
values (1,'a'),(2,'b')
select * from (values (1,'abc'),(2,null)) as v(id, name) where id in (select a from u)
select a, (select max(v) from u where u.a = t.a) m from t order by a
select exists(select 1 from u where u.a = t.a) from t
select * from t where a > all (select a from u where a is not null)
select * from unnest(array[1,2,3]) with ordinality as q(e, o)
select t.a, e from t cross join unnest(arr) as z(e) order by 1,2
select t.a, e, o from t left join unnest(arr) with ordinality as z(e,o) on true order by 1,2
select * from unnest(array[1,2], array['x']) as z(a,b)
select * from unnest(array[row(1,'a'), row(2,'b')]) as z(n, s)
select t.a, l.m from t cross join lateral (select max(v) m from u where u.a = t.a) l
select r.f, t.r.g from t
select r.zz from t
select r from t where r.f = 1
with x as (select a, x from t), y as (select a from x where x > 5) select * from y order by 1
with t as (select 1 as one) select * from t
with x as (select * from x) select * from x
select * from missing
select aa from t
select t.a from t t1
select a from t, u
select t.a, u.a from t, u where t.a = u.a order by 1
select 1 as "Foo Bar", 2 as FOO
select * from t limit 1 offset 1
select a from t order by a offset 1 rows limit 1
select a from t order by a offset 1 limit all
select a from t order by a fetch first 1 row only
select a from t order by a desc fetch first 1 rows with ties
select a from t fetch first 1 row with ties
select a b c from t
select a::int from t
select `a` from t
select 'a' 'b'
select a from t qualify row_number() over () = 1
select a[1:2] from t
select arr[1] from t
select x from t group by 1 having x > 10 order by x
select case when count(*) > 1 then 'many' else 'one' end from t
select count(distinct a), count(*) filter (where a = 2), array_agg(b order by x desc) from t
select a, b, c from (select 1 a, 2 b, 3 c) where a = 1
select * from (select 1, 2)
select _col0 from (select 1)
(select a from t order by a limit 1) union all (select a from u order by a limit 1)
(select a from t) order by a limit 1
table u
select x from (table t) order by x desc nulls first
select if(a=1,'x','y') from t
select from t
select * 
select a from t where
select a from
select count(*) from (select * from t t1 cross join t t2)
select a from t where b like '1%' or 12:30
select 1 = 1 is null
select not a = 1 and true from t
select date '2026-01-31', timestamp '2026-01-31 10:00:00.123 UTC', time '12:30', decimal '1.50', x'0aff'
select transform(arr, e -> e + x) from t
select listagg(b, ',') within group (order by b) from t
select grouping(a) from t
select a, count(*) from t group by a order by b
select any_value(b), a from t group by a order by a
select max(b) from t group by grouping sets (())
select count(*) from t where false group by ()
select count(*) from t where false group by a
select 1 from t having true
select a from t order by 2
select (select a from t)
select a from t t1 where exists (select 1 from t t2 where t2.a = t1.a and t2.x <> t1.x) order by x
select 1e400
select 99999999999999999999
select "a" from "T"
select A, T.B from T where X = 10
select count(*) from t a join t b on a.a = b.a join u c on c.a = a.a
select a.x from t a join (u b join u c on b.a = c.a) on a.a = b.a
select a.x from t a join u b join u c on b.a = c.a on a.a = b.a
select * from u u1, u u2 join u u3 on u3.a = u1.a
select sum(x) from t group by a, a order by a
select row_number() over (partition by b order by x), ntile(2) over (order by x) from t
select lag(x) ignore nulls over (order by x) from t
select a from t group by all
select nosuch(a) from t
select g, count(*) from f group by g
select distinct g from f
select distinct h from f
select f1.i, f2.i from f f1 join f f2 on f1.g = f2.g
select f1.i, f2.i from f f1 join f f2 using (g)
select count(*) from f f1 join f f2 using (g)
select i from f where g = nan()
select i from f where g > 1
select i from f order by g desc, i
select i from f order by g nulls first, i
select max(g), min(g) from f
select g from f union select g from f
select g from f intersect select h from f
select g from f except select h from f
select g, h from f except all select g, h from f where i < 3
select f1.i from f f1 where exists (select 1 from f f2 where f2.g = f1.g and f2.i <> f1.i)
select i from f where g is distinct from nan()
select row_number() over (partition by g order by i), i from f
select rank() over (order by g), i from f
select t.a from t join u on t.a = u.a and t.b = u.k
select cast('x' as char(3)) = 'x'
select 'x ' = cast('x' as char(3))
select * from (values cast('a' as char(3))) v(c) join (values 'a') w(d) on v.c = w.d
select * from (values cast('a' as char(3))) v(c) join (values 'a  ') w(c) using (c)
select c from (values cast('a' as char(3)), cast('a' as char(5))) v(c) group by c
select 'abc' union select cast('ab' as char(5))
select cast('ab' as char(5)) union select 'ab   '
select 1 union all select 2e0 union all select 3.5
select cast(1 as tinyint) union all select cast(2 as decimal(5,2))
select date '2020-01-01' union all select timestamp '2020-01-02 03:04:05.123'
select timestamp '2020-01-01 00:00:00' union all select timestamp '2020-01-02 03:04:05.123456 UTC'
select array[1] union all select array[2.5]
select null union all select 'a'
select null
select null as x, count(*) from t group by 1
select coalesce(null, 1)
select * from (values (1, null), (null, 'x')) v(a,b)
select * from (values 1, 2.5, null) v(a) order by a desc
select * from (values row(1, 'a'), row(2, 'b')) v(x, y)
values 1, 2, 3
select a, b from (values (1, 2)) as v (a, b) where a < b
select v.* as (p, q) from (values (1, 2)) as v (a, b)
select x.y from (select row(1, 'a') as x)
select x.f1 from (select cast(row(1, 'a') as row(f1 integer, f2 varchar)) as x)
select x[1] from (select row(1, 'a') as x)
select (select 1 + 1), (select max(a) from t where 1 = 0)
select a from t where a = (select min(a) from t)
select a from t where (select count(*) from u where u.a = t.a) > 0
select a, (select count(*) from u where u.a = t.a and u.v > t.x) from t
select a, (select k from u where u.a = t.a order by v limit 1) from t
select a, sum(x) from t group by a having sum(x) > (select avg(v) from u) order by 1
select a, sum(x) from t group by a having a in (select a from u) order by 1
select a, (select max(v) from u where u.a = t.a) from t group by a order by 1
select a, (select max(v) from u where u.a = t.x) from t group by a order by 1
select count(*) from t where a in (select a from u where u.v = t.x / 10)
select a from t where a not in (select a from u)
select a from t where a not in (select a from u where a is not null)
select a in (select a from u), x from t
select not exists (select 1 from u where u.a = t.a) from t
select a from t where a = any (select a from u)
select a from t where a <> all (select a from u where a is not null)
select a from t where a = some (values 1, 5)
select t.a from t left join u on t.a = u.a and u.v > 1 where u.a is null
select t.a, u.a from t right join u on t.a = u.a order by 2, 1
select t.x, u.k from t full outer join u on t.a = u.a and t.x < 25 order by 1, 2
select t.x, u.k from t left join u on t.x > u.v order by 1, 2
select t.x, u.k from t full join u on t.x > u.v order by 1, 2
select * from t t1, t t2 where t1.x < t2.x and t1.a = t2.a
select count(*) from t cross join u
select u1.a, u2.a from u u1 left join u u2 on u1.a = u2.a + 1 order by 1, 2
select a.a, b.a, c.a from u a full join u b on a.a = b.a + 1 full join u c on c.a = b.a order by 1,2,3
select a from u full join (select a + 1 as a from u) w using (a) order by a
select a from u left join (select a + 1 as a from u) w using (a) order by a
select a from u right join (select a + 1 as a from u) w using (a) order by a
select u.k, w.k from u join u w using (a, k)
select * from u join (select a, k from u) w using (a, k)
select * from u join u w using (a, a)
select * from u join u w using (zz)
select k from u join u w using (a)
select a from (u join u w using (a))
select x.a from (u join (select a as b from u) w on u.a = w.b) x
select x.a, x.b from (u join (select a as b from u) w on u.a = w.b) as x (a, k, v, b)
select sum(x) as s, a from t group by a order by s
select sum(x) as s, a from t group by a order by s + 1 desc
select sum(x) as s, a from t group by a order by sum(s)
select a as b, count(*) from t group by a order by b
select a + 1 as b from t order by b * -1, x
select -a as a from t order by a
select -a as a from t order by -a
select -a as a from t order by t.a
select b as a from t order by a nulls first
select a from t order by (select max(v) from u where u.a = t.a), x
select distinct a, b from t order by b, a desc
select distinct upper(b) from t order by upper(b)
select distinct a from t order by a limit 1
select a from t group by a order by max(x) desc
select a, max(x) over (partition by a) m from t order by m, x
select sum(a) over (order by x rows between unbounded preceding and current row) from t
select sum(a) over (order by x range between unbounded preceding and unbounded following) from t
select sum(a) over (order by a) from t
select first_value(x) over (partition by a order by x desc), last_value(x) over (partition by a order by x) from t
select a, count(*) filter (where x > 10) over (partition by a) from t
select lead(x, 1, 0) over (order by x) from t
select nth_value(x, 2) over (order by x rows between unbounded preceding and unbounded following) from t
select percent_rank() over (order by a), cume_dist() over (order by a), dense_rank() over (order by a) from t
select sum(x) over w1, count(*) over w2 from t window w1 as (partition by a), w2 as (w1 order by x)
select sum(x) over (nope) from t
select rank() over () from t
select count(*) over () + 1 from t where a = 2
select sum(count(*)) over () from t
select sum(rank() over (order by a)) from t
select rank() over (order by rank() over (order by a)) from t
select max(x) from t having max(x) > 100
select 1 from t group by a having count(*) > 1
select count(*), a from t group by 2 order by 2
select a as k, b as k from t group by 1, 2 order by 1, 2
select 'c' as c, count(*) from t group by 1
select 'c' as c, count(*) from t group by 'c'
select a, count(*) from t group by grouping sets ((a), (a)) order by 1, 2
select a, b, grouping(a), grouping(b), grouping(b, a) from t group by cube(a, b) order by 1,2,3,4
select a, count(*) from t group by rollup(a), rollup(a) order by 1,2
select a, count(*) from t group by distinct rollup(a), rollup(a) order by 1,2
select a, b, count(*) from t group by a, rollup(b) order by 1,2,3
select a, x, count(*) from t group by rollup((a, x)) order by 1,2,3
select count(*) from t where false group by grouping sets ((), (a))
select count(*) from t where false group by rollup(a)
select a + 1, count(*) from t group by rollup(a + 1)
select a + 1 from t group by rollup(a) order by 1
select coalesce(a, -1), sum(x) from t group by grouping sets ((a), ()) order by 1
select grouping(a) + 1, a from t group by rollup(a) order by 2
select a from t group by rollup(a) having grouping(a) = 1
with x as (select 1 as a), y as (select a + 1 as b from x), x2(c) as (select b from y) select * from x, y, x2
with x as (select 1 as a) select (with x as (select 2 as a) select a from x), a from x
with x as (select a from t) select * from (with y as (select a from x) select count(*) from y)
with x as (select a from t), x as (select 1) select * from x
with x(p, q) as (select a from t) select * from x
with x as (select a, b from t) select x1.a from x x1 join x x2 on x1.a = x2.a order by 1
select a from t union select a from u order by a limit 2
select a from t union all select a from u order by a desc nulls last offset 1 limit 3
select a from t union select a from u order by b
select a as z from t union select a from u order by z
select a from t except select a from u where a = 1 union all select 100 order by 1
select 1 union all select 1 intersect select 2
(select 1 union all select 1) intersect select 1
select 1 except all select 1 except all select 1
select a, b from t union all select a, k from u order by a, 2
select a from t limit 0
select a from t order by x limit 2
select a from t order by x offset 2
select a from t order by x offset 0 rows fetch next row only
select a from t order by x fetch first 0 rows only
select distinct a from t order by a desc fetch first row with ties
select a, count(*) from t group by a order by 2 desc fetch first 1 row with ties
select a from t union all select a from u order by a desc fetch first 1 row with ties
select e.* from t, unnest(t.arr) as e(v) where t.a = 1
select t.a, e from t, unnest(arr, arr) as e(e, f)
select * from unnest(array[array[1,2], array[3]]) as z(q)
select * from unnest(array[cast(row(1,'a') as row(n integer, s varchar))])
select n from unnest(array[cast(row(1,'a') as row(n integer, s varchar)), null])
select * from unnest(cast(null as array(integer)))
select * from unnest(array[])
select * from unnest(1)
select t.a, z.e from t left join unnest(arr) z(e) on true where t.x > 10 order by 1, 2
select t.a, z.e from t left join unnest(arr) z(e) on z.e > 1
select a from t, lateral (select t.a + 1 as b) l where l.b > 2
select t.a, l.s from t left join lateral (select sum(v) s from u where u.a = t.a) l on true order by 1
select * from lateral (select 1)
select "t"."A" from "T"
select x.a from (select a from t) x, (select a from u) y where x.a = y.a order by 1
select * from (select a, a from t)
select a from (select a, a from t)
select count(*) from (select distinct a, b from t)
select count(distinct x) from (select a, x from t order by x limit 2)
select t.* from t, u where t.a = u.a and u.k = 'x'
select u.*, 1 as one from u where a = 1
select z.* from t
select count(u.a) from u
select count(distinct (a, k)) from u
select 1 where null
select 1 where 1
select 1 where 'a'
select case a when 1 then 'one' when 2 then 'two' end from t
select a from t where x between 10 and 20 and b like '_' order by a
select a from t where b like 'x%' escape '\'
select a from t where n > 2.249
select a from t where n = 2.25e0
select a from t where ts = timestamp '2026-01-01 00:00:00.000'
select a from t where ts > date '2025-01-01'
select a from t where a > 1.5
select a from t where a = '1'
select a from t where x = 10 = true
select a || b from t
select a from t where not (a = 1 or b = 'y')
select 3 - 2 - 1, 8 / 4 / 2, 2 + 3 * 4, -2 * 3, - - 2, 7 % 4 % 2
select 'a' || 'b' || 'c' = 'abc'
select 1 + 2 || 'x'
select true and not false or false
select not true = false
select 1 in (1, 2), 3 not in (1, 2), null in (1)
select 1 in ((select 1))
select (1, 2) = (1, 2), (1, 2) <> (1, 3)
select (1, 'a') in ((1, 'a'), (2, 'b'))
select interval '1' day + date '2020-01-31', date '2020-01-31' + interval '1' month
select extract(year from ts), year(ts) from t
select substring('hello' from 2 for 3), position('l' in 'hello'), trim(both 'x' from 'xxaxx'), trim('  a ')
select "count"(*) from t
select COUNT(*) from T
select u&'\0041', U&'d!0061t!+000061' uescape '!'
select 0x1F, 0b101, 0o17, 1_000, .5, 5., 1.e2
select 1.5e0, 1e-3, 123.456
select ARRAY[1,2][1], ARRAY['a'][1]
select x from (select 1 x) where x = 1 and x < 2 -- comment
select /* hi */ 1 /*+ hint */ + 1 -- done
select cast(1 as varchar), cast('1' as integer), try_cast('x' as integer)
select typeof(1), typeof('a'), typeof(1.5)
select if(a > 1, x) from t
select nullif(a, 1), coalesce(b, 'none') from t
select greatest(1, 2), least(1.5, 2)
select localtimestamp is not null
select all a from t
select distinct on (a) a from t
select top 1 a from t
select a from t where a == 1
select a from t where a <=> 1
select a from t limit 1, 2
select a from t group by a with rollup
select t.a as from from t
select a as select from t
select a "select" from t
select a as limit from t
select a limit from t
select limit from (select 1 as limit)
select a from t as offset
select order from t
select a row from t
select date from (select 1 as date)
select year from (select 1 as year)
select interval from (select 1 as interval)
select "a"."b" from (select 1)
select a from t where exists (select * from u where u.a = t.a group by u.a having count(*) > 0)
select sum(a) filter (where b is not null) from t
select array_agg(distinct a order by a) from t
select array_agg(a order by x) filter (where x > 10) from t
select max_by(b, x), min_by(b, x) from t
select count(*) from t t1 join t t2 on t1.a = t2.a or t1.x = t2.x
select sum(t.x) from t join u on t.a = u.a group by u.k order by u.k
select k, sum(x) from (select u.k, t.x from t join u on t.a = u.a) group by k order by sum(x) desc
select * from t where a = 1 and (select true)
select * from u where (a, k) = (1, 'x')
select row(a, k) from u
select count(*) from u group by row(a, k)
select distinct arr from t
select i from f order by g desc nulls first, i
select i from f order by h desc nulls last, i
select g as gg from f order by gg desc nulls first
select distinct g from f order by g nulls first
select g from f union select h from f order by g nulls first
select g, count(*) from f group by g order by g nulls first
select v.* as (p, "q") from (values (1, 2)) as v (a, b)
select sum(x) over (partition by rank() over (order by x)) from t
select row_number() over (order by g nulls first, i) r, i from f order by i
select array_agg(i order by g nulls first, i) from f
select i from f order by g + 1 nulls first, i
select bigint '16777217' union all select real '1' union all select double '2' order by 1
select double '2' union all select bigint '16777217' union all select real '1' order by 1
select 1 union all select real '1' union all select bigint '16777217' union all select 1e0 order by 1
select a, b from t union select a, k from u union all select a, k from u order by 1, 2
select t1.a from t t1 where t1.x = (select max(t2.x) from t t2 where t2.a = t1.a)
select t1.a, (select count(*) from t t2 where t2.x < t1.x and t2.a = t1.a) c from t t1 order by x
select a, (select (select max(k) from u where u.a = t.a)) from t
select * from (select a, row_number() over (partition by a order by x desc) rn from t) where rn = 1 order by a
select a, x, x - lag(x) over (order by x) as diff from t order by x
select a, count(*) as n, sum(count(*)) over () as total from t group by a order by a
select a, rank() over (order by count(*) desc) from t group by a order by 2, 1
select a, sum(x) / sum(sum(x)) over () from t group by a order by 1
select a, avg(x) over (partition by a) - x from t order by x
select max(x) - min(x), count(*) * 2 from t
select b, max(x) filter (where a = 2) from t group by b order by b nulls first
select count(*) from t group by a, b order by 1
select coalesce(b, 'none') as b, count(*) from t group by coalesce(b, 'none') order by b
select coalesce(b, 'none') as b, count(*) from t group by b order by 1
select coalesce(b, 'none') as b, count(*) from t group by 1 order by b desc
select upper(coalesce(b, 'none')) from t group by coalesce(b, 'none') order by 1
select t.a + t.x from t group by t.a, x order by 1
select a from t group by t.a order by t.a
select t.a from t group by a order by a
select A from t group by "a" order by "A"
select sum(x) from t group by a having max(b) is not null
select a from t group by a having max(x) > 10 and a > 1
select count(*) from t having count(*) > 10
select 'x' from t having false
select a, case when a = 1 then sum(x) else max(x) end from t group by a order by 1
select a, case a when 1 then 'one' else b end from t group by a
select a, b from t group by a, b having a = 1 or b is null order by a
select distinct count(*) from t group by b
select distinct a, count(*) over () from t order by 1
select a, array_agg(x order by x) from t group by a order by a
select count(distinct b), count(b), count(*) from t
select sum(distinct a), avg(x), stddev(x), variance(x) from t
select min(b), max(b), min(ts) from t
select bool_and(a > 0), bool_or(a > 1), every(a = 1) from t
select arbitrary(a) from t where a = 1
select sum(n), avg(n), max(n) from t
select sum(d) from t where a = 1
select count_if(x > 10) from t
select listagg(b, '; ') within group (order by b desc) from t
select row_number() over () from (values 1, 2)
select ntile(2) over (order by x), x from t order by x
select x, sum(x) over (order by x rows 1 preceding) from t order by x
select x, sum(x) over (order by x rows between 1 following and 2 following) from t order by x
select x, sum(x) over (order by x rows between current row and unbounded following) from t order by x
select a, sum(x) over (order by a range between unbounded preceding and current row) from t order by x
select a, sum(x) over (order by a groups between 1 preceding and current row) from t order by x
select x, max(x) over (order by x desc rows between unbounded preceding and 1 preceding) from t order by x
select first_value(b) ignore nulls over (order by x desc) from t
select t.*, row_number() over (order by x) from t order by x
with r as (select a, sum(x) s from t group by a) select r1.a, r2.s from r r1 join r r2 on r1.a = r2.a where r1.s > (select avg(s) from r) order by 1
with a as (select 1 x), b as (select x + 1 x from a), c as (select x + 1 x from b) select a.x, b.x, c.x from a, b, c
with a as (values (1, 'x'), (2, 'y')) select * from a
with a (n, s) as (values (1, 'x'), (2, 'y')) select s from a where n = 2
with a as (table u) select k from a order by k
with a as (select 1 as x union all select 2) select sum(x) from a
with a as ((select 1 as x) order by 1 limit 1) select * from a
select * from (with z as (select 3 as n) select * from z)
select (with z as (select 3 as n) select n from z)
select * from ((select 1 as a) union all (select 2)) order by a
select * from ((values 1, 2) intersect (values 2, 3))
((select 1)) union ((select 2)) order by 1
select 1 as a union all (select 2 order by 1 limit 1) order by a desc
select a from (select a from t union select a from u) where a = 1
select 1 where exists (select 1 union select 2)
select 2 in (select 1 union select 2), 3 in (values 1, 2), null in (select 1 where false)
select (select 1 union all select 2 order by 1 limit 1)
select a from t where (a, x) in ((1, 10), (2, 30)) order by x
select a from t where (a, b) = (1, 'x')
select a, b from t where (a, b) is not null
select a from t t1 join u using (a) join f on f.i = a order by 1
select a, u.k from t join u using (a) where a > 0 and t.x > 10 order by t.x
select * from (select a, k from u) x join (select a, b from t) y using (a) order by b nulls first
select count(*) from t join u using (a) join t t2 using (a)
select x.a, y.a from u x cross join u y where x.a < y.a
select * from u x inner join u y on x.a = y.a and x.v > 1 order by x.a
select * from u x left outer join u y on false order by 1 nulls last
select * from u x join u y on true where x.a = 1 and y.a = 2
select x.k from u x join u y on x.k > y.k order by x.k
select x.k, y.k from u x left join u y on x.a = y.a and x.k = 'x' order by 1
select x.k, y.k from u x full join u y on x.a = y.a and x.k = 'x' order by 1, 2
select x.k from u x left join u y on x.a = y.a where y.a is null
select x.k from u x left join u y using (a) where y.k is null
select x.a, t.x from u x right join t on x.a = t.a and t.x > 10 order by 2
select x.k from u x join (values ('x', 1), ('z', 2)) as m (k, n) on m.k = x.k order by m.n
select * from unnest(sequence(1, 3)) as s(n) cross join unnest(sequence(1, n)) as r(m) order by 1, 2
select a, sum(e) from t cross join unnest(arr) as z(e) group by a order by a
select a, count(e) from t left join unnest(arr) as z(e) on true group by a order by a
select e from unnest(array['b', null, 'a']) as z(e) order by e
select e, o from unnest(array['b', 'a']) with ordinality z(e, o) where e = 'a'
select * from unnest(array[1, 2], array[3, 4, 5]) with ordinality
select * from t cross join unnest(array[1]) order by x limit 1
select z.* from t cross join unnest(arr) as z order by 1
select (select sum(e) from unnest(t.arr) z(e)) from t
select t.a, l.b from t cross join lateral (select t.x * 2 as b) l order by 2
select t.a, l.b, m.c from t cross join lateral (select t.x * 2 as b) l cross join lateral (select l.b + 1 as c) m order by 2
select a.b from (select cast(row(1, 2) as row(b integer, c integer)) as a)
select a.b.c from (select cast(row(row(5)) as row(b row(c integer))) as a)
select r.F, R.g from t where R.f is not null order by r.f
select max(r.f) from t group by r.g order by 1
select r.f from t group by r.f order by 1
select r.f from t group by r order by 1
select t.r from t where t.r is not null order by t.r.f
select count(*) from t where r.f in (select a from u)
select r.f + a as z from t order by z
select arr[1] + a from t where arr is not null order by 1
select transform(arr, a -> a + 1) from t where arr is not null order by x
select transform(arr, e -> e + a) from t where arr is not null order by x
select filter(arr, e -> e > 1 and e < x) from t where arr is not null order by x
select any_match(array[1,2], e -> e = 2), all_match(array[1], e -> e = 2)
select transform(array_agg(a), e -> e + 1) from t where a = 1
select sum(cardinality(filter(arr, e -> e > 0))) from t
select a, transform(array[1], e -> e + a) from t group by a order by a
select a, transform(array[1], a -> a + 1) from t group by a order by a
select x, transform(array[1], e -> e + x) from t group by a
select cast(null as integer) + 1, null = null, null is null
select 1 + null, null || 'a', not null
select case when null then 1 else 2 end, case when a > 1 then 'big' end from t
select if(null, 1, 2), coalesce(null, null), nullif(1, 1)
select count(null), sum(null), max(null)
select count(*) from t where null
select x from t where a in (1, null)
select x from t where a not in (1, null)
select a from t where b like null
select a from t where x between null and 20
select a from t where not (b = 'x') 
select cast(a as varchar) || b from t order by 1
select concat(cast(a as varchar), '-', b) from t order by 1
select length(b), upper(b), substr('hello', 2, 3), replace('aXb', 'X', 'y'), reverse('abc') from t where b = 'x'
select split('a,b', ',')[1], strpos('hello', 'l'), lpad('7', 3, '0'), trim(' a '), lower('A')
select round(2.5), round(-2.5), round(2.345, 2), floor(-1.5), ceil(1.2), abs(-3), mod(7, 3), power(2, 3), sqrt(4)
select 7 / 2, -7 / 2, 7 % 3, 7.0 / 2, 7e0 / 2, 1.1 + 2.22, 2.5 * 1.5
select date_trunc('month', date '2026-02-17'), date_add('day', 3, date '2026-01-30'), date_diff('day', date '2026-01-01', date '2026-02-01')
select year(date '2026-02-17'), month(date '2026-02-17'), day(date '2026-02-17'), day_of_week(date '2026-02-17'), week(date '2026-02-17'), quarter(date '2026-02-17')
select timestamp '2026-01-01 00:00:00' + interval '1' hour, date '2026-01-31' - interval '1' month
select cast(timestamp '2026-01-01 10:20:30' as date), cast(date '2026-01-01' as timestamp), cast('2026-01-01' as date)
select from_unixtime(0), to_unixtime(timestamp '1970-01-01 00:00:01 UTC')
select extract(hour from timestamp '2026-01-01 10:20:30'), hour(timestamp '2026-01-01 10:20:30')
select greatest(1, 2.5), least('a', 'b'), greatest(null, 1)
select cast(1.5 as integer), cast(2.5 as integer), cast('12' as bigint), cast(true as integer), cast(1 as boolean)
select 'a' < 'b', 'a' = 'A', 'ä' > 'z'
select b from t order by lower(b) desc nulls last
select x as "select", a as "Group By" from t order by "Group By", "select"
select "a" as "A", "b" as "B" from t order by "A", "B" nulls first
select a as x, x as a from t order by x, a
select a as x, sum(x) from t group by a order by x
select x as a, count(*) from t group by x order by a
select x as a from t where a = 2 order by a
select a x, x y from t order by x + y
select t.x from t order by x desc
select 1 as x from t order by t.x
select 1 from t order by 1
select a, 'k' from t order by 2, 1
select a from t order by 'k', a
select a from t order by null, a
select count(*) from t order by 1
select count(*) from t order by count(*)
select a from t order by count(*)
select sum(x) from t order by a
select a from u order by a
select a from u order by a desc
select a from u order by a nulls first
select a from u order by a desc nulls first
select a from u order by a desc nulls last limit 1
select k from u order by v desc limit 1
select distinct k from u order by k desc limit 2
select k, count(*) from u group by k order by count(*) desc, k limit 2
select (values 1), exists (values 1), 1 = any (values 1, 2), 1 >= all (values 1, 2)
select a from t where a in (values 1, 3)
select 1 in (values (1), (2))
select x from t where x in (table z)
select count(*) from t where a in (with q as (select a from u) select a from q)
select t.a from t, u where a.a = 1
select a from t where x > (select avg(x) from t t2 where t2.a = t.a) order by 1
select count(*) over (partition by count(*)) from t group by a
select a, count(*) from t where count(*) > 1 group by a
select a, b from t group by a
select * from t group by a
select t.* from t group by a, b
select u.* from u group by a, k, v order by k
select * from u group by 1, 2, 3 order by 2
select k from u group by 1 having v > 1
select count(*) from u group by sum(v)
select count(*) from u group by row_number() over ()
select row_number() over (order by sum(v)) from u
select row_number() over (order by v) from u group by k
select k, max(v) from u group by k order by max(a) nulls first, k
select k from u order by row_number() over (order by v desc)
select k, rank() over (order by v) r from u order by r desc
select k, rank() over (order by v) r from u where r = 1
select a from t join u on sum(t.a) = 1
select a + b from t
select a and true from t
select * from t where a
select * from t where a like 'x'
select -b from t
select a from t where exists (select b)
select t.a from t as "T" order by "t".x
select a as "x.y" from t order by "x.y"
select case when a = 1 then 1 else 'x' end from t
select coalesce(a, b) from t
select a in ('x') from t
select a = b from t
select (a, b) = (1, 2) from t
select a between 'x' and 'y' from t
select nullif(a, 'x') from t
select array[1, 'x']
select if(a, 1, 2) from t
select cast(a as date) from t
select count(a, b) from t
select sum(b) from t
select max() from t
select upper(1)
select upper('a', 'b')
select sum(distinct x) over () from t
select x filter (where true) from t
select upper('a') filter (where true)
select interval 'x' day
select decimal '1.2.3'
select 'a' like 'b' escape 'cc'
select x'0g'
select u&'\00'
select char 'abc', varchar 'x', bigint '12', double '1.5', boolean 'true', integer '7'
select real '1.5', tinyint '3', smallint '-2'
select a from t order by a asc nulls last, x desc nulls first
select a from t order by
select a from t limit -1
select a from t limit 1.5
select a from t limit 'x'
select a from t offset -1
select distinct from t
select distinct a, distinct x from t
select count(distinct *) from t
select count(*) filter where a = 1 from t
select a from t where a is true
select a from t where a is not 1
select a from t where a is distinct 1
select a from t where a not 1
select a from t where not not a = 1
select a from t where a = not true
select a from t join u
select a from t left u on true
select a from t inner join u
select a from t cross join u on true
select a from t join u on t.a = u.a using (a)
select a from t join u using ()
select a from t join u using (t.a)
select a from (select a from t
select a from select a from t
select a from (t)
select a from (t) x
select a from ((t))
select a from (t, u)
select a from unnest(array[1])
select * from unnest(array[1]) with offset
select * from unnest(array[1]) as t
select * from t as (a, b)
select * from t x (a, b)
select * from u x (a, b, a)
select a from u x (a, b, a)
select a from u x (a, b, c) order by 1
with a select 1
with a as select 1 select * from a
with as (select 1) select 1
with a as (select 1 as x), select * from a
with a() as (select 1) select * from a
with a as (select 1 as x) select * from A
with a as (select 1 as x) (select x from a) union (select 2) order by 1
values
values (1, 2), (3)
values (1, 'a'), ('b', 2)
select * from values (1)
select * from (values (1)) 
select (1)
select ()
select (1, 2)
select ((1, 2), 3)
select row(1)
select [1]
select array[]
select map()
select {1}
select a.* from t a, u
select a.*, a.* from u a where k = 'x'
select *, * from u where k = 'x'
select *, a from u where k = 'x'
select u.a, * from u where k = 'x'
select * except (a) from u
select * replace (1 as a) from u
select a as b as c from t
select a into x from t
select a from t for update
select a from t fetch first 2 rows
select a from t fetch 2 rows only
select a from t order by x fetch first 2 rows only limit 1
select a from t union by name select a from u
select a from t minus select a from u
select a from t union distinct select a from u order by 1
select a from t intersect all select a from u order by 1
select 'it''s', "a" from (select 1 as "a")
select 'a\'
select 'a
b'
select 1 as a -- x
select 1/*c*/as/*c*/a
select 1 as a, -- c
select.5
select 1.5.5
select 1..2
select @x
select #x
select a@b from t
select !true
select 1 ! 2
select 1 & 2
select 1 | 2
select 1 ^ 2
select 1 << 2
select ~1
select 1 // 2
select 1 ** 2
select a ->> 'x' from t
select 1 <=> 1
select a ilike 'x' from t
select b rlike 'x' from t
select b regexp 'x' from t
select b similar to 'x' from t
select b glob 'x' from t
select b || null from t
select a div 2 from t
select a mod 2 from t
select current_timestamp()
select now(), now
select date('2026-01-01')
select date 2026
select timestamp(6) '2026-01-01'
select cast('1' as int)
select cast('1' as string)
select cast('1' as text)
select cast('1' as float)
select cast('1' as varchar(0))
select cast(1 as decimal(40))
select cast('2026-01-01' as datetime)
select convert(int, '1')
select '1'::int
select try_cast('1' as int) + 1
select safe_cast('1' as int)
select extract(foo from date '2026-01-01')
select substring('abc' for 2)
select trim(leading from '  a')
select trim('x' from 'xax'), trim(trailing 'x' from 'xax'), trim('xax', 'x')
select grouping sets from t
select rollup(a) from t
select a from t group by rollup(a, (b, x)) order by a
select sum(x) from t group by grouping sets (rollup(a), cube(b)) order by 1
select exists(select 1), not exists(select 1 where false)
select exists 1
select a from t where a in 1
select a from t where a > (select x from t)
select any_value(a) from t where a = 1
select b from u x (a, b, c) order by 1
select c from u x (c, k, a) where k = 'x'
select * from u as x (c, k, a) where c > 1
select x from (u join (select 1 as q) w on a = q) as w (x, y, z, q)
select [1], [1, 2][2], ['a', null]
select a > 1 is true, a > 1 is not true, (a > 1) is unknown from u order by a
select a from u where a > 1 is not true order by 1
select a from u where (a > 1) is false
select null is unknown, not true is unknown, null is not false
select sum(x) from t group by grouping sets ((a), (b)) order by 1
select sum(x) from t group by grouping sets (a, (a, b), ()) order by 1
select u.* from u group by 1, 2, 3 order by k
select *, a as z from u group by 1, 2, 3, 4 order by 2
select * from (select * from u group by a, k, v) order by k
select a, u.* from u group by a, k, v order by k
with q (z, y, x) as (table u) select y from q where z = 1
select p.y from (table u) as p (z, y, x) where p.x > 1 order by 1
with recursive x(n) as (select 1 union all select n+1 from x where n<3) select * from x
select (select a, b from t order by a limit 1)
select arr from t order by arr
select (table u)
-- refused
select * from t tablesample system (10)
select a from t natural join u
select i from f where g in (select g from f)
select i from f where g not in (select g from f where g is not null)
select (select sum(t.a) from u) from t
select (select count(t.a) from u) from t
select map(array[1], array[2]) as m group by 1
select distinct map(array[1], array[2])
select i from f where g not in (select g from f where i = 1)
