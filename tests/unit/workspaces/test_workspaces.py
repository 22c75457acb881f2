"""Workspaces on real catalogs and a real store: what is wrong with a file, the plan, what apply makes, drift."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from olo_jupyter.cli.app import app
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.project.project import Project
from olo_jupyter.store.audit import Audit
from olo_jupyter.store.database import Database, store_url
from olo_jupyter.workspaces.apply import Experiments, World
from olo_jupyter.workspaces.load import WorkspaceError, check_workspaces, load_workspace
from olo_jupyter.workspaces.members import MemberStore
from olo_jupyter.workspaces.plan import Change
from olo_jupyter.workspaces.schema import workspace_schema

WORKSPACE = """\
version: 1
name: flights
repository: {repository}
storage: file:../lakehouse
catalogs:
  dev: {{namespaces: [bronze, silver, gold]}}
sandboxes: apply
experiments:
  - {{name: flights/delays, description: Who is late}}
members:
  - {{user: ana, role: workspace-admin}}
  - {{user: ben@example.org, role: analyst}}
  - {{group: readers, role: viewer}}
links:
  grafana: https://grafana.example.org
"""


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("blueprint") / "flights"
    create(root, Answers(name="flights"))
    git(root, "init", "-q", "-b", "main")
    return root


@pytest.fixture
def project(blueprint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    root = tmp_path / "flights"
    shutil.copytree(blueprint, root)
    git(root, "remote", "add", "origin", f"file://{tmp_path}/flights.git")
    monkeypatch.setenv("OLO_USER", "ana")
    monkeypatch.setenv("OLO_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(root)
    write(root, WORKSPACE.format(repository=f"{tmp_path}/flights.git"))
    return Project(load_settings(root))


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def write(root: Path, text: str, name: str = "flights") -> None:
    (root / "workspaces").mkdir(exist_ok=True)
    (root / "workspaces" / f"{name}.yml").write_text(text)


def edited(project: Project, change: Any) -> None:
    path = project.root / "workspaces" / "flights.yml"
    values = yaml.safe_load(path.read_text())
    change(values)
    path.write_text(yaml.safe_dump(values, sort_keys=False))


def world(project: Project, experiments: Experiments | None = None) -> World:
    return World(project, Catalogs(project.settings), MemberStore(Database(store_url(project.settings))), experiments)


def problems(project: Project) -> list[str]:
    return [str(problem) for problem in check_workspaces(project)]


def test_the_example_is_valid_for_the_loader_and_for_the_published_schema(project: Project) -> None:
    assert problems(project) == []
    values = yaml.safe_load((project.root / "workspaces" / "flights.yml").read_text())
    jsonschema.Draft202012Validator(workspace_schema()).validate(values)
    values["members"][0]["rule"] = "viewer"
    assert not jsonschema.Draft202012Validator(workspace_schema()).is_valid(values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v.update(name="flight"), "2:7: name-mismatch"),
        (lambda v: v["members"].__setitem__(0, {"user": "ana", "role": "admin"}), "role"),
        (lambda v: v["members"].__delitem__(0), "nobody is workspace-admin"),
        (lambda v: v["members"].append({"user": "ana", "role": "viewer"}), "a member twice"),
        (
            lambda v: v["members"].append({"user": "ben@example.com", "role": "analyst"}),
            "share the sandbox ben_sandbox",
        ),
        (lambda v: v["members"].append({"user": "x", "group": "y", "role": "viewer"}), "one user or one group"),
        (lambda v: v["catalogs"].update(deb={}), "Did you mean 'dev'?"),
        (lambda v: v.update(storage="s3://lake/flights"), "is not below s3://lake/flights"),
        (lambda v: v["links"].update(grafana="http://grafana.example.org"), "use https"),
        (lambda v: v["links"].update(grafana="https://ana:pw@grafana.example.org"), ":23:12: secret"),
        (lambda v: v.update(repository="https://ana:pw@git.example.org/x.git"), ":3:13: secret"),
        (lambda v: v.update(compute={"smal": {"cpu": 1}}), "no target has a resource profile 'smal'"),
        (lambda v: v["experiments"].append({"name": "flights/delays"}), "is there twice"),
        (lambda v: v.pop("members"), "members"),
        (lambda v: v.update(experimnts=[]), "Did you mean 'experiments'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_without_secrets(project: Project, change: Any, said: str) -> None:
    edited(project, change)
    text = "\n".join(problems(project))
    assert said in text
    assert "workspaces/flights.yml:" in text
    assert ":pw@" not in text
    with pytest.raises(WorkspaceError):
        load_workspace(project, "flights")


def test_a_profile_that_asks_for_more_than_the_workspace_allows(project: Project) -> None:
    target = project.root / "targets" / "dev.yml"
    target.write_text(target.read_text() + "  huge: {cpu: 16, memory: 64Gi}\n")
    edited(project, lambda values: values.update(compute={"huge": {"cpu": 16, "memory": "32Gi"}}))
    assert "targets/dev.yml asks for more as huge: 64Gi of memory, not 32Gi" in "\n".join(problems(project))


def test_apply_makes_what_the_file_says_and_then_nothing_more(project: Project) -> None:
    spec, there = load_workspace(project, "flights"), world(project)
    changes = there.changes(spec)
    assert [str(change) for change in changes] == [
        "+ namespace dev.bronze",
        "+ namespace dev.silver",
        "+ namespace dev.gold",
        "+ sandbox ana",
        "+ sandbox ben@example.org",
        "+ member user ana: workspace-admin",
        "+ member user ben@example.org: analyst",
        "+ member group readers: viewer",
        "! experiment flights/delays: no tracking server is configured",
    ]
    assert all(not done.error for done in there.apply(spec, changes, "ana"))
    assert Catalogs(project.settings).namespaces("dev") == ("bronze", "gold", "silver")
    ben = load_settings(project.root, {"OLO_USER": "ben", "HOME": str(project.root)})
    assert Catalogs(ben).namespaces("ben_sandbox") == ("gold",)
    assert there.store.roles_in(["flights"], "vera", ["readers"]) == {"viewer"}
    assert there.store.roles_in(["flights"], "vera", ["others"]) == frozenset()
    assert there.store.roles_in(["other"], "ana") == frozenset()
    assert [change.action for change in there.changes(spec)] == ["refuse"]
    assert there.store.applied("flights") is None, "an experiment could not be made"


def test_drift_is_what_was_changed_by_hand(project: Project) -> None:
    edited(project, lambda values: values.pop("experiments"))
    git(project.root, "add", "-A")
    git(project.root, "commit", "-q", "-m", "feat: workspace")
    spec, there = load_workspace(project, "flights"), world(project)
    list(there.apply(spec, there.changes(spec), "ana"))
    applied = there.store.applied("flights")
    assert applied is not None
    assert (len(applied.commit), applied.by) == (40, "ana")
    there.catalogs.catalog("dev").drop_namespace("gold")
    there.store.set_role("flights", "group", "readers", "data-engineer")
    there.store.set_role("flights", "user", "mallory", "workspace-admin")
    changed = {entry.subject: entry for entry in Audit(there.store.database).entries()}
    assert changed["workspace/flights/member/user ana"].after == {"is": "workspace-admin"}
    assert changed["workspace/flights/member/user ana"].outcome == "done"
    assert there.changes(spec) == [
        Change("create", "namespace", "dev.gold"),
        Change("update", "member", "group readers", "data-engineer", "viewer"),
        Change("remove", "member", "user mallory", "workspace-admin"),
    ]


def test_another_repository_is_refused(project: Project) -> None:
    git(project.root, "remote", "set-url", "origin", "https://ana:secret@git.example.org/other.git")
    refused = world(project).changes(load_workspace(project, "flights"))[0]
    assert (refused.action, refused.kind) == ("refuse", "repository")
    assert "https://git.example.org/other.git" in refused.reason
    assert "secret" not in str(refused)


def test_one_change_that_fails_keeps_none_of_the_others(project: Project) -> None:
    lake = project.settings.root.parent / "lakehouse"
    lake.mkdir(exist_ok=True)
    (lake / "dev.db").mkdir()
    spec, there = load_workspace(project, "flights"), world(project)
    changes = there.changes(spec)
    refused = [change for change in changes if change.kind == "namespace"]
    assert {change.action for change in refused} == {"refuse"}
    assert "dev" in refused[0].reason
    assert all(not done.error for done in there.apply(spec, changes, "ana"))
    assert there.store.members("flights")["user ana"] == "workspace-admin"


def test_the_command_plans_asks_applies_and_shows_drift(project: Project) -> None:
    runner = CliRunner()
    planned = runner.invoke(app, ["apply", "--plan"])
    assert planned.exit_code == 0, planned.output
    assert "flights: + member user ana: workspace-admin" in planned.output
    assert world(project).store.members("flights") == {}, "a plan changes nothing"
    nobody = runner.invoke(app, ["apply"])
    assert nobody.exit_code != 0
    edited(project, lambda values: values.pop("experiments"))
    applied = runner.invoke(app, ["apply", "--yes", "--json"])
    assert applied.exit_code == 0, applied.output
    assert json.loads(applied.output)["failed"] == 0
    subjects = [entry.subject for entry in Audit(world(project).store.database).entries()]
    assert "workspace/flights/member/user ana" in subjects
    assert len(subjects) == len(set(subjects)), "each change is in the audit once"
    again = json.loads(runner.invoke(app, ["apply", "--yes", "--json"]).output)
    assert again["workspaces"][0]["changes"] == []
    assert runner.invoke(app, ["drift"]).exit_code == 0
    edited(project, lambda values: values["members"].append({"user": "cleo", "role": "viewer"}))
    drifted = runner.invoke(app, ["drift", "--json"])
    assert drifted.exit_code == 1
    assert json.loads(drifted.output)["workspaces"][0]["changes"][0]["subject"] == "user cleo"
