"""What was used and what it cost; a backup and its way back: the commands as people type them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import Olo

JOB = """\
version: 1
name: daily
owner: ana
tasks:
  - name: count
    shell: {command: [sh, -c, "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]}
"""
PRICES = "prices: {currency: EUR, cpu_hour: 3600, tib_scanned: 1099511627776}\n"
"""A second of a processor and a byte cost 1 each."""


@pytest.fixture
def used(project: Path, olo: Olo) -> Path:
    """A project in which a job and a query have run."""
    (project / "jobs").mkdir(exist_ok=True)
    (project / "jobs" / "daily.yml").write_text(JOB, encoding="utf-8")
    assert olo("run", "daily").code == 0
    assert olo("sql", "SELECT count(*) FROM silver.items").code == 0
    return project


def price(project: Path) -> None:
    config = project / "olo.yml"
    config.write_text(config.read_text(encoding="utf-8") + PRICES, encoding="utf-8")


def test_costs_of_jobs_and_of_people(used: Path, olo: Olo) -> None:
    price(used)
    (told,) = olo("costs", "--since", "1d", "--json").json()
    (daily,) = told["costs"]
    assert (told["by"], told["currency"], daily["name"]) == ("job", "EUR", "daily")
    assert daily["cpu_hours"] > 0 and daily["cost"] == pytest.approx(3600 * daily["cpu_hours"])
    (told,) = olo("costs", "--by", "user", "--json").json()
    (person,) = told["costs"]
    assert person["bytes_scanned"] > 0 and person["cost"] >= person["bytes_scanned"]
    (told,) = olo("costs", "--since", "2999-01-01", "--json").json()
    assert told["costs"] == []
    assert "EUR" in olo("costs").out and "Nothing ran since then." in olo("costs", "--since", "2999-01-01").out


def test_what_has_no_price_is_said_to_have_none(used: Path, olo: Olo) -> None:
    ended = olo("costs")
    assert ended.code == 0 and "no price" in ended.out and "Set prices" in ended.out
    (told,) = olo("costs", "--json").json()
    assert [one["cost"] for one in told["costs"]] == [None]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "yesterdy"], "neither a day"),
        (["--by", "jobs"], "job"),
        (["--target", "sandbox", "--by", "user"], "of statements"),
    ],
)
def test_wrong_words_are_told(used: Path, olo: Olo, words: list[str], said: str) -> None:
    ended = olo("costs", *words)
    assert ended.code == 2 and said in ended.err


def test_a_backup_comes_back(used: Path, olo: Olo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, (state,) = tmp_path / "state.tar.gz", {path.parent for path in used.parent.rglob("history.db")}
    before = (olo("runs", "--json").out, olo("history", "--json").out)
    assert str(archive) in olo("backup", str(archive)).out
    refused = olo("restore", str(archive))
    assert refused.code == 1 and "--force" in refused.err
    shutil.rmtree(state)
    assert olo("runs", "--json").out != before[0]
    shutil.rmtree(state, ignore_errors=True)
    assert olo("restore", str(archive)).code == 0
    assert (olo("runs", "--json").out, olo("history", "--json").out) == before
    assert olo("run", "daily").code == 0
    archive.write_bytes(archive.read_bytes()[:-200])
    damaged = olo("restore", str(archive), "--force")
    assert damaged.code == 1 and len(olo("runs", "--json").out) > len(before[0])
