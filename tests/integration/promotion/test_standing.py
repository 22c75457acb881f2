"""Where a promotion stands once it is merged: which targets run it, its last run, whether the cell drifts from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.promote import promote
from olo_jupyter.promotion.standing import Standing, standings
from olo_jupyter.releases.deploy import deploy
from olo_jupyter.server.promotions import list_promotions

from .conftest import git
from .notebooks import run
from .test_promote import PLAIN, session

__all__ = ["session"]
WIDER = PLAIN.replace("day, origin, delay", "day, origin, delay, delay + 1 AS more")


def _promoted(opened: Session, sql: str) -> None:
    root = opened.settings.root
    ran = run([("c1", sql)], opened, root)
    _saved(root, sql)
    done = promote(ran.request("base", source="base", verify=False), opened)
    assert done.succeeded, done.findings


def _saved(root: Path, sql: str) -> None:
    path = root / "notebooks" / "flights.ipynb"
    path.parent.mkdir(exist_ok=True)
    cell: dict[str, Any] = {
        "id": "c1", "cell_type": "code", "source": sql, "outputs": [], "execution_count": 1, "metadata": {},
    }  # fmt: skip
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))


def _merged(opened: Session, into: str = "main") -> None:
    """Squash the branch, as hosts do."""
    root = opened.settings.root
    clone = root.parent / "merger"
    if not clone.exists():
        git(root.parent, "clone", "-q", "origin.git", str(clone))
    git(clone, "fetch", "-q")
    git(clone, "checkout", "-q", "-B", into, f"origin/{into}")
    git(clone, "merge", "-q", "--squash", "origin/olo/ana/base")
    git(clone, "commit", "-q", "-m", "feat: base")
    git(clone, "push", "-q", "origin", into)


def _one(opened: Session) -> Standing:
    [one] = standings(opened.settings).promotions
    return one


@pytest.mark.timeout(600)
def test_what_runs_and_what_drifts_from_it(session: Session) -> None:
    root = session.settings.root
    _promoted(session, PLAIN)
    assert _one(session).deployed == ()
    _merged(session)
    assert _one(session).runs_on == ""
    deploy(session.settings, "staging", "origin/main")
    one = _one(session)
    assert (one.runs_on, one.cells) == ("staging #1", "as promoted")

    # Changed in the notebook alone: not what was promoted, nor what runs.
    _saved(root, WIDER)
    assert _one(session).cells == "c1 changed"
    # Promoted again, and not merged yet: as promoted, but not what runs.
    _promoted(session, WIDER)
    one = _one(session)
    assert (one.runs_on, one.cells) == ("staging #1 (an older one)", "c1 not as staging runs")
    [shown] = list_promotions(session.settings, root, host=False).promotions
    assert [(there.target, there.newest, there.changed) for there in shown.deployed] == [("staging", False, ["c1"])]
    assert (shown.job, shown.last_run) == (one.job, None)

    _merged(session)
    assert _one(session).state == "merged"
    deploy(session.settings, "staging", "origin/main")
    one = _one(session)
    assert (one.runs_on, one.cells) == ("staging #2", "as promoted")
    started = datetime(2026, 1, 31, 6, tzinfo=UTC)
    RunStore(session.settings.state / "runs.db").save(
        RunRecord(id="r1", job=one.job, target="staging", state="failed", started=started)
    )
    [shown] = list_promotions(session.settings, root, host=True).promotions
    assert shown.last_run is not None
    assert (shown.last_run.state, shown.last_run.target, shown.last_run.started) == ("failed", "staging", started)

    # A notebook that isn't where it was can't be compared: that is said, not that nothing changed.
    (root / "notebooks" / "flights.ipynb").unlink()
    assert _one(session).cells == "can't be told: notebooks/flights.ipynb isn't in the project"
