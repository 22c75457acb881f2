"""A later blueprint in a project that its users have edited: nothing of theirs is lost, whatever the edit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from olo_jupyter.project import blueprint
from olo_jupyter.project.blueprint import Answers, BlueprintError, blueprint_folder, create, export
from olo_jupyter.project.blueprint_update import Update, update

MINE = "# mine: ünï\n"


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=ana", "-c", "user.email=ana@example.org", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, tag: str = "") -> None:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", tag or "edit")
    if tag:
        git(folder, "tag", tag)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blueprint of two versions, and a project of the first."""
    parent = tmp_path_factory.mktemp("update")
    source = parent / "blueprint"
    shutil.copytree(blueprint_folder(), source, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "dropped.txt").write_text("one\ntwo\n")
    git(source, "init", "--quiet", "--initial-branch=main")
    commit(source, "v1.0.0")
    tasks = source / "Taskfile.yml"
    tasks.write_text(tasks.read_text().replace("silent: true", "silent: false") + "\n  more:\n    cmd: echo more\n")
    (source / "dropped.txt").unlink()
    (source / "brought.txt").write_text("new\n")
    (source / "README.md.jinja").write_text("later\n")
    commit(source, "v1.1.0")
    project = parent / "project"
    create(project, Answers("shop"), template=str(source), ref="v1.0.0")
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project)
    return parent


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "project", tmp_path / "project"))


def test_an_update_brings_what_is_new_and_a_second_one_nothing(project: Path) -> None:
    readme = (project / "README.md").read_text()
    done = update(project)
    assert (done.before, done.after, done.conflicts) == ("v1.0.0", "v1.1.0", ())
    assert done.changed == (".copier-answers.yml", "Taskfile.yml", "brought.txt", "dropped.txt")
    assert "silent: false" in (project / "Taskfile.yml").read_text()
    assert not (project / "dropped.txt").exists()
    assert (project / "README.md").read_text() == readme
    git(project, "commit", "--quiet", "--message", "update")
    assert git(project, "status", "--porcelain") == ""
    head = git(project, "rev-parse", "HEAD")
    assert update(project) == Update("v1.1.0", "v1.1.0", (), ())
    assert (git(project, "rev-parse", "HEAD"), git(project, "status", "--porcelain")) == (head, "")


def test_edits_on_any_line_are_kept_or_in_conflict(project: Path) -> None:
    """The edits are committed and updated at once, within Git's one second of doubt about a file's time."""
    tasks = project / "Taskfile.yml"
    lines = tasks.read_text().splitlines(keepends=True)
    start = git(project, "rev-parse", "HEAD").strip()
    for at in (0, 3, len(lines) // 2, len(lines) - 1, len(lines)):
        tasks.write_text("".join([*lines[:at], MINE, *lines[at:]]))
        git(project, "commit", "--quiet", "--all", "--message", "edit")
        done = update(project)
        text = tasks.read_text()
        assert text.count(MINE) == 1
        assert "echo more" in text and "silent: false" in text
        assert ("<<<<<<< yours" in text) == (done.conflicts == ("Taskfile.yml",)), at
        assert bool(done.conflicts) == (at in (3, len(lines))), at
        assert git(project, "status", "--porcelain", "Taskfile.yml")[:2] == ("UU" if done.conflicts else "M ")
        git(project, "reset", "--quiet", "--hard", start)


def test_an_edited_file_that_the_blueprint_dropped_stays_and_is_told(project: Path) -> None:
    (project / "dropped.txt").write_text("one\ntwo\nmine\n")
    (project / "own.bin").write_bytes(b"\0\xff")
    (project / "olo.yml").unlink()
    commit(project)
    done = update(project)
    assert done.conflicts == ("dropped.txt",)
    assert (project / "dropped.txt").read_text() == "one\ntwo\nmine\n"
    assert (project / "own.bin").read_bytes() == b"\0\xff"
    assert not (project / "olo.yml").exists()


def test_a_project_in_a_folder_of_a_repository(made: Path, tmp_path: Path) -> None:
    inner = tmp_path / "mono" / "data"
    shutil.copytree(made / "project", inner, ignore=shutil.ignore_patterns(".git"))
    (tmp_path / "mono" / "Taskfile.yml").write_text("other\n")
    (inner / "README.md").write_text("mine\n")
    git(tmp_path / "mono", "init", "--quiet")
    commit(tmp_path / "mono")
    assert "data/brought.txt" in update(inner).changed
    assert (tmp_path / "mono" / "Taskfile.yml").read_text() == "other\n"
    assert (inner / "README.md").read_text() == "mine\n"


@pytest.mark.parametrize("fault", ["uncommitted", "file-exists", "no-answers", "blueprint", "git"])
def test_a_refusal_changes_nothing(project: Path, fault: str) -> None:
    answers = project / ".copier-answers.yml"
    if fault == "uncommitted":
        (project / "Taskfile.yml").write_text("mine\n")
    elif fault == "file-exists":
        (project / "brought.txt").write_text("mine\n")
        (project / ".git" / "info" / "exclude").write_text("brought.txt\n")
    elif fault == "no-answers":
        answers.unlink()
    elif fault == "blueprint":
        answers.write_text(answers.read_text().replace("v1.0.0", "v9.9.9"))
        commit(project)
    else:
        shutil.rmtree(project / ".git")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git" not in path.parts}
    with pytest.raises(BlueprintError) as error:
        update(project)
    assert (error.value.code, bool(error.value.hint)) == (fault, True)
    after = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert after == before


def test_versions_made_within_a_second_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, kept = tmp_path / "source", tmp_path / "kept"
    source.mkdir()
    monkeypatch.setattr(blueprint, "blueprint_folder", lambda: source)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
    for number, tag in enumerate(("v1.0.0", "v1.0.0.post1", "v1.0.0.post2")):
        (source / "copier.yml").write_text(f"name: {number}\n")
        assert export(kept, "1.0.0") == export(kept, "1.0.0") == tag
