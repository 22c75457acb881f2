"""PEP 249 on the embedded engine: parameters, descriptions, errors, and what dbt reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from olo_jupyter.lakehouse import dbapi, ddl, insert
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import CreateSchema


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[dbapi.Connection]:
    (tmp_path / "olo.yml").write_text(
        "version: 1\ncatalogs:\n  dev: {properties: {uri: 'sqlite:///c.db', warehouse: 'file:w'}}\n"
    )
    with dbapi.connect(tmp_path, catalog="dev", schema="gold", environ={}) as opened:
        ddl.create_schema(opened.session.catalogs, CreateSchema("dev", "gold"))
        insert.write_frame(opened.session.catalogs, TableName("dev", "gold", "t"), pa.table({"n": list(range(5))}))
        yield opened


def test_rows_come_with_trinos_types(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT n, CAST(n AS decimal(10,2)) AS d, 'x' AS s FROM t ORDER BY n")
    assert cursor.description is not None
    assert [(column.name, column.type_code) for column in cursor.description] == [
        ("n", "bigint"),
        ("d", "decimal(10,2)"),
        ("s", "varchar(1)"),
    ]
    assert cursor.fetchone() == (0, Decimal("0.00"), "x")
    assert [row[0] for row in cursor.fetchmany(2)] == [1, 2]
    assert [row[0] for row in cursor.fetchall()] == [3, 4]
    assert cursor.fetchone() is None
    assert (cursor.rowcount, cursor.update_type) == (-1, None)
    assert cursor.query_id
    assert cursor.stats["processedRows"] == 5


def test_question_marks_are_bound_not_pasted(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT count(*), ? /* ? */ FROM t WHERE n > ? AND '?' <> ?", ["it's", 2, "--"])
    assert cursor.fetchall() == [(2, "it's")]
    with pytest.raises(dbapi.ProgrammingError, match="expected 1 but found 0"):
        cursor.execute("SELECT ?")


@pytest.mark.parametrize(
    ("sql", "kind", "code", "words"),
    [
        ("SELECT\n  m FROM t", dbapi.ProgrammingError, "column-not-found", "line 2:3: "),
        ("SELECT * FROM tt", dbapi.ProgrammingError, "table-not-found", "Did you mean t"),
        ("SELEC 1", dbapi.ProgrammingError, "syntax-error", "line 1"),
        ("SELECT 1/0", dbapi.ProgrammingError, "division-by-zero", "zero"),
    ],
)
def test_errors_say_where_and_what_now(
    connection: dbapi.Connection, sql: str, kind: type[dbapi.Error], code: str, words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        connection.cursor().execute(sql)
    assert caught.value.query_error.code == code


def test_a_running_statement_is_cancelled_from_another_thread(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    timer = threading.Timer(0.5, cursor.cancel)
    timer.start()
    started = time.monotonic()
    many = ", ".join(f"t AS t{number}" for number in range(14))
    with pytest.raises(dbapi.OperationalError, match="cancelled"):
        cursor.execute(f"SELECT sum(t0.n + t13.n) FROM {many}")
    assert time.monotonic() - started < 10
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_what_is_closed_says_so(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    with cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(dbapi.InterfaceError, match="closed"):
        cursor.execute("SELECT 1")
    with pytest.raises(dbapi.NotSupportedError, match="rolled back"):
        connection.rollback()
    other = dbapi.connect(session=connection.session)
    other.close()
    with pytest.raises(dbapi.InterfaceError, match="closed"):
        other.cursor()
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_writes_say_what_they_did_and_pins_repeat_what_was(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE u AS SELECT n FROM t WHERE n > ?", [2])
    assert (cursor.update_type, cursor.rowcount, cursor.fetchall()) == ("CREATE TABLE", 2, [(2,)])
    assert cursor.provenance is not None
    first = cursor.provenance.written["dev.gold.u"]
    cursor.execute("-- more\nINSERT INTO u SELECT * FROM u")
    assert (cursor.update_type, cursor.rowcount) == ("INSERT", 2)
    cursor.execute("CREATE OR REPLACE VIEW v AS SELECT count(*) AS n FROM u")
    assert (cursor.update_type, cursor.rowcount, cursor.fetchall()) == ("CREATE VIEW", -1, [])
    assert cursor.execute("SELECT * FROM v").fetchall() == [(4,)]
    pins = {"OLO_PINS": f'{{"dev.gold.u": {first}}}'}
    root = connection.session.settings.root
    with dbapi.connect(root, catalog="dev", schema="gold", environ=pins) as pinned:
        assert pinned.cursor().execute("SELECT * FROM v").fetchall() == [(2,)]
