"""What a job names and the project doesn't have: told by olo validate at its place, with the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from olo_jupyter.config import load_settings
from olo_jupyter.jobs.runner import RunRequest, run_job
from olo_jupyter.project.project import Project
from olo_jupyter.project.validate import validate

JOB = "version: 1\nname: daily\ntasks:\n  - name: score\n    {task}\n"
CASES = {
    "module": ('python: {function: "shop.scor:main"}', "missing-module", 24, "no module shop.scor", "'shop.score'"),
    "module far off": ('python: {function: "zzz.q:main"}', "missing-module", 24, "no module zzz.q", "src/zzz/q.py"),
    "package": ('python: {function: "shp:main"}', "missing-module", 24, "no module shp", "'shop'"),
    "function": ('python: {function: "shop.score:mian"}', "missing-function", 24, "no function mian", "'main'"),
    "requirements": (
        'python: {function: "shop.score:main", requirements: requirements/scor.txt}',
        "missing-file", 57, "requirements/scor.txt", "'requirements/score.txt'",
    ),
    "sql file": ("sql: {file: queries/clen.sql}", "missing-file", 17, "queries/clen.sql", "'queries/clean.sql'"),
    "outside": ("sql: {file: ../clean.sql}", "outside-project", 17, "not in the project", "below olo.yml"),
    "absolute": ("sql: {file: /etc/passwd}", "outside-project", 17, "not in the project", "below olo.yml"),
    "script": ("shell: {command: [python, scripts/no.py]}", "missing-file", 31, "scripts/no.py", "Write it"),
    "application": ("spark: {application: scripts/no.py}", "missing-file", 26, "scripts/no.py", "Write it"),
    "model": ('dbt: {select: "+dely"}', "unknown-model", 19, "no model 'dely'", "'delays'"),
    "profile": (
        "resources: smal\n    shell: {command: [ls]}", "unknown-profile", 16, "no resource profile 'smal'", "'small'",
    ),
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a module, a model, a query and requirements, for one target."""
    files = {
        "olo.yml": "version: 1\nname: shop\npackage: shop\ndefault_catalog: dev\ncatalogs: {dev: {}}\n",
        "targets/dev.yml": "catalog: dev\nresources: {small: {cpu: 1}}\n",
        "src/shop/__init__.py": "",
        "src/shop/score.py": "def main() -> None:\n    pass\n",
        "models/gold/delays.sql": "select 1 as n\n",
        "queries/clean.sql": "select 1\n",
        "requirements/score.txt": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "jobs").mkdir()
    return tmp_path


def _project(root: Path) -> Project:
    return Project(load_settings(root, {"OLO_USER": "ana", "HOME": str(root)}))


@pytest.mark.parametrize("broken", ["", "ownr: ana\n"], ids=["job is well", "job has faults of its own"])
@pytest.mark.parametrize("case", CASES)
def test_what_is_not_there_is_told_at_its_place(root: Path, case: str, broken: str) -> None:
    task, code, column, words, hint = CASES[case]
    (root / "jobs/daily.yml").write_text(JOB.format(task=task) + broken)
    found = validate(_project(root), dbt=False)
    assert [problem.code for problem in found] == [code, *(["unknown-key"] if broken else [])]
    told = found[0]
    assert (told.file, told.line, told.column) == ("jobs/daily.yml", 5, column)
    assert words in told.message
    assert hint in told.hint


def test_a_target_that_is_not_there_is_told(root: Path) -> None:
    text = JOB.format(task="shell: {command: [ls]}") + "targets: {dve: {timeout: 5m}}\n"
    (root / "jobs/daily.yml").write_text(text)
    (told,) = validate(_project(root), dbt=False)
    assert (told.code, told.line, told.column) == ("unknown-target", 6, 11)
    assert "'dev'" in told.hint


def test_a_run_whose_module_is_missing_says_so(root: Path) -> None:
    (root / "jobs/daily.yml").write_text(JOB.format(task='python: {function: "shop.scor:main"}'))
    project = _project(root)
    record = run_job(
        RunRequest(
            job=project.job("daily", "dev"),
            root=root,
            config=root,
            state=root / "state",
            project="shop",
            target=project.target("dev"),
            user="ana",
        )
    )
    assert record.state == "failed"
    assert "shop.scor:main: no module named shop.scor" in record.task("score").message
    assert "Traceback" not in Path(record.task("score").log).read_text()


def test_a_link_to_outside_is_not_read(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    away = tmp_path_factory.mktemp("away") / "secret.yml"
    away.write_text("s3cret: value\n")
    (root / "jobs/there.yml").symlink_to(away)
    (root / "targets/there.yml").symlink_to(away)
    (root / "jobs/kept").mkdir()
    (root / "jobs/kept/own").write_text("version: 1\nname: own\ntasks: [{name: a, shell: {command: [ls]}}]\n")
    (root / "jobs/own.yml").symlink_to("kept/own")  # as a mounted volume has its files
    found = validate(_project(root), dbt=False)
    assert [(one.file, one.code) for one in found] == [
        ("jobs/there.yml", "outside-project"),
        ("targets/there.yml", "outside-project"),
    ]
    assert "s3cret" not in str(found)
