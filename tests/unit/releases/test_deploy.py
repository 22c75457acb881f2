"""plan, deploy, rollback on real repositories: what a target runs is one commit, whoever else deploys."""

import json
import subprocess
import threading
from pathlib import Path

import pytest

from olo_jobs.deployment import FILE, read_deployment
from olo_jupyter.config import Settings, load_settings
from olo_jupyter.project import validate
from olo_jupyter.releases.deploy import deploy, plan, rollback
from olo_jupyter.releases.history import ReleaseError
from olo_jupyter.releases.source import InvalidError

JOB = """\
version: 1
name: clean
schedule: {cron: "0 6 * * *"}
tasks:
  - name: list
    shell: {command: [ls, "${target}"]}
    resources: small
targets:
  prod: {retries: {attempts: 5}}
"""
CONFIG = """\
version: 1
name: shop
catalogs: {dev: {}, "${user.short_name}_sandbox": {}, prod: {}}
"""
TARGETS = {
    "sandbox": "catalog: ${user.short_name}_sandbox\nsources: dev\n",
    "dev": "catalog: dev\n",
    "prod": "catalog: prod\nservice_account: svc-prod\n",
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(validate, "dbt_installed", lambda: False)  # no models here
    monkeypatch.setenv("OLO_USER", "ana")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    for name in ("OLO_PROJECT", "OLO_SERVICE_ACCOUNT"):
        monkeypatch.delenv(name, raising=False)


def git(root: Path, *words: str) -> str:
    identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    return subprocess.run(
        ["git", *identity, *words], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(root: Path, message: str = "feat: change") -> str:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone of a bare remote, its project below the repository's top."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    git(tmp_path, "clone", "-q", "remote.git", "clone")
    folder = tmp_path / "clone" / "project"
    (folder / "jobs").mkdir(parents=True)
    (folder / "targets").mkdir()
    (folder / "olo.yml").write_text(CONFIG)
    (folder / "jobs" / "clean.yml").write_text(JOB)
    for name, text in TARGETS.items():
        profiles = "resources: {small: {cpu: 1}}\n"
        (folder / "targets" / f"{name}.yml").write_text(text + profiles)
    git(folder, "checkout", "-q", "-b", "main")
    commit(folder, "feat: a project")
    git(folder, "push", "-q", "origin", "main")
    return folder


def settings(root: Path) -> Settings:
    return load_settings(root)


def change(root: Path, old: str, new: str) -> str:
    path = root / "jobs" / "clean.yml"
    path.write_text(path.read_text().replace(old, new))
    return commit(root)


def served(root: Path, target: str, tmp_path: Path) -> Path:
    """What an orchestrator checks out: the remote's deploy branch."""
    folder = tmp_path / f"served-{target.replace('/', '-')}"
    git(tmp_path, "clone", "-q", "-b", f"deploy/{target}", "remote.git", str(folder))
    return folder / "project"


def test_a_deployment_is_what_the_orchestrator_checks_out(root: Path, tmp_path: Path) -> None:
    sha = git(root, "rev-parse", "HEAD")
    made = deploy(settings(root), "dev", sha)
    assert (made.branch, made.deployment.number, made.unchanged) == ("deploy/dev", 1, False)
    folder = served(root, "dev", tmp_path)
    found = read_deployment(folder)
    assert (found.commit, found.by, found.paused) == (sha, "ana", True)
    assert found.jobs["clean"].tasks[0].shell is not None
    assert found.jobs["clean"].tasks[0].shell.command == ["ls", "dev"]
    assert (folder / "jobs" / "clean.yml").read_text() == JOB
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "branch", "--format=%(refname:short)") == "main"


def test_deploying_the_same_again_changes_nothing(root: Path) -> None:
    first = deploy(settings(root), "dev", "main")
    again = deploy(settings(root), "dev", "main")
    assert (again.unchanged, again.revision) == (True, first.revision)


def test_plan_names_what_would_change_also_in_the_working_tree(root: Path) -> None:
    assert [(one.action, one.name) for one in plan(settings(root), "dev").changes] == [("add", "clean")]
    deploy(settings(root), "dev", "main")
    assert plan(settings(root), "dev").empty
    job = root / "jobs" / "clean.yml"
    job.write_text(job.read_text().replace("0 6 * * *", "0 7 * * *"))
    (root / "queries").mkdir()
    (root / "queries" / "new.sql").write_text("select 1\n")
    (root / "jobs" / "more.yml").write_text("version: 1\nname: more\ntasks: [{name: x, shell: {command: [ls]}}]\n")
    found = plan(settings(root), "dev")
    assert [(one.action, one.name) for one in found.changes] == [("change", "clean"), ("add", "more")]
    assert [str(one) for one in found.changes[0].differences] == ["schedule.cron: 0 6 * * * → 0 7 * * *"]
    assert found.files == {"queries/new.sql": "A"}
    assert json.loads(json.dumps(found.as_json()))["deployed"]


def test_a_commit_is_deployed_not_the_working_tree(root: Path) -> None:
    (root / "jobs" / "clean.yml").write_text("not: a job\n")
    assert deploy(settings(root), "dev", "main").deployment.jobs["clean"].owner == ""
    assert (root / "jobs" / "clean.yml").read_text() == "not: a job\n"


def test_a_project_with_faults_is_not_deployed(root: Path) -> None:
    sha = change(root, "name: list", "name: List")
    with pytest.raises(InvalidError, match=r"jobs/clean.yml:5:11"):
        deploy(settings(root), "dev", sha)
    assert git(root, "ls-remote", "origin", "refs/heads/deploy/*") == ""


def test_sandbox_names_carry_user_and_branch(root: Path) -> None:
    git(root, "switch", "-q", "-c", "olo/ana/fix")
    made = deploy(settings(root), "sandbox", "olo/ana/fix")
    assert made.branch == "deploy/sandbox/ana"
    (name,) = made.deployment.jobs
    assert name.startswith("ana__olo_ana_fix")
    assert name.endswith("__clean")


@pytest.mark.parametrize(
    ("text", "table", "hint"),
    [
        ("CREATE TABLE dev.gold.x AS SELECT 1 AS n", "dev.gold.x", "ana_sandbox.gold"),
        ("select 1; DELETE FROM silver.t", "ana_sandbox.silver.t", "gold.silver_t"),
        ("MERGE INTO Dev.Silver.T t USING gold.s s ON t.n = s.n WHEN MATCHED THEN DELETE", "dev.silver.t", "gold"),
    ],
)
@pytest.mark.parametrize("in_file", [False, True])
def test_what_the_sandbox_may_not_write_is_not_planned_for_it(
    root: Path, text: str, table: str, hint: str, in_file: bool
) -> None:
    (root / "clean.sql").write_text(text)
    sql = "file: clean.sql" if in_file else f'text: "{text}"'
    job = f"version: 1\nname: writes\ntasks:\n  - name: x\n    sql: {{{sql}}}\n"
    path = root / "jobs/writes.yml"
    path.write_text(job)
    assert ("add", "writes") in [(one.action, one.name) for one in plan(settings(root), "dev").changes]
    with pytest.raises(InvalidError) as refused:
        plan(settings(root), "sandbox")
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.column, problem.code) == ("jobs/writes.yml", 5, 17, "sandbox-write")
    assert table in problem.message
    assert hint in problem.hint
    sha = commit(root)
    with pytest.raises(InvalidError, match="can't run in the sandbox"):
        deploy(settings(root), "sandbox", sha)
    own = "{name: x, sql: {text: CREATE TABLE gold.silver_x AS SELECT * FROM silver.t}}"
    path.write_text(f"{job}targets: {{sandbox: {{tasks: [{own}]}}}}\n")
    assert len(plan(settings(root), "sandbox").changes) == 2


