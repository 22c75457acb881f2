"""Sensitive values and names that must not be published."""

from __future__ import annotations

import pyarrow as pa

from olo_converters.artefact import Artefact
from olo_converters.capture import Capture, CapturedResult, ColumnFact, TableFact
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.promotion import check
from olo_jupyter.promotion.capture import Observed, SqlRun
from olo_jupyter.promotion.merge import Record


def _observed(values: list[object]) -> tuple[Capture, Observed]:
    columns = (ColumnFact("tailnum", "varchar", sensitivity=("restricted",)), ColumnFact("carrier", "varchar"))
    table = TableFact("dev", "silver", "flights", columns, sample=({"tailnum": "N999ZZ", "carrier": "UA"},))
    result = Result(
        (Column("tailnum", "varchar"),),
        pa.table({"tailnum": pa.array(values)}),
        Provenance("embedded", "", "q", 1, 0.0),
    )
    captured = CapturedResult("c", "r", "", columns=columns[:1])
    return Capture(results=(captured,), tables=(table,)), Observed(results=[SqlRun("c", "r", result)])


def test_values_of_a_sensitive_column_are_found_wherever_they_come_from() -> None:
    capture, observed = _observed(["N123UA", None])
    texts = ["where tailnum = 'N123UA'\n", "- {tailnum: N999ZZ}\n", "-- N123UAX\n", "-- carrier UA\n"]
    artefacts = [Artefact(f"models/gold/{number}.sql", text, "model") for number, text in enumerate(texts)]
    found = check.sensitive_values(artefacts, capture, observed)
    assert [finding.message.split(":")[0] for finding in found] == ["models/gold/0.sql", "models/gold/1.sql"]
    assert all("N123UA" not in finding.message for finding in found)


def test_long_numbers_count_as_values_too() -> None:
    capture, observed = _observed([4915112345678, 3])
    artefact = Artefact("models/gold/a.sql", "where phone = 4915112345678 and n = 3\n", "model")
    assert len(check.sensitive_values([artefact], capture, observed)) == 1


def test_a_name_belongs_to_its_notebook_and_kind() -> None:
    record = Record("delays", "dbt", "gold", "a.ipynb")
    assert check.names("delays", "dbt", "a.ipynb", None) == []
    assert check.names("delays", "dbt", "a.ipynb", record) == []
    assert [finding.code for finding in check.names("delays", "dbt", "b.ipynb", record)] == ["name-taken"]
    assert [finding.code for finding in check.names("delays", "python", "a.ipynb", record)] == ["name-taken"]
