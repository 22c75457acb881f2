"""What the verdicts on Spark prove: which texts were judged, and which forms were the same there as on Trino.

None of it needs a Spark: the cases are translated again. ``judged_spark.json`` has, of each area whose cases all were
equal, the same error or refused, a fingerprint of the texts; where one has changed since, its area has no verdict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.sql.spark.dialect import SPARK
from olo_jupyter.lakehouse.sql.spark.proved import collecting
from olo_jupyter.lakehouse.sql.statement import Field, Query, TableDefinition, TableSchema
from olo_jupyter.lakehouse.sql.translate import Context, translate
from olo_jupyter.lakehouse.sql.types import parse_type
from tests.parity import answers, judge
from tests.parity.protocol import CATALOG, SCHEMA

HERE = Path(__file__).parent
REFUSED = HERE / "refused_spark"
JUDGED = HERE / "judged_spark.json"
PROVED = HERE.parents[1] / "olo_jupyter/lakehouse/sql/spark/data/proved.txt"
_NOW = datetime(2026, 1, 31, 12, 34, 56, 789000, tzinfo=UTC)
_COLUMNS = {
    "customer": """c_custkey bigint, c_name varchar, c_address varchar, c_nationkey bigint, c_phone varchar,
        c_acctbal decimal(12,2), c_mktsegment varchar, c_comment varchar""",
    "lineitem": """l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber integer,
        l_quantity decimal(12,2), l_extendedprice decimal(12,2), l_discount decimal(12,2), l_tax decimal(12,2),
        l_returnflag varchar, l_linestatus varchar, l_shipdate date, l_commitdate date, l_receiptdate date,
        l_shipinstruct varchar, l_shipmode varchar, l_comment varchar""",
    "nation": "n_nationkey bigint, n_name varchar, n_regionkey bigint, n_comment varchar",
    "orders": """o_orderkey bigint, o_custkey bigint, o_orderstatus varchar, o_totalprice decimal(12,2),
        o_orderdate date, o_orderpriority varchar, o_clerk varchar, o_shippriority integer, o_comment varchar""",
    "part": """p_partkey bigint, p_name varchar, p_mfgr varchar, p_brand varchar, p_type varchar, p_size integer,
        p_container varchar, p_retailprice decimal(12,2), p_comment varchar""",
    "partsupp": """ps_partkey bigint, ps_suppkey bigint, ps_availqty integer, ps_supplycost decimal(12,2),
        ps_comment varchar""",
    "region": "r_regionkey bigint, r_name varchar, r_comment varchar",
    "supplier": """s_suppkey bigint, s_name varchar, s_address varchar, s_nationkey bigint, s_phone varchar,
        s_acctbal decimal(12,2), s_comment varchar""",
}


class Tables:
    """The tables of the cases (``tables.open_session``), as the translator sees them (``Schemas``)."""

    def relation(self, table: TableName, pin: Pin | None, metadata: str | None) -> TableSchema:
        if (table.catalog, table.namespace) != (CATALOG, SCHEMA) or table.table not in _COLUMNS or metadata or pin:
            raise QueryError(f"Table '{table}' does not exist", code="table-not-found")
        return _schema(table.table)

    def definition(self, table: TableName) -> TableDefinition:
        raise QueryError("No case asks for it", code="table-not-found")

    def schema_location(self, catalog: str, namespace: str) -> str:
        raise QueryError("No case asks for it", code="schema-not-found")


@cache
def _schema(name: str) -> TableSchema:
    row = parse_type(f"row({' '.join(_COLUMNS[name].split())})")
    return TableSchema(tuple(map(Field, row.names, row.elements)))


def translated(sql: str) -> tuple[str, frozenset[str]]:
    """The text that Spark runs for ``sql`` (the code of an error, where it isn't translated), and the forms in it."""
    context = Context(Tables(), CATALOG, SCHEMA, now=_NOW, dialect=SPARK)
    with collecting() as forms:
        try:
            statement = translate(sql, context)
        except QueryError as error:
            return error.code, frozenset()
    assert isinstance(statement, Query)
    return statement.sql, frozenset(forms)


def equal(kind: str, area: str) -> Iterator[str]:
    """The statements of an area whose answers were Trino's, by the lists of those that were not."""
    refused = answers.load(REFUSED / kind / f"{area}.json")
    for case, answer in answers.load(answers.answer_file(kind, area)).items():
        if not isinstance(answer, str) and case not in refused:
            yield statement(kind, case)


def statement(kind: str, case: str) -> str:
    """A case as it is run."""
    return f"SELECT {case}\nAS c0" if kind == "expressions" else case


def fingerprint(kind: str, area: str) -> str:
    """Of the texts that an area's cases are on Spark, the refused ones too."""
    digest = hashlib.sha256()
    for case in answers.load(answers.answer_file(kind, area)):
        digest.update(translated(statement(kind, case))[0].encode() + b"\0")
    return digest.hexdigest()[:16]


def has_verdict(kind: str, area: str) -> bool:
    """Whether all cases of an area were judged, and none was different."""
    return f"{kind}/{area}" in recorded()


def recorded() -> dict[str, str]:
    """Area → the fingerprint of what was judged."""
    found: dict[str, str] = answers.load(JUDGED)
    return found


def record(kind: str, area: str, texts: str | None) -> None:
    """Keep that an area was judged with ``texts``; None: it has no verdict."""
    known = {name: value for name, value in recorded().items() if name != f"{kind}/{area}"}
    if texts is not None:
        known[f"{kind}/{area}"] = texts
    answers.save(JUDGED, dict(sorted(known.items())))


def proved_forms() -> list[str]:
    """The forms that stand in a case whose answer on Spark was Trino's."""
    forms: set[str] = set()
    for kind, area in judge.all_areas():
        if has_verdict(kind, area):
            for sql in equal(kind, area):
                forms |= translated(sql)[1]
    return sorted(forms)


def write_proved() -> None:
    """Write the product's list of them."""
    PROVED.write_text("".join(f"{form}\n" for form in proved_forms()), encoding="utf-8")
