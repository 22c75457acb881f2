"""``olo branch``: what it does, what it prints, and how it is used wrongly."""

from __future__ import annotations

import pytest

from .conftest import Olo

pytestmark = pytest.mark.usefixtures("project")
ITEMS = "silver.items"


def test_a_branch_is_made_written_to_and_brought_home(olo: Olo) -> None:
    def ids(where: str = "") -> str:
        return olo("sql", "--json", f"SELECT max(id) FROM {ITEMS} {where}").out.partition('"rows"')[2][:20]

    (made,) = olo("branch", ITEMS, "audit", "--json").json()
    assert (made["table"], made["branch"]) == ("dev.silver.items", "audit")
    assert olo("sql", f"INSERT INTO {ITEMS} @ audit VALUES (99, 'late')").code == 0
    assert "99" not in ids() and "99" in ids("FOR VERSION AS OF 'audit'")
    moved = olo("branch", ITEMS, "main", "--fast-forward", "audit")
    assert moved.code == 0 and moved.out.startswith("dev.silver.items: branch main is at snapshot ")
    assert "99" in ids()
    assert olo("branch", ITEMS, "audit", "--drop").out == "dev.silver.items: branch audit is gone.\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["x", "--drop", "--replace"], 2, "no other option"),
        (["nope", "--drop"], 1, "Branch 'nope' does not exist"),
        (["main", "--drop"], 1, "can't be dropped"),
        (["x", "--as-of", "nowhere"], 1, "no branch or tag 'nowhere'"),
    ],
)
def test_used_wrongly(olo: Olo, words: list[str], code: int, said: str) -> None:
    ended = olo("branch", ITEMS, *words)
    assert (ended.code, ended.out) == (code, "") and said in ended.err
