"""The text that is sent to Trino, and the way back; on catalogs of this machine, no server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from olo_jupyter.config import CatalogSettings, Settings, load_settings
from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import RefPin, SnapshotPin
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.trino.tables import Tables
from olo_jupyter.lakehouse.trino.text import Prepared, prepare
from tests.shop import add_items, lay_out

ITEMS = TableName("dev", "silver", "items")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    root = lay_out(tmp_path_factory.mktemp("text"))
    add_items(root)
    settings: Settings = load_settings(root, {})
    settings.catalogs["held"] = CatalogSettings(access="trino")
    with Session(settings, namespace="silver") as session:
        yield session


@pytest.fixture(scope="module")
def ids(session: Session) -> list[int]:
    """Snapshots of the table, oldest first."""
    return [snapshot.snapshot_id for snapshot in session.catalogs.load(ITEMS).metadata.snapshots]


class Sent:
    """Prepares statements as the engine would, ``dev`` being ``iceberg`` in Trino."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.tables: Tables

    def __call__(self, sql: str, **options: Any) -> str:
        return self.prepared(sql, **options).text

    def prepared(self, sql: str, **options: Any) -> Prepared:
        request = Request(sql, **{"catalog": "dev", "namespace": "silver", **options})
        self.tables = Tables(request, self.session.catalogs, {"dev": "iceberg"})
        return prepare(request, self.tables)


@pytest.fixture
def sent(session: Session) -> Sent:
    return Sent(session)


def test_tables_get_their_snapshot_and_all_else_stays(sent: Sent, ids: list[int]) -> None:
    new = f"FOR VERSION AS OF {ids[-1]}"
    text = "SELECT  i.id /* from items */ FROM items i JOIN dev . silver . items AS j ON i.id=j.id -- items"
    assert sent(text) == (
        f"SELECT  i.id /* from items */ FROM items {new} i "
        f"JOIN iceberg . silver . items {new} AS j ON i.id=j.id -- items"
    )
    assert sent.tables.confirm() == {"dev.silver.items": ids[-1]}


def test_pins_of_the_notebook_the_text_and_a_captured_run(sent: Sent, ids: list[int]) -> None:
    old, new = ids[0], ids[-1]
    assert sent("SELECT * FROM items", as_of=SnapshotPin(old)) == f"SELECT * FROM items FOR VERSION AS OF {old}"
    assert sent("SELECT * FROM items", pins={ITEMS: old}) == f"SELECT * FROM items FOR VERSION AS OF {old}"
    text = "SELECT * FROM items FOR VERSION AS OF 'main' x, items FOR VERSION AS OF :v y"
    assert sent(text, parameters={"v": old}, as_of=SnapshotPin(old)) == (
        f"SELECT * FROM items FOR VERSION AS OF {new} x, items FOR VERSION AS OF {old} y"
    )
    assert sent("TABLE items", as_of=SnapshotPin(old)) == f"SELECT * FROM items FOR VERSION AS OF {old}"
    moment = "SELECT * FROM items FOR TIMESTAMP AS OF current_timestamp WHERE id = 1"
    assert sent(moment) == f"SELECT * FROM items FOR VERSION AS OF {new} WHERE id = 1"


def test_names_of_with_are_no_tables(sent: Sent, ids: list[int]) -> None:
    pin = f" FOR VERSION AS OF {ids[-1]}"
    text = (
        "WITH items AS (SELECT * FROM items), b AS (SELECT * FROM items) SELECT * FROM items, b, (SELECT 1 FROM items)"
    )
    assert sent(text) == text.replace("FROM items)", f"FROM items{pin})", 1)
    recursive = "WITH RECURSIVE items(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM items) SELECT * FROM items"
    assert sent(recursive) == recursive


def test_only_what_is_read_is_pinned(sent: Sent, ids: list[int]) -> None:
    pin = f" FOR VERSION AS OF {ids[-1]}"
    assert sent("INSERT INTO items SELECT * FROM items") == f"INSERT INTO items SELECT * FROM items{pin}"
    assert sent("DELETE FROM items WHERE id IN (SELECT id FROM items)").endswith(f"(SELECT id FROM items{pin})")
    assert (
        sent("CREATE VIEW dev.silver.v AS SELECT * FROM items") == "CREATE VIEW iceberg.silver.v AS SELECT * FROM items"
    )
    assert sent('SELECT * FROM "items$snapshots"', as_of=SnapshotPin(ids[0])) == 'SELECT * FROM "items$snapshots"'
    assert sent("SHOW TABLES FROM dev.silver") == "SHOW TABLES FROM iceberg.silver"
    assert sent("SHOW SCHEMAS IN dev") == "SHOW SCHEMAS IN iceberg"
    assert sent("SELECT * FROM dev.information_schema.tables") == "SELECT * FROM iceberg.information_schema.tables"


