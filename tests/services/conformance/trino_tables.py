# ruff: noqa: E501  (statements are easier to read on one line)
"""Tables that Trino writes."""

from __future__ import annotations

from tests.services.conformance.lake import Case, by_trino

_TYPES = """(
    id integer, flag boolean, big bigint, ratio real, ratio8 double, d1 decimal(9,2), d2 decimal(18,4), d3 decimal(38,10),
    day date, clock time(6), at timestamp(6), at_zone timestamp(6) with time zone, label varchar, bytes varbinary,
    u uuid, l array(integer), m map(varchar, double), im map(integer, varchar),
    s row(a integer, b row(c varchar, d decimal(5,1))), ls array(row(x integer, y varchar)),
    ms map(varchar, row(v bigint)))"""
_ROWS = """INSERT INTO {t} VALUES
    (1, true, 9223372036854775807, REAL '1.5', nan(), 1.10, -0.0001, 9999999999999999999999999999.9999999999,
        DATE '0001-01-01', TIME '23:59:59.999999', TIMESTAMP '1969-12-31 23:59:59.999999',
        TIMESTAMP '0001-01-01 00:00:00 UTC', 'naïve 🦆', X'00FF', UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59',
        ARRAY[1, NULL], MAP(ARRAY['a', 'b'], ARRAY[1.5e0, NULL]), MAP(ARRAY[7], ARRAY['x']),
        ROW(1, ROW('z', 1.5)), ARRAY[ROW(1, 'p'), NULL], MAP(ARRAY['k', 'n'], ARRAY[ROW(5), NULL])),
    (2, false, -9223372036854775808, -infinity(), -0e0, -99.99, 12345678901234.5678, 0,
        DATE '9999-12-31', TIME '00:00:00', TIMESTAMP '0001-01-01 00:00:00', TIMESTAMP '9999-12-31 23:59:59.999999 UTC',
        '', X'', UUID '00000000-0000-0000-0000-000000000000', ARRAY[], MAP(), MAP(), ROW(NULL, NULL), ARRAY[], MAP()),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL)"""
_NESTED = """(id integer, s row(p integer, q varchar), l array(row(p integer, q varchar)))"""
_EVOLVE_NESTED = [
    "INSERT INTO {t} VALUES (1, ROW(1, 'x'), ARRAY[ROW(1, 'x'), NULL]), (2, NULL, NULL), (3, ROW(NULL, NULL), ARRAY[])",
    "ALTER TABLE {t} RENAME COLUMN s.p TO r",
    "ALTER TABLE {t} ADD COLUMN s.extra double",
    "ALTER TABLE {t} ADD COLUMN l.element.extra bigint",
    "INSERT INTO {t} VALUES (4, ROW(4, 'y', 4e0), ARRAY[ROW(4, 'y', 4)])",
    "ALTER TABLE {t} DROP COLUMN s.q",
    "ALTER TABLE {t} ADD COLUMN s.q varchar",
    "ALTER TABLE {t} ALTER COLUMN s.r SET DATA TYPE bigint",
    "INSERT INTO {t} VALUES (5, ROW(5000000000, 5e0, 'z'), ARRAY[])",
    "ALTER TABLE {t} DROP COLUMN id",
    "ALTER TABLE {t} ADD COLUMN id bigint",
    "INSERT INTO {t} VALUES (ROW(6, 6e0, 'z'), ARRAY[], 6)",
]
_DELETES = [
    "INSERT INTO {t} SELECT n, 'n' || CAST(n % 3 AS varchar), n * 1.5e0 FROM UNNEST(sequence(0, 19)) AS u(n)",
    "DELETE FROM {t} WHERE id IN (0, 7, 19)",
    "INSERT INTO {t} SELECT n, 'n' || CAST(n % 3 AS varchar), n * 1.5e0 FROM UNNEST(sequence(20, 29)) AS u(n)",
    "UPDATE {t} SET v = -v WHERE id % 5 = 0",
    """MERGE INTO {t} AS t USING (SELECT n, 'merged', 0e0 FROM UNNEST(sequence(25, 34)) AS u(n)) AS s(id, k, v)
        ON t.id = s.id WHEN MATCHED AND s.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET k = s.k, v = s.v
        WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.k, s.v)""",
    "DELETE FROM {t} WHERE k = 'n1'",
]
_TABLE = "CREATE TABLE {t} (id bigint, k varchar, v double)"

