"""A model that the repository moved is followed; its hand edits survive there."""

from __future__ import annotations

from pathlib import Path

import pytest

from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.promote import Promotion, plan, promote
from olo_jupyter.promotion.provenance import blame

from .conftest import git
from .notebooks import run
from .test_promote import PLAIN, session

__all__ = ["session"]
OLD, NEW = "models/gold/base.sql", "models/gold/late/base.sql"
WIDER = PLAIN.replace("day, origin, delay", "day, origin, delay, delay + 1 AS more")


def _promoted(opened: Session, sql: str) -> Promotion:
    ran = run([("c1", sql)], opened, opened.settings.root)
    return promote(ran.request("base", verify=False), opened)


@pytest.mark.timeout(600)
def test_a_model_in_another_folder_is_followed(session: Session, tmp_path: Path) -> None:
    root = session.settings.root
    assert _promoted(session, PLAIN).succeeded
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", "olo/ana/base", "origin.git", str(clone))
    (clone / NEW).parent.mkdir()
    git(clone, "mv", OLD, NEW)
    (clone / NEW).write_text((clone / NEW).read_text().rstrip() + "\n\n-- by hand\n")
    git(clone, "commit", "-q", "-am", "refactor: late models in a folder of their own")
    git(clone, "push", "-q")

    for sql, column in ((WIDER, "more"), (WIDER.replace("more", "better"), "better"), (WIDER, "more")):
        done = _promoted(session, sql)
        assert done.succeeded, done.findings
        files = git(root, "ls-tree", "-r", "--name-only", "olo/ana/base").split("\n")
        assert NEW in files
        assert OLD not in files
        text = git(root, "show", f"olo/ana/base:{NEW}")
        assert f"as {column}" in text
        assert text.endswith("-- by hand")
        shown = plan(run([("c1", sql)], session, root).request("base"), session)
        assert (shown.status, OLD in {change.path for change in shown.changes}) == ("planned", False)
    folder = done.folder
    assert folder is not None
    line = text.split("\n").index(next(row for row in text.split("\n") if "as more" in row)) + 1
    assert blame(folder, NEW, line).cells == ("c1",)
    assert blame(folder, NEW, len(text.split("\n"))).made == "edited"


SCORE = "import pandas as pd\n\nscore = base.to_pandas().groupby('origin', as_index=False)['delay'].mean()"
MODULE, PLACE = "src/flights/score.py", "src/flights/late/score.py"


@pytest.mark.timeout(600)
def test_a_module_its_test_and_its_job_are_followed_and_still_proved(session: Session, tmp_path: Path) -> None:
    """A colleague moves the module, renames test and job, and says so in both: that stays, what is new comes there."""
    root = session.settings.root
    cells = [("c1", PLAIN), ("c2", SCORE)]
    first = promote(run(cells, session, root).request("score", source="score"), session)
    assert first.status == "verified", first.findings
    branch = first.branch
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", branch, "origin.git", str(clone))
    tests = next(made.path for made in first.artefacts if made.kind == "test")
    job = next(made.path for made in first.artefacts if made.kind == "job")
    for old, new in ((MODULE, PLACE), (tests, "tests/late/test_late_score.py"), (job, "jobs/late_score.yml")):
        (clone / new).parent.mkdir(parents=True, exist_ok=True)
        git(clone, "mv", old, new)
    for path in ("tests/late/test_late_score.py", "jobs/late_score.yml"):
        text = (clone / path).read_text()
        moved = text.replace("flights.score", "flights.late.score").replace(
            "from flights import score", "from flights.late import score"
        )
        (clone / path).write_text(moved.replace("name: score\n", "name: late_score\n", 1))
    git(clone, "commit", "-q", "-am", "refactor: late things together")
    git(clone, "push", "-q")

    wider = SCORE.replace(".mean()", ".mean()\nscore['twice'] = score['delay'] * 2")
    again = promote(run([("c1", PLAIN), ("c2", wider)], session, root).request("score", source="score"), session)
    assert again.status == "verified", again.findings
    files = git(root, "ls-tree", "-r", "--name-only", branch).split("\n")
    assert {PLACE, "tests/late/test_late_score.py", "jobs/late_score.yml"} <= set(files)
    assert not {MODULE, tests, job} & set(files)
    assert "twice" in git(root, "show", f"{branch}:{PLACE}")
    assert "flights.late.score" in git(root, "show", f"{branch}:jobs/late_score.yml")
    third = promote(run(cells, session, root).request("score", source="score"), session)
    assert third.status == "verified", third.findings
    assert "twice" not in git(root, "show", f"{branch}:{PLACE}")


@pytest.mark.timeout(600)
def test_a_model_under_another_name_is_said_and_a_deleted_one_stays_deleted(session: Session, tmp_path: Path) -> None:
    root = session.settings.root
    assert _promoted(session, PLAIN).succeeded
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", "olo/ana/base", "origin.git", str(clone))
    git(clone, "mv", OLD, "models/gold/other.sql")
    git(clone, "commit", "-q", "-am", "refactor: another name")
    git(clone, "push", "-q")
    refused = _promoted(session, WIDER)
    [finding] = [finding for finding in refused.findings if finding.severity == "error"]
    assert "was renamed to models/gold/other.sql" in finding.message
    git(clone, "rm", "-q", "models/gold/other.sql")
    git(clone, "commit", "-q", "-m", "refactor: not needed")
    git(clone, "push", "-q")
    same = _promoted(session, PLAIN)
    assert {"deleted-stays-deleted"} <= {finding.code for finding in same.findings}
    assert OLD not in git(root, "ls-tree", "-r", "--name-only", "olo/ana/base").split("\n")
