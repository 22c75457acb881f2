"""A model that the repository moved is followed; its hand edits survive there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.merge import read_record
from olo_jupyter.promotion.promote import Promotion, plan, promote
from olo_jupyter.promotion.provenance import blame, where
from olo_jupyter.promotion.standing import standings

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


OTHER = "models/gold/other.sql"
BUILT = "%%olo sql late <<\nSELECT origin, delay FROM base WHERE delay > 10"


def _cloned(tmp_path: Path, branch: str = "olo/ana/base") -> Path:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", branch, "origin.git", str(clone))
    return clone


def _pushed(clone: Path, message: str) -> None:
    git(clone, "commit", "-q", "-am", message)
    git(clone, "push", "-q")


@pytest.mark.timeout(900)
def test_a_model_under_another_name_is_followed(session: Session, tmp_path: Path) -> None:
    """A colleague renames the model and says so in its YAML; what is built on it, the state and the way back follow."""
    root = session.settings.root
    first = promote(run([("c1", PLAIN)], session, root).request("base"), session)
    assert first.status == "verified", first.findings
    clone = _cloned(tmp_path)
    git(clone, "mv", OLD, OTHER)
    properties = clone / "models/gold/base.yml"
    renamed = properties.read_text().replace("name: base\n", "name: other\n").replace("model: base\n", "model: other\n")
    properties.write_text(renamed.replace("version: 2\n", "version: 2 # by hand\n"))
    (clone / OTHER).write_text((clone / OTHER).read_text().rstrip() + "\n\n-- by hand\n")
    _pushed(clone, "refactor: another name")

    again = promote(run([("c1", WIDER)], session, root).request("base"), session)
    assert again.status == "verified", again.findings
    assert "renamed-in-repository" in {finding.code for finding in again.findings}
    assert (again.name, again.branch, again.relation) == ("base", "olo/ana/base", "gold.other")
    files = git(root, "ls-tree", "-r", "--name-only", "olo/ana/base").split("\n")
    assert {OTHER, "models/gold/base.yml", "jobs/base.yml"} <= set(files)
    assert not {OLD, "models/gold/other.yml", "jobs/other.yml"} & set(files)
    text = git(root, "show", f"olo/ana/base:{OTHER}")
    assert "as more" in text
    assert text.endswith("-- by hand")
    told = git(root, "show", "olo/ana/base:models/gold/base.yml")
    assert "- name: other" in told
    assert "name: base" not in told
    assert "version: 2 # by hand\n" in told
    job = git(root, "show", "olo/ana/base:jobs/base.yml")
    assert "name: base\n" in job
    assert "+other" in job
    assert again.state["relation"] == "gold.other"
    [standing] = standings(session.settings).promotions
    assert (standing.name, standing.relation, standing.job) == ("base", "gold.other", "base")
    folder = again.folder
    assert folder is not None
    assert blame(folder, OTHER, len(text.split("\n"))).made == "edited"
    assert {place.path for place in where(folder, "c1")} >= {OTHER, "models/gold/base.yml"}

    built = run([("c1", WIDER), ("c2", BUILT)], session, root)
    late = promote(built.request("late", source="late"), session)
    assert late.status == "verified", late.findings
    assert 'ref("other")' in git(root, "show", f"{late.branch}:models/gold/late.sql")
    assert late.publication is not None
    git(root, "merge-base", "--is-ancestor", "olo/ana/base", late.branch)

    git(clone, "pull", "-q")
    git(clone, "mv", OTHER, OLD)
    properties.write_text(properties.read_text().replace(": other\n", ": base\n"))
    _pushed(clone, "refactor: the old name again")
    back = promote(run([("c1", PLAIN)], session, root).request("base"), session)
    assert back.status == "verified", back.findings
    assert back.relation == "gold.base"
    assert "renamed-in-repository" not in {finding.code for finding in back.findings}
    assert "name: base\n" in git(root, "show", "olo/ana/base:models/gold/base.yml")
    assert "+base" in git(root, "show", "olo/ana/base:jobs/base.yml")


@pytest.mark.timeout(900)
def test_renamed_and_moved_on_the_default_branch_twice(session: Session, tmp_path: Path) -> None:
    """After the merge, without a word in the YAML: the promotion says it there, too; a second rename is followed."""
    root = session.settings.root
    assert _promoted(session, PLAIN).succeeded
    clone = _cloned(tmp_path, "main")
    git(clone, "merge", "-q", "origin/olo/ana/base")
    place = OLD
    for new, sql, column in (
        ("models/gold/late/other.sql", WIDER, "more"),
        ("models/gold/third.sql", WIDER.replace("more", "better"), "better"),
    ):
        (clone / new).parent.mkdir(exist_ok=True)
        git(clone, "mv", place, new)
        _pushed(clone, f"refactor: {new}")
        done = _promoted(session, sql)
        assert done.succeeded, done.findings
        name = Path(new).stem
        assert done.relation == f"gold.{name}"
        files = git(root, "ls-tree", "-r", "--name-only", "olo/ana/base").split("\n")
        assert [path for path in files if path.endswith(".sql") and path.startswith("models/gold/")] == [new]
        assert f"as {column}" in git(root, "show", f"olo/ana/base:{new}")
        assert f"- name: {name}\n" in git(root, "show", "olo/ana/base:models/gold/base.yml")
        shown = plan(run([("c1", sql)], session, root).request("base"), session)
        assert shown.status == "planned", shown.findings
        assert all(change.before == change.after for change in shown.changes), shown.changes
        git(clone, "fetch", "-q")
        git(clone, "merge", "-q", "origin/olo/ana/base")
        place = new


@pytest.mark.timeout(600)
def test_a_deleted_model_stays_deleted_and_one_of_another_promotion_is_not_taken(
    session: Session, tmp_path: Path
) -> None:
    root = session.settings.root
    assert _promoted(session, PLAIN).succeeded
    clone = _cloned(tmp_path)
    before = git(clone, "rev-parse", "HEAD")
    git(clone, "rm", "-q", OLD)
    _pushed(clone, "refactor: not needed")
    same = _promoted(session, PLAIN)
    assert {"deleted-stays-deleted"} <= {finding.code for finding in same.findings}
    assert OLD not in git(root, "ls-tree", "-r", "--name-only", "olo/ana/base").split("\n")
    # What looks like the same file by another name belongs to a promotion of its own.
    git(clone, "reset", "-q", "--hard", before)
    git(clone, "mv", OLD, OTHER)
    record = read_record(git(root, "show", "olo/ana/base:.olo/promotions/base.yml"))
    assert record is not None
    theirs = replace(
        record, name="other", notebook="notebooks/other.ipynb", branch="", files={OTHER: "x"}, cells=("x",)
    )
    (clone / ".olo/promotions/other.yml").write_text(theirs.dump())
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "feat: another promotion")
    git(clone, "push", "-q", "--force")
    git(root, "update-ref", "-d", "refs/heads/olo/ana/base")
    refused = _promoted(session, WIDER)
    [finding] = [finding for finding in refused.findings if finding.severity == "error"]
    assert "was deleted in the repository" in finding.message