def test_production_takes_its_service_account_and_released_versions_only(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ReleaseError) as refused:
        deploy(settings(root), "prod", "main")
    assert refused.value.code == "not-its-account"
    monkeypatch.setenv("OLO_SERVICE_ACCOUNT", "svc-prod")
    with pytest.raises(ReleaseError) as refused:
        deploy(settings(root), "prod", "main")
    assert refused.value.code == "not-released"
    git(root, "tag", "-a", "v1.0.0", "-m", "v1.0.0")
    with pytest.raises(ReleaseError) as refused:
        deploy(settings(root), "prod", "v1.0.0")
    assert refused.value.code == "not-released"  # a tag that nobody else sees is no release
    git(root, "tag", "v1.0.0-rc.1")
    git(root, "push", "-q", "origin", "v1.0.0", "v1.0.0-rc.1")
    made = deploy(settings(root), "prod", "v1.0.0")
    assert (made.deployment.release, made.deployment.paused) == ("v1.0.0", False)
    assert made.deployment.jobs["clean"].retries.attempts == 5
    monkeypatch.delenv("OLO_SERVICE_ACCOUNT")
    with pytest.raises(ReleaseError, match="svc-prod"):
        rollback(settings(root), "prod")


def test_rollback_walks_back_and_a_new_deployment_goes_on(root: Path, tmp_path: Path) -> None:
    one = deploy(settings(root), "dev", "main")
    two = deploy(settings(root), "dev", change(root, "0 6", "0 7"))
    three = deploy(settings(root), "dev", change(root, "0 7", "0 8"))
    back = rollback(settings(root), "dev")
    assert (back.deployment.commit, back.deployment.rolled_back_to) == (two.deployment.commit, 2)
    folder = served(root, "dev", tmp_path)
    assert "0 7" in (folder / "jobs" / "clean.yml").read_text()
    schedule = read_deployment(folder).jobs["clean"].schedule
    assert schedule is not None
    assert schedule.cron == "0 7 * * *"
    again = rollback(settings(root), "dev")
    assert (again.deployment.commit, again.deployment.number) == (one.deployment.commit, 5)
    with pytest.raises(ReleaseError) as refused:
        rollback(settings(root), "dev")
    assert refused.value.code == "nothing-to-restore"
    assert rollback(settings(root), "dev", "3").deployment.commit == three.deployment.commit
    with pytest.raises(ReleaseError, match="runs deployment 3 already"):
        rollback(settings(root), "dev", three.deployment.commit[:10])
    with pytest.raises(ReleaseError) as refused:
        rollback(settings(root), "dev", "v9.9.9")
    assert "Deployments: 6" in refused.value.hint