def test_a_governed_catalog_is_not_opened_its_pins_go_to_trino(sent: Sent) -> None:
    assert sent("SELECT * FROM held.a.b") == "SELECT * FROM held.a.b"
    assert sent("SELECT * FROM held.a.b", as_of=RefPin("q1's")).endswith("held.a.b FOR VERSION AS OF 'q1''s'")


def test_values_are_bound(sent: Sent) -> None:
    text = "SELECT :a, ':a', '12:30', x[1] /* :a */ FROM UNNEST(ARRAY[1]) AS t(x) WHERE a -> :b LIMIT :n -- :a"
    prepared = sent.prepared(text, parameters={"a": "a' OR 1=1 --", "b": None, "n": 5, "c": 1})
    inner = "SELECT ?, '':a'', ''12:30'', x[1] /* :a */ FROM UNNEST(ARRAY[1]) AS t(x) WHERE a -> ? LIMIT ? -- :a"
    assert prepared.text == f"EXECUTE IMMEDIATE '{inner}' USING 'a'' OR 1=1 --', NULL, 5"
    assert prepared.parameters == {"a": "a' OR 1=1 --", "b": None, "n": 5}
    assert sent("SELECT * FROM {{ t | ident }}", parameters={"t": 'x"y'}) == 'SELECT * FROM "x""y"'


def test_places_lead_back_into_the_users_text(sent: Sent, ids: list[int]) -> None:
    plain = sent.prepared("SELECT 1\nFROM items AS i, nope WHERE x")
    at = plain.text.splitlines()[1].index("nope") + 1
    assert plain.place(2, at) == (2, 18)
    assert plain.place(1, 8) == (1, 8)
    bound = sent.prepared("SELECT :x, 'it''s', nope\nFROM items WHERE more", parameters={"x": 1})
    column = len("EXECUTE IMMEDIATE '") + "SELECT ?, 'it''s', nope".index("nope") + 1
    assert bound.place(1, column) == (1, 21)
    second = f"FROM items FOR VERSION AS OF {ids[-1]} WHERE more"
    assert bound.place(2, second.index("more") + 1) == (2, 18)
    filled = sent.prepared("SELECT {{ c | ident }}, nope FROM items", parameters={"c": "id"})
    assert filled.place(1, filled.text.index("nope") + 1) == (1, 25)


@pytest.mark.parametrize(
    ("sql", "options", "message", "place"),
    [
        ("SELECT * FROM items FOR VERSION AS OF 7", {}, "has no snapshot 7", (1, 15)),
        ("SELECT\n :nmae", {"parameters": {"name": 1}}, "Parameter nmae has no value. Bound: name", (2, 2)),
        ("SELECT :x", {"parameters": {"x": object()}}, "Parameter x: A object can't be a parameter", (1, 8)),
        ("SELECT * FROM tpch.tiny.nation", {"as_of": RefPin("a")}, "tpch is no Iceberg catalog of olo.yml", (1, 15)),
        ("SELECT * FROM items TABLESAMPLE SYSTEM (5)", {"as_of": RefPin("main")}, "TABLESAMPLE", (1, 21)),
        ("SELECT * FROM nope", {"as_of": RefPin("main")}, "Table dev.silver.nope does not exist", (1, 15)),
        ("SELCT 1", {"as_of": RefPin("main")}, "mismatched input 'SELCT'", (1, 1)),
        ("SELECT 1; SELECT 2", {}, "mismatched input 'SELECT'", (1, 11)),
        ("  USE dev.silver", {}, "USE can't be run from here", (1, 3)),
        ("", {}, "mismatched input '<EOF>'", (1, 1)),
    ],
)
def test_what_is_refused_is_told_at_its_place(
    sent: Sent, sql: str, options: dict[str, Any], message: str, place: tuple[int, int]
) -> None:
    with pytest.raises(QueryError) as refused:
        sent(sql, **options)
    assert message in refused.value.message
    assert (refused.value.line, refused.value.column) == place


def result(rows: int, sql: str = "SELECT 1", **provenance: Any) -> Result:
    table = pa.table({"id": pa.array(range(rows), pa.int64()), "it's": pa.array(["é'"] * rows, pa.string())})
    columns = (Column("id", "bigint"), Column("it's", "varchar"))
    return Result(columns, table, Provenance("trino", sql, "q", rows, 0.0, **provenance))


