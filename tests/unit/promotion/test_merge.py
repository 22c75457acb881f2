"""Re-promotion: what was generated last, what the repository has, what is generated now."""

from __future__ import annotations

import pytest

from olo_converters.artefact import Artefact
from olo_jupyter.promotion.merge import Record, merge, read_record, source_hash

PATH = "models/gold/delays.sql"
BASE = "select\n  a,\n  b,\n  c,\n  d\nfrom t\nwhere x\n"


def _merge(ours: str, *, base: str | None, theirs: str | None, in_place: bool = False):
    merged = merge(
        [Artefact(PATH, ours, "model")],
        {} if base is None else {PATH: base},
        {PATH: theirs}.get,
        frozenset({PATH}) if in_place else frozenset(),
    )
    return merged.files.get(PATH), [finding.code for finding in merged.findings]


def test_a_first_promotion_writes_the_file() -> None:
    assert _merge(BASE, base=None, theirs=None) == (BASE, [])


def test_a_file_that_somebody_else_wrote_is_not_overwritten() -> None:
    assert _merge(BASE, base=None, theirs="select 1\n") == (None, ["name-taken"])


def test_hand_edits_survive_where_the_notebook_did_not_change() -> None:
    edited = BASE.replace("where x", "where x and y")
    assert _merge(BASE, base=BASE, theirs=edited) == (edited, [])


def test_hand_edits_and_the_notebooks_are_merged() -> None:
    edited, ours = BASE.replace("where x", "where x and y"), BASE.replace("  a,", "  a as aa,")
    assert _merge(ours, base=BASE, theirs=edited) == (ours.replace("where x", "where x and y"), [])


def test_two_edits_of_one_line_are_a_conflict_and_nothing_is_written() -> None:
    edited, ours = BASE.replace("where x", "where y"), BASE.replace("where x", "where z")
    assert _merge(ours, base=BASE, theirs=edited) == (None, ["merge-conflict"])


def test_a_deleted_file_stays_deleted_until_the_notebook_changes_it() -> None:
    assert _merge(BASE, base=BASE, theirs=None) == (None, ["deleted-stays-deleted"])
    assert _merge(BASE + "-- new\n", base=BASE, theirs=None) == (None, ["merge-conflict"])


def test_a_file_edited_in_place_is_taken_as_it_is() -> None:
    assert _merge("new\n", base=None, theirs="old\n", in_place=True) == ("new\n", [])


@pytest.mark.parametrize(
    "text", ["a\n", "", "  indented\n\ttab \n", "ends without newline", "ünï\r\n", "a: |\n  b\n", "\x85"]
)
def test_a_record_gives_back_every_text_exactly(text: str) -> None:
    record = Record(
        "delays",
        "dbt",
        "gold",
        "nb.ipynb",
        "olo/ana/delays",
        "x",
        ("c1",),
        ("up",),
        {"c1": source_hash("x")},
        {PATH: text},
    )
    assert read_record(record.dump()) == record
    assert record.dump() == record.dump()


@pytest.mark.parametrize("text", [None, "", "[]", "name: x", "generated: 3", "a: [", "generated:\n- 3\n"])
def test_an_unreadable_record_is_none(text: str | None) -> None:
    assert read_record(text) is None


def test_what_is_no_longer_generated_goes_unless_it_was_edited() -> None:
    base = {"tests/a.py": "generated\n", "tests/b.py": "generated\n", "tests/c.py": "generated\n"}
    committed = {"tests/a.py": "generated\n", "tests/b.py": "edited\n"}
    merged = merge((), base, committed.get)
    assert merged.removed == ("tests/a.py",)
    assert [(found.code, found.severity) for found in merged.findings] == [("edited-stays", "info")]
    assert "tests/b.py" in merged.findings[0].message