def test_of_many_deployments_at_once_all_that_succeed_are_in_the_history(root: Path, tmp_path: Path) -> None:
    clones = []
    for number in range(4):
        clone = tmp_path / f"clone{number}"
        git(tmp_path, "clone", "-q", "remote.git", str(clone))
        project = clone / "project"
        change(project, "0 6", f"0 {number + 10}")
        git(project, "push", "-q", "origin", f"HEAD:refs/heads/change{number}")
        clones.append((project, load_settings(project, {"OLO_USER": "ana", "OLO_STATE": str(tmp_path / f"s{number}")})))
    outcomes: list[str] = []

    def work(project: Path, own: Settings) -> None:
        try:
            outcomes.append(deploy(own, "dev", "HEAD").deployment.commit)
        except ReleaseError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=work, args=clone) for clone in clones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    commits = [one for one in outcomes if one != "deploy-conflict"]
    assert commits
    assert len(outcomes) == 4
    folder = served(root, "dev", tmp_path)
    log = git(folder, "log", "--first-parent", "--format=%(trailers:key=Olo-Commit,valueonly)", f"-{len(commits)}")
    assert sorted(log.split()) == sorted(commits)
    assert read_deployment(folder).number == len(commits)


def test_a_commit_of_another_hand_on_the_deploy_branch_is_told(root: Path, tmp_path: Path) -> None:
    deploy(settings(root), "dev", "main")
    folder = served(root, "dev", tmp_path)
    (folder / FILE).unlink()
    commit(folder, "chore: by hand")
    git(folder, "push", "-q", "origin", "deploy/dev")
    with pytest.raises(ReleaseError) as refused:
        deploy(settings(root), "dev", "main")
    assert refused.value.code == "foreign-commit"


def test_without_a_remote_the_repository_keeps_the_branch(root: Path) -> None:
    git(root, "remote", "remove", "origin")
    first = deploy(settings(root), "dev", "main")
    assert git(root, "rev-parse", "deploy/dev") == first.revision
    deploy(settings(root), "dev", change(root, "0 6", "0 7"))
    assert rollback(settings(root), "dev").deployment.commit == first.deployment.commit


def test_a_remote_that_is_gone_or_says_no_changes_nothing(root: Path, tmp_path: Path) -> None:
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ReleaseError) as refused:
        deploy(settings(root), "dev", "main")
    assert refused.value.code == "push-refused"
    (tmp_path / "remote.git").rename(tmp_path / "gone.git")
    with pytest.raises(ReleaseError) as refused:
        plan(settings(root), "dev")
    assert refused.value.code == "remote-unreachable"


def test_names_that_are_wrong_are_explained(root: Path) -> None:
    with pytest.raises(ReleaseError) as refused:
        deploy(settings(root), "dev", "mian")
    assert "'main'" in refused.value.hint