def test_a_small_result_goes_up_as_values(sent: Sent) -> None:
    assert sent("SELECT * FROM Early", results={"early": result(1)}) == (
        "SELECT * FROM (SELECT * FROM (VALUES (CAST(0 AS bigint), CAST('é''' AS varchar))) AS t "
        '(id, "it\'s")) AS early'
    )
    assert sent("SELECT * FROM early e", results={"early": result(0)}) == (
        'SELECT * FROM (SELECT CAST(NULL AS bigint) AS id, CAST(NULL AS varchar) AS "it\'s" WHERE false) e'
    )


def test_a_result_in_a_statement_that_is_not_read_is_no_table_of_that_name(sent: Sent) -> None:
    sql = "SELECT * FROM items TABLESAMPLE SYSTEM (50)"
    assert sent(sql) == sql
    with pytest.raises(Unsupported, match="can't use the earlier result items here"):
        sent(sql, results={"items": result(1)})


def test_a_sampled_table_is_pinned(sent: Sent, ids: list[int]) -> None:
    assert sent("SELECT * FROM items i TABLESAMPLE BERNOULLI (50)", as_of=RefPin("main")) == (
        f"SELECT * FROM items FOR VERSION AS OF {ids[-1]} i TABLESAMPLE BERNOULLI (50)"
    )
    with pytest.raises(Unsupported, match=r"random\(\)"):
        early = result(5_000, "SELECT id FROM items TABLESAMPLE BERNOULLI (50)", snapshots={"dev.silver.items": ids[0]})
        sent("SELECT * FROM early", results={"early": early})


def test_a_large_result_is_its_query_at_its_snapshots_or_refused(sent: Sent, ids: list[int]) -> None:
    known: dict[str, Any] = {"snapshots": {"dev.silver.items": ids[0]}}
    early = result(5_000, "SELECT id, name FROM items WHERE id > :low", parameters={"low": 3}, **known)
    assert sent("WITH items AS (SELECT 1) SELECT * FROM early, items", results={"early": early}) == (
        f"WITH items AS (SELECT 1) SELECT * FROM (SELECT id, name FROM iceberg.silver.items "
        f"FOR VERSION AS OF {ids[0]} WHERE id > 3) AS early, items"
    )
    for sql, why in (
        ("SELECT id, random() FROM items", "random()"),
        ("SELECT id FROM items LIMIT 5000", "LIMIT"),
        ("SELECT id, row_number() OVER (ORDER BY name) FROM items", "the window of row_number()"),
        ("SELECT id FROM other_result", "can't be fixed"),
        ("SELECT id FROM items FOR VERSION AS OF 'main'", "can't be fixed"),
    ):
        with pytest.raises(Unsupported, match=r"The result early \(5,000 rows\)") as refused:
            sent("SELECT *\nFROM early", results={"early": result(5_000, sql, **known)})
        assert why in refused.value.message and (refused.value.line, refused.value.column) == (2, 6)


def test_a_view_at_a_past_time_is_its_query_with_the_tables_pinned(
    sent: Sent, session: Session, ids: list[int]
) -> None:
    session.sql("CREATE VIEW few AS SELECT * FROM items WHERE id < 3")
    session.sql("CREATE VIEW fewer AS SELECT id FROM few")
    pinned = f"SELECT * FROM iceberg.silver.items FOR VERSION AS OF {ids[0]} WHERE id < 3"
    assert sent("SELECT * FROM few", as_of=SnapshotPin(ids[0])) == f"SELECT * FROM ({pinned}) AS few"
    assert sent.tables.reading.snapshots == {"dev.silver.items": ids[0]}
    assert sent("SELECT v.id FROM fewer v", pins={ITEMS: ids[0]}) == (
        f"SELECT v.id FROM (SELECT id FROM ({pinned}) AS few) v"
    )
    assert sent("SELECT * FROM few") == "SELECT * FROM few"
    with pytest.raises(QueryError, match="has no snapshots of its own") as told:
        sent(f"SELECT *\nFROM few FOR VERSION AS OF {ids[0]}")
    assert told.value.hint and told.value.line == 2
    with pytest.raises(QueryError, match=r"View dev\.silver\.few can't be read as of another time") as missing:
        sent("SELECT * FROM few", as_of=SnapshotPin(1))
    assert (missing.value.line, missing.value.column) == (1, 15)
