"""What is checked in against the real thing: recorded answers, the function catalogue, the TPC-H rows of both sides."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from olo_jupyter.lakehouse.sql.types import parse_type
from tests.parity import answers, catalogue, judge, tables
from tests.parity.protocol import ask
from tests.parity.record import ask_expressions, ask_query, batches
from tests.parity.values import from_arrow, from_trino, same_rows
from tests.services.trino import Trino

SAMPLE = 7
"""Every seventh case is asked again."""
_OF_THE_DAY = re.compile(r"CAST\(TIME '[^']*' AS timestamp")
"""A time of day as a timestamp is one of the current day: another answer tomorrow."""


@pytest.mark.parametrize(("kind", "area"), judge.all_areas())
def test_trino_still_gives_the_recorded_answers(trino: Trino, kind: str, area: str) -> None:
    recorded = answers.load(answers.answer_file(kind, area))
    sample = [case for case in list(recorded)[::SAMPLE] if not _OF_THE_DAY.match(case)]
    if kind == "expressions":
        again = {}
        for batch in batches(sample):
            again.update(ask_expressions(trino.uri, batch))
        assert again == {case: recorded[case] for case in sample}
        return
    for case in sample:
        now, then = ask_query(trino.uri, case), recorded[case]
        if isinstance(then, str):
            assert now == then, case
            continue
        assert now["columns"] == then["columns"], case
        types = [type_ for _, type_ in then["columns"]]
        kinds = [parse_type(type_) for type_ in types]
        first, second = (
            [[from_trino(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in side["rows"]]
            for side in (now, then)
        )
        assert same_rows(first, second, types, ordered=then["ordered"]), case


def test_the_function_catalogue_is_trinos(trino: Trino) -> None:
    assert catalogue.functions(trino.uri) == json.loads((catalogue.DATA / "functions.json").read_text())


@pytest.mark.parametrize("name", tables.TABLES)
def test_generated_rows_are_those_of_trinos_tpch(trino: Trino, tmp_path: Path, name: str) -> None:
    tables.generate(tmp_path)
    ours = tables.read(tmp_path, name)
    answer = ask(trino.uri, f"SELECT * FROM {name}")
    assert [column for column, _ in answer.columns] == ours.column_names
    kinds = [parse_type(type_) for _, type_ in answer.columns]
    columns = [from_arrow(column, kind) for column, kind in zip(ours.columns, kinds, strict=True)]
    mine = sorted(map(repr, zip(*columns, strict=True)))
    theirs = sorted(repr(tuple(from_trino(v, k) for v, k in zip(row, kinds, strict=True))) for row in answer.rows)
    assert mine == theirs
