# ruff: noqa: E501  (statements are easier to read on one line)
"""Tables that Spark writes."""

from __future__ import annotations

from tests.services.conformance.lake import Case, by_spark

_MERGE_ON_READ = (
    "'write.delete.mode'='merge-on-read', 'write.update.mode'='merge-on-read', 'write.merge.mode'='merge-on-read'"
)


def _v(version: int, more: str = "") -> str:
    return f"USING iceberg TBLPROPERTIES ('format-version'='{version}'{', ' + more if more else ''})"


_TYPES = """(
    id int, flag boolean, big bigint, ratio float, ratio8 double, d1 decimal(9,2), d2 decimal(18,4), d3 decimal(38,10),
    day date, at timestamp, at_local timestamp_ntz, label string, bytes binary, l array<int>, m map<string, double>,
    im map<int, string>, s struct<a: int, b: struct<c: string, d: decimal(5,1)>>, ls array<struct<x: int, y: string>>,
    ll array<array<int>>, ms map<string, struct<v: bigint>>)"""
_ROWS = """INSERT INTO {t} VALUES
    (1, true, 9223372036854775807, float(1.5), double('NaN'), 1.10, -0.0001, 9999999999999999999999999999.9999999999,
        date'0001-01-01', timestamp'1969-12-31 23:59:59.999999', timestamp_ntz'0001-01-01 00:00:00', 'naïve 🦆',
        X'00FF', array(1, NULL), map('a', 1.5D, 'b', NULL), map(7, 'x'),
        named_struct('a', 1, 'b', named_struct('c', 'z', 'd', 1.5)), array(named_struct('x', 1, 'y', 'p'), NULL),
        array(array(1), array(), NULL), map('k', named_struct('v', 5L), 'n', NULL)),
    (2, false, -9223372036854775808, float('-Infinity'), -0.0D, -99.99, 12345678901234.5678, 0,
        date'9999-12-31', timestamp'9999-12-31 23:59:59.999999', timestamp_ntz'2024-02-29 12:34:56.789012', '', X'',
        array(), map(), map(), named_struct('a', NULL, 'b', NULL), array(), array(), map()),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL)"""
_EVOLVE_TOP = [
    "INSERT INTO {t} VALUES (1, 'one', 1.5, 9.99, true), (2, 'two', 2.5, NULL, NULL)",
    "ALTER TABLE {t} RENAME COLUMN b TO renamed",
    "INSERT INTO {t} VALUES (3, 'three', 3.5, 1.00, false)",
    "ALTER TABLE {t} ALTER COLUMN a TYPE bigint",
    "ALTER TABLE {t} ALTER COLUMN f TYPE double",
    "ALTER TABLE {t} ALTER COLUMN d TYPE decimal(20,2)",
    "INSERT INTO {t} VALUES (4000000000, 'four', 0.1, 123456789012345678.90, true)",
    "ALTER TABLE {t} DROP COLUMN e",
    "ALTER TABLE {t} ADD COLUMN e boolean FIRST",
    "ALTER TABLE {t} ALTER COLUMN d AFTER e",
    "INSERT INTO {t} VALUES (true, 5.00, 5, 'five', 5.5)",
    "ALTER TABLE {t} RENAME COLUMN renamed TO swap",
    "ALTER TABLE {t} RENAME COLUMN a TO renamed",
    "ALTER TABLE {t} RENAME COLUMN swap TO a",
    "INSERT INTO {t} VALUES (false, 6.00, 6, 'six', 6.5)",
]
_EVOLVE_NESTED = [
    """INSERT INTO {t} VALUES (1, named_struct('p', 1, 'q', 'x'), array(named_struct('p', 1, 'q', 'x')),
        map('k', named_struct('p', 1, 'q', 'x')), array(1, 2), map('k', 1)),
        (2, NULL, NULL, NULL, NULL, NULL), (3, named_struct('p', NULL, 'q', NULL), array(), map(), array(), map())""",
    "ALTER TABLE {t} RENAME COLUMN s.p TO r",
    "ALTER TABLE {t} RENAME COLUMN l.element.p TO r",
    "ALTER TABLE {t} RENAME COLUMN m.value.p TO r",
    """INSERT INTO {t} VALUES (4, named_struct('r', 4, 'q', 'y'), array(named_struct('r', 4, 'q', 'y'), NULL),
        map('k', named_struct('r', 4, 'q', 'y'), 'n', NULL), array(4, NULL), map('k', 4))""",
    "ALTER TABLE {t} DROP COLUMN s.q",
    "ALTER TABLE {t} ADD COLUMN s.q string FIRST",
    "ALTER TABLE {t} DROP COLUMN l.element.q",
    "ALTER TABLE {t} ADD COLUMN l.element.q string FIRST",
    "ALTER TABLE {t} DROP COLUMN m.value.q",
    "ALTER TABLE {t} ADD COLUMN m.value.q string FIRST",
    "ALTER TABLE {t} ALTER COLUMN s.r TYPE bigint",
    "ALTER TABLE {t} ALTER COLUMN l.element.r TYPE bigint",
    "ALTER TABLE {t} ALTER COLUMN m.value.r TYPE bigint",
    "ALTER TABLE {t} ALTER COLUMN li.element TYPE bigint",
    "ALTER TABLE {t} ALTER COLUMN mi.value TYPE bigint",
    """INSERT INTO {t} VALUES (5, named_struct('q', 'z', 'r', 5000000000L), array(named_struct('q', 'z', 'r', 5L)),
        map('k', named_struct('q', 'z', 'r', 5L)), array(5000000000L), map('k', 5000000000L))""",
    "ALTER TABLE {t} ADD COLUMN s.deep struct<u: int, v: array<string>>",
    "ALTER TABLE {t} ADD COLUMN l.element.deep struct<u: int>",
    """INSERT INTO {t} VALUES (6, named_struct('q', 'z', 'r', 6L, 'deep', named_struct('u', 1, 'v', array('a'))),
        array(named_struct('q', 'z', 'r', 6L, 'deep', named_struct('u', 1))), map(), array(), map())""",
]
_NESTED = """(id int, s struct<p: int, q: string>, l array<struct<p: int, q: string>>,
    m map<string, struct<p: int, q: string>>, li array<int>, mi map<string, int>)"""