CASES: list[Case] = [
    *(
        by_trino(f"trino_types_{form}_v{version}", f"every type of Trino, {form}, format version {version}", [
            f"CREATE TABLE {{t}} {_TYPES} WITH (format = '{form}', format_version = {version})", _ROWS,
        ])
        for form, version in (("parquet", 1), ("parquet", 2), ("parquet", 3), ("orc", 2), ("avro", 2))
    ),
    *(
        by_trino(f"trino_nested_{form}", f"fields renamed, added, dropped and promoted inside rows; {form}", [
            f"CREATE TABLE {{t}} {_NESTED} WITH (format = '{form}')", *_EVOLVE_NESTED,
        ])
        for form in ("parquet", "orc", "avro")
    ),
    *(
        by_trino(f"trino_deletes_{form}_v{version}", f"DELETE, UPDATE and MERGE, {form}, format version {version}", [
            f"{_TABLE} WITH (format = '{form}', format_version = {version})", *_DELETES,
            "ALTER TABLE {t} EXECUTE optimize", "DELETE FROM {t} WHERE id = 2",
        ])
        for form, version in (("parquet", 2), ("parquet", 3), ("orc", 2), ("avro", 2))
    ),
    by_trino("trino_deletes_partitioned", "the same with partitions", [
        f"{_TABLE} WITH (partitioning = ARRAY['k', 'bucket(id, 2)'])", *_DELETES,
    ]),
    by_trino("trino_defaults_v3", "columns added with a default, of many types", [
        "CREATE TABLE {t} (id integer, s row(a integer)) WITH (format_version = 3)",
        "INSERT INTO {t} VALUES (1, ROW(1)), (2, NULL)",
        *(f"ALTER TABLE {{t}} ADD COLUMN {column}" for column in (
            "i integer DEFAULT 42", "b bigint DEFAULT -9223372036854775808", "f boolean DEFAULT true",
            "r real DEFAULT REAL '0.1'", "x double DEFAULT 1.5e300", "d decimal(20,3) DEFAULT 12345678901234567.125",
            "label varchar DEFAULT 'it''s 🦆'", "day date DEFAULT DATE '0001-01-01'",
            "clock time(6) DEFAULT TIME '23:59:59.999999'", "at timestamp(6) DEFAULT TIMESTAMP '1969-12-31 23:59:59.999999'",
            "z timestamp(6) with time zone DEFAULT TIMESTAMP '2024-02-29 12:34:56.789012 UTC'",
            "bytes varbinary DEFAULT X'00FF27'", "none integer",
        )),
        "INSERT INTO {t} (id, i) VALUES (3, 3)",
        "ALTER TABLE {t} RENAME COLUMN i TO j",
        "DELETE FROM {t} WHERE j = 42 AND id = 2",
        "INSERT INTO {t} (id) VALUES (4)",
    ]),
    by_trino("trino_partitions", "all transforms, changed again and again", [
        "CREATE TABLE {t} (id integer, at timestamp(6), z timestamp(6) with time zone, day date, k varchar, u uuid, "
        "bytes varbinary, d decimal(9,2), clock time(6)) WITH (partitioning = ARRAY['year(at)', 'k'])",
        *(
            statement
            for number, partitioning in enumerate([
                "'month(at)'", "'day(at)'", "'hour(at)'", "'day(z)', 'bucket(k, 3)'", "'truncate(k, 2)', 'month(day)'",
                "'u', 'truncate(id, 3)'", "'bucket(u, 2)', 'bytes'", "'d', 'bucket(d, 4)'", "'clock'", "'at', 'z'",
                "'day', 'truncate(d, 10)'", "",
            ])
            for statement in (
                f"INSERT INTO {{t}} VALUES ({number}, TIMESTAMP '1969-06-30 23:59:59.5' + INTERVAL '{number * 7}' MONTH, "
                f"TIMESTAMP '1969-12-31 23:59:59 UTC' + INTERVAL '{number}' HOUR, DATE '1970-01-01' + INTERVAL '{number - 3}' DAY, "
                f"'k🦆é{number % 3}', UUID '12151fd2-7586-11e9-8f9e-2a86e4085a5{number % 10}', X'0{number % 10}FF', {number}.50, "
                f"TIME '12:34:56.789'), ({number + 100}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
                f"ALTER TABLE {{t}} SET PROPERTIES partitioning = ARRAY[{partitioning}]",
            )
        ),
        "INSERT INTO {t} (id, k) VALUES (500, 'last')",
        "DELETE FROM {t} WHERE id IN (3, 100)",
    ]),
]  # fmt: skip
