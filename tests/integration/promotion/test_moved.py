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
