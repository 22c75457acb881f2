"""The blueprint is a template of copier: `olo init` writes what `copier copy` writes, and `copier update` works."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy, run_update

from olo_jupyter.project.blueprint import Answers, BlueprintError, blueprint_folder, create
from tests.integration.project.test_update import commit, git

OWN = {"name": "shop", "package": "shop_code", "owner": "@org/data", "sources": {"silver": ["flights", "planes"]}}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Git repository of two versions, a pre-release, and a commit after them."""
    folder = tmp_path_factory.mktemp("copier") / "blueprint"
    shutil.copytree(blueprint_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "start.sh").write_text("#!/bin/sh\n")
    (folder / "start.sh").chmod(0o755)
    (folder / "picture.bin").write_bytes(bytes(range(256)))
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "v1.9.0")
    (folder / "later.txt").write_text("later\n")
    commit(folder, "v1.10.0")
    (folder / "early.txt").write_text("too early\n")
    commit(folder, "v2.0.0rc1")
    return folder


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts]
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o111) for path in files}


@pytest.mark.parametrize("ref", [None, "v1.9.0", "main"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ci": "gitlab", "layers": ["ml", "serving"], "description": 'Käse: "gut", #1'},
        {"ci": "gitea", "layers": ["ml"]},
        {"ci": "none", "description": "Ends."},
    ],
)
def test_the_same_files_as_copiers(template: Path, tmp_path: Path, ref: str | None, more: dict[str, Any]) -> None:
    run_copy(str(template), tmp_path / "theirs", data={**OWN, **more}, vcs_ref=ref, defaults=True, quiet=True)
    answers = Answers("shop", "shop_code", "@org/data", {"silver": ("planes", "flights")}, more)
    written = create(tmp_path / "ours", answers, template=str(template), ref=ref)
    ours, theirs = tree(tmp_path / "ours"), tree(tmp_path / "theirs")
    assert ours == theirs
    assert [path.as_posix() for path in written] == sorted(ours, key=Path)
    assert ours["start.sh"][1] and ours["picture.bin"][0] == bytes(range(256))
    assert ("later.txt" in ours, "early.txt" in ours) == (ref != "v1.9.0", ref == "main")
    said = yaml.safe_load((tmp_path / "ours" / ".copier-answers.yml").read_text())
    assert said["_src_path"] == str(template)
    assert said["_commit"] == {None: "v1.10.0", "v1.9.0": "v1.9.0", "main": "v2.0.0rc1"}[ref]


def test_copier_updates_a_project_that_olo_init_made(template: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    create(project, Answers("shop"), template=str(template), ref="v1.9.0")
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project)
    run_update(project, defaults=True, overwrite=True, quiet=True)
    assert (project / "later.txt").read_text() == "later\n"
    assert yaml.safe_load((project / ".copier-answers.yml").read_text())["_commit"] == "v1.10.0"
    assert git(project, "status", "--porcelain").split() == ["M", ".copier-answers.yml", "??", "later.txt"]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("_tasks: [echo]", "the setting tasks isn't understood here"),
        ("_jinja_extensions: [x.Y]", "the setting jinja_extensions isn't understood here"),
        ("_min_copier_version: '10.1'", "needs copier 10.1"),
        ("name: {type: path}", "type: Input should be"),
        ("more: {type: str, default: a, validator: '{% if'}", "The blueprint .*: "),
        ("must: {type: str}", "must: there is no answer"),
        ("[1]", "holds no settings"),
        ("a: [", "while parsing"),
    ],
)
def test_a_template_that_asks_for_more_is_refused_and_nothing_is_written(
    tmp_path: Path, setting: str, says: str
) -> None:
    (tmp_path / "template").mkdir()
    (tmp_path / "template" / "copier.yml").write_text(setting + "\n")
    (tmp_path / "template" / "file.txt").write_text("x")
    with pytest.raises(BlueprintError, match=says):
        create(tmp_path / "project", Answers("shop"), template=str(tmp_path / "template"))
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("{{ name }}", "", ""),
        ("{% raw %}..{% endraw %}", "", "no name of a file"),
        ("x.jinja", "{{ name", "x.jinja:1 of the blueprint"),
        ("x.jinja", "{{ ''.__class__.__mro__ }}", "x.jinja of the blueprint: access to attribute"),
        ("x.jinja", "{{ name | shout }}", "No filter named 'shout'"),
        ("x.jinja", b"\xff", "no UTF-8"),
    ],
)
def test_files_that_cant_be_rendered(tmp_path: Path, name: str, text: str | bytes, says: str) -> None:
    template = tmp_path / "template"
    template.mkdir()
    (template / "copier.yml").write_text("name: {type: str}\n")
    (template / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    if not says:
        assert create(tmp_path / "project", Answers("shop"), template=str(template)) == [Path("shop")]
        return
    with pytest.raises(BlueprintError, match=says):
        create(tmp_path / "project", Answers("shop"), template=str(template))
    assert not (tmp_path / "project").exists()


def test_a_link_to_outside_and_answers_that_arent_asked(tmp_path: Path, template: Path) -> None:
    folder = tmp_path / "template"
    folder.mkdir()
    (folder / "copier.yml").write_text("name: {type: str}\n")
    (tmp_path / "secret").write_text("s")
    (folder / "key").symlink_to(tmp_path / "secret")
    with pytest.raises(BlueprintError, match="link to outside"):
        create(tmp_path / "project", Answers("shop"), template=str(folder))
    with pytest.raises(BlueprintError, match="asks for no cii") as error:
        create(tmp_path / "project", Answers("shop", more={"cii": "gitlab"}), template=str(template))
    assert "ci, layers" in error.value.hint
    with pytest.raises(BlueprintError, match="'jenkins' is none of github, gitlab"):
        create(tmp_path / "project", Answers("shop", more={"ci": "jenkins"}), template=str(template))
    with pytest.raises(BlueprintError, match="has no version 'v3'"):
        create(tmp_path / "project", Answers("shop"), template=str(template), ref="v3")
    assert not (tmp_path / "project").exists()
