"""Names, values, files and machines as they really are: an answer or one clear error, and nothing lost."""

from __future__ import annotations

import math
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session
from tests.broken import BREAKS, data_files, locked, nothing_fits, read_only

T = TableName("dev", "s", "items")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other accounts can reach (pytest's own are closed to them)."""
    with tempfile.TemporaryDirectory(prefix="olo-bad-input-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def lake(folder: Path, tmp_path: Path) -> Iterator[Session]:
    """dev.s.items: 1,000 rows in one file, one in another. The database gives a locked writer up at once."""
    uri, warehouse = f"sqlite:///{folder}/dev.db?timeout=0.2", f"file://{folder}/dev"
    settings = Settings(
        root=tmp_path,
        user="ana",
        state=tmp_path / "state",
        catalogs={"dev": CatalogSettings(properties={"uri": uri, "warehouse": warehouse})},
    )
    with Session(settings, namespace="s") as session:
        session.sql("CREATE SCHEMA s")
        session.sql(
            "CREATE TABLE items AS SELECT id, 'name ' || CAST(id AS varchar) AS name "
            "FROM UNNEST(sequence(1, 1000)) AS u (id)"
        )
        yield session


def failed(session: Session, sql: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        session.sql(sql)
    assert "Traceback" not in caught.value.message and "\n" not in caught.value.message
    return caught.value


NAMES = [
    "select",
    "two words",
    "dot.ted",
    'q"uote',
    "it's",
    "ünï😀",
    "h#ash",
    "what?",
    "50%",
    "%41",
    "a/b",
    "..",
    "*[x]",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_may_have_any_character(lake: Session, name: str) -> None:
    def quoted(more: str = "") -> str:
        return '"' + (name + more).replace('"', '""') + '"'

    part = quoted().replace("'", "''")
    lake.sql(
        f"CREATE TABLE {quoted()} ({quoted()} integer, {quoted('2')} varchar) WITH (partitioning = ARRAY['{part}'])"
    )
    lake.sql(f"INSERT INTO {quoted()} VALUES (1, 'a'), (2, 'b')")
    lake.sql(f"UPDATE {quoted()} SET {quoted('2')} = 'c' WHERE {quoted()} = 2")
    lake.sql(f"ALTER TABLE {quoted()} ADD COLUMN {quoted('3')} row({quoted()} date)")
    lake.sql(f"CREATE VIEW {quoted('v')} AS SELECT {quoted()} FROM {quoted()}")
    found = lake.sql(f"SELECT {quoted()}, {quoted('2')} FROM dev.s.{quoted().upper()} ORDER BY 1")
    assert list(found.rows()) == [(1, "a"), (2, "c")]
    assert list(lake.sql(f"SELECT * FROM {quoted('v')} ORDER BY 1").rows()) == [(1,), (2,)]
    assert (name,) in list(lake.sql("SHOW TABLES").rows())
    place = Path(lake.catalogs.load(TableName("dev", "s", name)).location().removeprefix("file://"))
    assert place.parent.name == "s" and place.is_dir()  # the name never leads elsewhere
    ((made,),) = lake.sql(f"SHOW CREATE TABLE {quoted()}").rows()
    lake.sql(f"DROP VIEW {quoted('v')}")
    lake.sql(f"DROP TABLE {quoted()}")
    lake.sql(made)
    assert list(lake.sql(f"SELECT count(*) FROM {quoted()}").rows()) == [(0,)]


@pytest.mark.parametrize("name", ["Two Words", "dot.ted", "ünï😀", "a#b", "a/b"])
def test_a_namespace_may_have_any_character(lake: Session, name: str) -> None:
    lake.sql(f'CREATE SCHEMA "{name}"')
    lake.sql(f'CREATE TABLE "{name}".t AS SELECT 1 AS a')
    assert list(lake.sql(f'SELECT a FROM dev."{name}".t').rows()) == [(1,)]
    assert list(lake.sql(f'SHOW TABLES FROM "{name}"').rows()) == [("t",)]
    lake.sql(f'DROP SCHEMA "{name}" CASCADE')


def test_a_thousand_columns(lake: Session) -> None:
    lake.sql("CREATE TABLE wide AS SELECT " + ", ".join(f"{at} AS c{at}" for at in range(1000)))
    lake.sql("INSERT INTO wide (c999) VALUES 7")
    result = lake.sql("SELECT * FROM wide ORDER BY c999")
    assert len(result.columns) == 1000 and result.provenance.fingerprint.startswith("m1:2:")
    assert [row[999] for row in result.rows()] == [7, 999]
    lake.sql("ALTER TABLE wide EXECUTE optimize")
    assert len(data_files(lake.catalogs, TableName("dev", "s", "wide"))) == 1


def test_numbers_and_years_at_their_ends(lake: Session) -> None:
    lake.sql(
        "CREATE TABLE ends (d double, r real, day date, at timestamp(6), zoned timestamp(6) with time zone) "
        "WITH (partitioning = ARRAY['d', 'year(day)', 'hour(at)'])"
    )
    lake.sql(
        "INSERT INTO ends VALUES (nan(), REAL 'NaN', DATE '0001-01-01', TIMESTAMP '0001-01-01 00:00:00', "
        "TIMESTAMP '0001-01-01 00:00:00 UTC'), (-infinity(), REAL '-Infinity', DATE '9999-12-31', "
        "TIMESTAMP '9999-12-31 23:59:59.999999', TIMESTAMP '9999-12-31 23:59:59.999999 UTC'), "
        "(infinity(), NULL, NULL, NULL, NULL)"
    )
    lake.sql("ALTER TABLE ends EXECUTE optimize")
    first, second, third = lake.sql("SELECT * FROM ends ORDER BY day NULLS LAST").rows()
    assert math.isnan(first[0]) and math.isnan(first[1])
    assert first[2:] == (date(1, 1, 1), datetime(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC))
    last = datetime(9999, 12, 31, 23, 59, 59, 999999)
    assert second == (-math.inf, -math.inf, date(9999, 12, 31), last, last.replace(tzinfo=UTC))
    assert third[0] == math.inf
    for where, count in (
        ("is_nan(d)", 1),
        ("d > 1", 2),
        ("d = infinity()", 1),
        ("year(day) = 1", 1),
        ("day > DATE '9999-01-01'", 1),
    ):
        ((found,),) = lake.sql(f"SELECT count(*) FROM ends WHERE {where}").rows()
        ((whole,),) = lake.sql(
            f"SELECT count(*) FROM (SELECT d, day, random() AS x FROM ends) WHERE {where} AND x >= 0"
        ).rows()
        assert found == whole
        assert found == count or where == "d > 1"


@pytest.mark.parametrize("what", BREAKS)
def test_a_broken_table_is_one_error_at_its_name_and_the_others_go_on(lake: Session, what: str) -> None:
    lake.sql("CREATE TABLE sound AS SELECT 1 AS id")
    lake.sql("INSERT INTO items VALUES (0, 'a small file')")
    break_it, code = BREAKS[what]
    break_it(lake, T)
    with Session(lake.settings, namespace="s") as fresh:
        error = failed(fresh, "SELECT max(s.id), max(i.name), max(i.id)\nFROM sound AS s\nCROSS JOIN dev.s.items AS i")
        # DuckDB doesn't say in which file it met a damaged page: with several tables the place stays open.
        place = (None, None) if what == "spoiled pages" else (3, 12)
        assert (error.code, error.line, error.column) == (code, *place) and error.hint
        for sql in ("UPDATE items SET name = name || 'x' WHERE id = 5", "ALTER TABLE items EXECUTE optimize"):
            error = failed(fresh, sql)
            assert error.code == code and error.line == 1
        assert ("items",) in list(fresh.sql("SHOW TABLES").rows())
        fresh.sql("SELECT table_name, column_name FROM information_schema.columns")
        assert list(fresh.sql("SELECT id FROM sound").rows()) == [(1,)]
        fresh.sql("DROP TABLE items")


def test_a_full_disk_loses_nothing_and_leaves_nothing(lake: Session, folder: Path) -> None:
    before = sorted(folder.rglob("*.parquet"))
    for size in (200, 3000):
        with nothing_fits(size):
            for sql in (
                "INSERT INTO items SELECT i.id, i.name || j.name FROM items i CROSS JOIN items j WHERE j.id <= 5",
                "UPDATE items SET name = name || name || CAST(random() AS varchar)",
                "CREATE TABLE new_one AS SELECT id, CAST(random() AS varchar) AS x FROM items",
            ):
                error = failed(lake, sql)
                assert error.code == "iceberg-filesystem-error" and error.line == 1 and error.hint
        assert sorted(folder.rglob("*.parquet")) == before
    with nothing_fits(200):
        assert failed(lake, "ALTER TABLE items ADD COLUMN z integer").code == "iceberg-filesystem-error"
        assert failed(lake, "CREATE VIEW v AS SELECT 1 AS a").code == "iceberg-filesystem-error"
    assert list(lake.sql("SELECT count(*), count(name) FROM items").rows()) == [(1000, 1000)]
    lake.sql("INSERT INTO items VALUES (0, 'there is room again')")


def test_a_read_only_folder(lake: Session, folder: Path) -> None:
    lake.sql("INSERT INTO items VALUES (0, 'more')")
    with read_only(folder):
        assert list(lake.sql("SELECT count(*) FROM items").rows()) == [(1001,)]
        for sql in (
            "INSERT INTO items VALUES (1, 'x')",
            "DELETE FROM items",
            "CREATE TABLE z (a integer)",
            "DROP TABLE items",
            "CREATE SCHEMA q",
            "CREATE VIEW v AS SELECT 1 AS a",
            "ALTER TABLE items EXECUTE optimize",
        ):
            error = failed(lake, sql)
            assert error.code in ("iceberg-filesystem-error", "catalog-not-available"), sql
            assert error.line == 1 and "Check who may write" in error.hint
    assert list(lake.sql("SELECT count(*) FROM items").rows()) == [(1001,)]


def test_a_locked_catalog_is_read_and_changed_when_it_is_free_again(lake: Session, folder: Path) -> None:
    with locked(folder / "dev.db"):
        assert list(lake.sql("SELECT count(*) FROM items").rows()) == [(1000,)]
        for sql in (
            "INSERT INTO items VALUES (1, 'x')",
            "ALTER TABLE items ADD COLUMN z date",
            "CREATE TABLE y (a integer)",
        ):
            error = failed(lake, sql)
            assert error.code == "catalog-locked" and error.line == 1 and "again" in error.hint
    assert len(list(folder.rglob("*.parquet"))) == 1
    lake.sql("INSERT INTO items VALUES (1, 'x')")


def test_a_catalog_whose_database_is_none(lake: Session, folder: Path) -> None:
    kept = folder / "kept.db"
    shutil.copy(folder / "dev.db", kept)
    (folder / "dev.db").write_text("this is a text, no database. " * 100)
    with Session(lake.settings, namespace="s") as fresh:
        for sql in ("SELECT * FROM items", "SHOW TABLES", "CREATE TABLE x (a integer)", "DROP TABLE items"):
            error = failed(fresh, sql)
            assert error.code == "catalog-not-available" and "olo.yml" in error.hint
    shutil.copy(kept, folder / "dev.db")
    connection = sqlite3.connect(folder / "dev.db")
    connection.execute("DROP TABLE iceberg_tables")
    connection.commit()
    connection.close()
    with Session(lake.settings, namespace="s") as fresh:
        assert failed(fresh, "SELECT * FROM items").code in ("table-not-found", "schema-not-found")
