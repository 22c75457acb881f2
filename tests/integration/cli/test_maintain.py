"""``olo maintain``: what it prints, what a dry run leaves alone, and how it is used wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Olo

pytestmark = pytest.mark.usefixtures("project")


def test_a_dry_run_tells_and_a_run_does(olo: Olo, project: Path) -> None:
    def parquet() -> int:
        return len(list((project.parent / "lake").rglob("*.parquet")))

    olo("sql", "INSERT INTO silver.items VALUES (4, 'cap')")
    words = ("maintain", "silver.items", "--compact", "--expire", "0s", "--orphans")
    before, rows = parquet(), olo("sql", "--json", "SELECT * FROM silver.items ORDER BY id").json()[0]["rows"]
    told = olo(*words, "--dry-run")
    assert told.code == 0 and "would be" in told.out and parquet() == before
    (done,) = olo(*words, "--json").json()
    assert (done["table"], done["dry_run"]) == ("dev.silver.items", False)
    assert (done["compacted"]["files_before"], done["compacted"]["files_after"]) == (3, 1)
    assert (done["compacted"]["rows"], len(done["expired"]["snapshots"])) == (4, 3) and parquet() == 1
    assert olo("sql", "--json", "SELECT * FROM silver.items ORDER BY id").json()[0]["rows"] == rows
    again = olo(*words)
    assert again.code == 0 and "compact: nothing to do" in again.out and "0 of 1 snapshots" in again.out


def test_without_a_table_all_of_the_catalog(olo: Olo) -> None:
    olo("sql", "CREATE TABLE silver.other AS SELECT 1 AS a")
    assert [line["table"] for line in olo("maintain", "--compact", "--json").json()] == [
        "dev.silver.items",
        "dev.silver.other",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["silver.items"], 2, "say what to do"),
        (["--expire", "yesterday"], 2, "7d, 36h"),
        (["--expire", "7x"], 2, "7d, 36h"),
        (["--compact", "--retain-last", "3"], 2, "--retain-last goes with --expire"),
        (["--expire", "7d", "--retain-last", "0"], 2, "--retain-last"),
        (["--orphans", "--older-than", "1h"], 2, "24h or more"),
        (["--compact", "--target", "sandbx"], 2, "sandbox"),
        (["silver.itmes", "--compact"], 1, "Did you mean items?"),
        (["nowhere.items", "--compact"], 1, "nowhere"),
        (["a.b.c.d", "--compact"], 1, "too many parts"),
    ],
)
def test_used_wrongly(olo: Olo, words: list[str], code: int, said: str) -> None:
    ended = olo("maintain", *words)
    assert (ended.code, ended.out) == (code, "") and said in ended.err