_DELETES = [
    "INSERT INTO {t} SELECT /*+ COALESCE(1) */ id, concat('n', id % 3), id * 1.5 FROM range(0, 20)",
    "DELETE FROM {t} WHERE id IN (0, 7, 19)",
    "INSERT INTO {t} SELECT /*+ COALESCE(1) */ id, concat('n', id % 3), id * 1.5 FROM range(20, 30)",
    "UPDATE {t} SET v = -v WHERE id % 5 = 0",
    """MERGE INTO {t} AS t USING (SELECT id, 'merged' AS k, 0D AS v FROM range(25, 35)) AS s ON t.id = s.id
        WHEN MATCHED AND s.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *""",
    "DELETE FROM {t} WHERE k = 'n1'",
]
_FORMATS = [
    *_DELETES[:2],
    "ALTER TABLE {t} RENAME COLUMN v TO w",
    "ALTER TABLE {t} ADD COLUMN extra struct<a: int>",
    "INSERT INTO {t} SELECT id, 'later', id * 2.5, named_struct('a', cast(id AS int)) FROM range(40, 45)",
    "DELETE FROM {t} WHERE id IN (3, 41)",
]

CASES: list[Case] = [
    *(
        by_spark(f"spark_types_v{version}", f"every type of Spark, format version {version}", [
            f"CREATE TABLE {{t}} {_TYPES} {_v(version)}", _ROWS,
        ])
        for version in (1, 2, 3)
    ),
    *(
        by_spark(f"spark_columns_{form}_v{version}", f"columns renamed, swapped, dropped and added again, moved, promoted; {form}", [
            f"CREATE TABLE {{t}} (a int, b string, f float, d decimal(5,2), e boolean) {_v(version, about)}",
            *_EVOLVE_TOP,
        ])
        for form, version, about in (
            ("parquet", 2, ""), ("parquet", 3, ""), ("orc", 2, "'write.format.default'='orc'"),
            ("avro", 2, "'write.format.default'='avro'"),
        )
    ),
    *(
        by_spark(f"spark_nested_{form}_v{version}", f"the same inside structs, lists and maps; {form}", [
            f"CREATE TABLE {{t}} {_NESTED} {_v(version, about)}", *_EVOLVE_NESTED,
        ])
        for form, version, about in (
            ("parquet", 2, ""), ("parquet", 3, ""), ("orc", 2, "'write.format.default'='orc'"),
            ("avro", 2, "'write.format.default'='avro'"),
        )
    ),
    by_spark("spark_deletes_v2", "position deletes, a file for each data file", [
        f"CREATE TABLE {{t}} (id bigint, k string, v double) {_v(2, _MERGE_ON_READ)}", *_DELETES,
    ]),
    by_spark("spark_deletes_partition_v2", "position deletes, a file for each partition", [
        "CREATE TABLE {t} (id bigint, k string, v double) USING iceberg PARTITIONED BY (k) TBLPROPERTIES "
        f"('format-version'='2', 'write.delete.granularity'='partition', {_MERGE_ON_READ})", *_DELETES,
    ]),
    by_spark("spark_vectors_v3", "deletion vectors", [
        f"CREATE TABLE {{t}} (id bigint, k string, v double) {_v(3, _MERGE_ON_READ)}", *_DELETES,
    ]),
    by_spark("spark_vectors_partitioned_v3", "deletion vectors, several in a file, and a rollback", [
        "CREATE TABLE {t} (id bigint, k string, v double) USING iceberg PARTITIONED BY (k) TBLPROPERTIES "
        f"('format-version'='3', {_MERGE_ON_READ})", *_DELETES,
        "DELETE FROM {t} WHERE id < 12",
    ]),
    by_spark("spark_upgraded_v3", "version 1, then 2 with position deletes, then 3 with vectors over them", [
        "CREATE TABLE {t} (id bigint, k string, v double) USING iceberg PARTITIONED BY (k) "
        "TBLPROPERTIES ('format-version'='1')", _DELETES[0],
        f"ALTER TABLE {{t}} SET TBLPROPERTIES ('format-version'='2', {_MERGE_ON_READ})", *_DELETES[1:4],
        "ALTER TABLE {t} SET TBLPROPERTIES ('format-version'='3')", *_DELETES[4:],
        "DELETE FROM {t} WHERE id IN (1, 5)",
    ]),
    *(
        by_spark(f"spark_deletes_{form}", f"{form}: deletes, and columns that changed between", [
            f"CREATE TABLE {{t}} (id bigint, k string, v double) {_v(2, _MERGE_ON_READ + f''', 'write.format.default'='{form}', 'write.delete.format.default'='{form}' ''')}",
            *_FORMATS,
        ])
        for form in ("orc", "avro")
    ),
    by_spark("spark_mixed_formats", "Parquet, ORC and Avro files in one table", [
        f"CREATE TABLE {{t}} (id bigint, k string, v double) {_v(2, _MERGE_ON_READ)}", _DELETES[0],
        "ALTER TABLE {t} SET TBLPROPERTIES ('write.format.default'='orc')", _DELETES[2],
        "ALTER TABLE {t} SET TBLPROPERTIES ('write.format.default'='avro', 'write.delete.format.default'='avro')",
        "INSERT INTO {t} VALUES (100, 'avro', 1.0)", "DELETE FROM {t} WHERE id % 4 = 0",
    ]),
    *(
        by_spark(f"spark_{form}_types", f"every type of Spark in {form}", [
            f"CREATE TABLE {{t}} {_TYPES} {_v(2, f''' 'write.format.default'='{form}' ''')}", _ROWS,
        ])
        for form in ("orc", "avro")
    ),
    *(
        by_spark(f"spark_partitions_v{version}", f"all transforms, changed again and again; format version {version}", [
            "CREATE TABLE {t} (id int, at timestamp, day date, k string, d decimal(9,2)) USING iceberg "
            f"PARTITIONED BY (years(at)) TBLPROPERTIES ('format-version'='{version}')",
            *(
                statement
                for number, transform in enumerate([
                    "months(at)", "days(at)", "hours(at)", "bucket(4, id)", "truncate(2, k)", "k", "day", "bucket(3, d)",
                    "truncate(10, id)", "months(day)",
                ])
                for statement in (
                    f"INSERT INTO {{t}} VALUES ({number}, timestamp'1969-06-30 23:59:59' + make_interval({number * 7}), "
                    f"date'1970-01-01' + {number - 3}, concat('k🦆é', {number % 3}), {number}.50), "
                    f"({number + 100}, NULL, NULL, NULL, NULL)",
                    f"ALTER TABLE {{t}} ADD PARTITION FIELD {transform}",
                )
            ),
            "INSERT INTO {t} VALUES (500, timestamp'2026-01-31 10:00:00', date'2026-01-31', 'all', 1.00)",
            "ALTER TABLE {t} DROP PARTITION FIELD k",
            "ALTER TABLE {t} DROP PARTITION FIELD bucket(4, id)",
            "ALTER TABLE {t} REPLACE PARTITION FIELD days(at) WITH bucket(2, k)",
            "INSERT INTO {t} VALUES (600, timestamp'2026-02-28 10:00:00', date'2026-02-28', 'less', 2.00)",
            "DELETE FROM {t} WHERE id IN (3, 100)",
        ])
        for version in (1, 2)
    ),
    by_spark("spark_refs", "branches, tags, a fast-forward, a rollback, columns that changed between", [
        f"CREATE TABLE {{t}} (id int, k string) {_v(2)}",
        "INSERT INTO {t} VALUES (1, 'a')", "ALTER TABLE {t} CREATE TAG first",
        "ALTER TABLE {t} CREATE BRANCH audit", "INSERT INTO {t}.branch_audit VALUES (2, 'audit')",
        "INSERT INTO {t} VALUES (3, 'main')", "ALTER TABLE {t} ADD COLUMN extra int",
        "INSERT INTO {t} VALUES (4, 'main', 4)", "ALTER TABLE {t} CREATE BRANCH `it's 🦆`",
        "INSERT INTO {t}.`branch_it's 🦆` VALUES (5, 'duck', 5)",
        "ALTER TABLE {t} CREATE BRANCH `next`", "INSERT INTO {t}.branch_next VALUES (6, 'next', 6)",
        "CALL lake.system.fast_forward('conformance.{name}', 'main', 'next')",
        "ALTER TABLE {t} CREATE TAG `v1.0`", "DELETE FROM {t} WHERE id = 1",
    ]),
    by_spark("spark_expired", "old snapshots expired, files rewritten", [
        f"CREATE TABLE {{t}} (id bigint, k string, v double) {_v(2, _MERGE_ON_READ)}", *_DELETES[:4],
        "CALL lake.system.rewrite_data_files(table => 'conformance.{name}', options => map('rewrite-all', 'true'))",
        "CALL lake.system.expire_snapshots(table => 'conformance.{name}', older_than => now(), retain_last => 2)",
        "CALL lake.system.rewrite_manifests('conformance.{name}')", _DELETES[5],
    ]),
    by_spark("spark_overwritten", "overwrites of partitions and of everything, deletes by partition", [
        "CREATE TABLE {t} (id bigint, k string) USING iceberg PARTITIONED BY (k)",
        "INSERT INTO {t} SELECT id, concat('k', id % 3) FROM range(0, 9)",
        "DELETE FROM {t} WHERE k = 'k1'",
        "INSERT OVERWRITE {t} PARTITION (k = 'k2') SELECT id FROM range(100, 103)",
        "INSERT OVERWRITE {t} SELECT id, 'all' FROM range(0, 2)", "TRUNCATE TABLE {t}",
        "INSERT INTO {t} VALUES (1, NULL)",
    ]),
    by_spark("spark_names", "a column named select, dots, quotes, spaces, emoji, capitals; also inside a struct", [
        'CREATE TABLE {t} (`select` int, `a.b` string, `it\'s "q"` int, `🦆 duck` string, `Über` int, '
        "`s.t` struct<`from`: int, `x.y`: string, `Z🦆`: int>, `100%` int) USING iceberg "
        "PARTITIONED BY (`a.b`, bucket(2, `🦆 duck`))",
        "INSERT INTO {t} VALUES (1, 'x/y=z %', 2, 'd', 3, named_struct('from', 1, 'x.y', 'v', 'Z🦆', 2), 4), "
        "(NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "ALTER TABLE {t} RENAME COLUMN `a.b` TO `c.d`", "ALTER TABLE {t} RENAME COLUMN `s.t`.`x.y` TO `select`",
        "INSERT INTO {t} VALUES (2, '', 2, 'd', 3, named_struct('from', 1, 'select', 'v', 'Z🦆', 2), 4)",
    ]),
    by_spark("spark_taken_in", "files without field ids, partition values in folder names only", [
        "INSERT OVERWRITE DIRECTORY '{folder}/{name}/k=x' USING parquet SELECT 1 AS id, 'one' AS label, named_struct('a', 1) AS s",
        "INSERT OVERWRITE DIRECTORY '{folder}/{name}/k=y' USING parquet SELECT 2 AS id, 'two' AS label, named_struct('a', 2) AS s",
        "CREATE TABLE {t} (id int, label string, s struct<a: int>, k string) USING iceberg PARTITIONED BY (k)",
        "INSERT INTO {t} VALUES (3, 'three', named_struct('a', 3), 'z')",
        "CALL lake.system.add_files(table => 'conformance.{name}', source_table => '`parquet`.`{folder}/{name}`')",
        "ALTER TABLE {t} RENAME COLUMN label TO text", "ALTER TABLE {t} RENAME COLUMN s.a TO b",
        "INSERT INTO {t} VALUES (4, 'four', named_struct('b', 4), 'z')",
    ]),
    by_spark(
        "spark_partition_numbers",
        "partitions by double, float, boolean and decimal values that no float holds",
        [
            "CREATE TABLE {t} (id int, x double, f float, b boolean, d decimal(38,10)) USING iceberg "
            "PARTITIONED BY (x, f, b, d)",
            "INSERT INTO {t} VALUES (1, 0.1D, 0.1F, true, 0.1), (2, double('NaN'), float('Infinity'), false, -0.1), "
            "(3, 1.7976931348623157E308D, -0.0F, NULL, NULL), (4, NULL, NULL, true, 9999999999999999999999999999.9)",
        ],
    ),
    by_spark("spark_empty", "no snapshot, then one without rows", [
        f"CREATE TABLE {{t}} (id int) {_v(2)}", "INSERT INTO {t} SELECT 1 WHERE false",
    ]),
]  # fmt: skip
