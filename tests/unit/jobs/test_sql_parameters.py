"""Parameters of SQL tasks keep their types on the way into a statement: dates are no texts there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from olo_jobs.commands import command, context_for
from olo_jobs.load import parse_job
from olo_jobs.values import run_values
from olo_jupyter.cli.query import parameter_of

JOB = """\
version: 1
name: daily
parameters:
  day: {type: date, default: "{{ logical_date }}"}
  at: {type: timestamp, default: "2026-01-31T06:00:00"}
  word: {type: string, default: "2026-01-31"}
  n: {type: integer, default: 3}
  share: {type: number, default: 0.5}
  all: {type: boolean, default: true}
tasks:
  - name: clean
    sql:
      text: SELECT 1
      parameters:
        day: "{{ day }}"
        at: "{{ at }}"
        word: "{{ word }}"
        n: "{{ n }}"
        share: "{{ share }}"
        all: "{{ all }}"
        today: "{{ logical_date }}"
        said: "on {{ day }}"
        fixed: 2026-01-31
"""


def bound(tmp_path: Path, **given: Any) -> dict[str, Any]:
    """What the statement of the job above is bound to."""
    job = parse_job(JOB)
    moment = datetime(2026, 3, 29, 6, tzinfo=UTC)
    _, values = run_values(job, given, moment=moment, run_id="r", target="dev")
    context = context_for(job, root=tmp_path, config=tmp_path, target="dev", folder=tmp_path, values=values)
    words = command(job.tasks[0], context)
    assert words[-2:] == ["--", "SELECT 1"]
    return dict(parameter_of(words[at + 1]) for at, word in enumerate(words) if word == "--param")


def test_each_type_arrives_as_it_is(tmp_path: Path) -> None:
    assert bound(tmp_path) == {
        "day": date(2026, 3, 29),
        "at": datetime(2026, 1, 31, 6),
        "word": "2026-01-31",
        "n": 3,
        "share": 0.5,
        "all": True,
        "today": date(2026, 3, 29),
        "said": "on 2026-03-29",
        "fixed": "2026-01-31",
    }


def test_a_time_with_its_zone_keeps_it(tmp_path: Path) -> None:
    at = bound(tmp_path, at="2026-01-31T06:00:00+02:00")["at"]
    assert at == datetime(2026, 1, 31, 4, tzinfo=UTC)
    assert at.utcoffset() is not None


def test_text_that_looks_like_an_option_stays_text(tmp_path: Path) -> None:
    odd = '"; DROP TABLE t; --'
    assert bound(tmp_path, word=odd)["word"] == odd


@pytest.mark.parametrize("item", ["day:dat=2026-01-31", "day:date=2026-02-30", "day:date=5", ":date=2026-01-31", "day"])
def test_what_is_no_parameter_is_refused(item: str) -> None:
    with pytest.raises(typer.BadParameter):
        parameter_of(item)
