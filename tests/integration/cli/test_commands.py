"""The other commands: what they print, and what they say when used wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Olo

JOB = """\
version: 1
name: daily
owner: ana
parameters:
  day: {type: date, default: "2026-01-31"}
tasks:
  - name: build
    shell: {command: [echo, built]}
  - name: check
    shell: {command: ["%s"]}
    depends_on: [build]
"""


@pytest.fixture
def job(project: Path) -> Path:
    path = project / "jobs" / "daily.yml"
    path.parent.mkdir()
    path.write_text(JOB % "true", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "command", ["sql", "snapshots", "promote", "run", "runs", "init", "validate", "schema", "demo"]
)
def test_every_command_has_help_with_an_example(olo: Olo, command: str) -> None:
    ended = olo(command, "--help")
    assert ended.code == 0
    assert f"olo {command}" in ended.out.partition("Example")[2]


@pytest.mark.parametrize("words", [["validate"], ["run", "daily"], ["runs"], ["promote", "x.ipynb", "x"]])
def test_outside_a_project_the_way_to_one_is_told(
    olo: Olo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.delenv("OLO_PROJECT", raising=False)
    monkeypatch.setenv("OLO_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.ipynb").write_text('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}')
    ended = olo(*words, "--json")
    assert ended.code == 2
    assert ended.json()[0]["error"]["code"] == "no-project"
    assert "olo init" in ended.json()[0]["error"]["hint"]


def test_a_run_is_recorded_and_its_failure_is_one(olo: Olo, job: Path) -> None:
    good = olo("run", "daily", "--json")
    assert good.code == 0
    assert good.json()[0]["state"] == "success"
    job.write_text(JOB % "false", encoding="utf-8")
    failed = olo("run", "daily")
    assert failed.code == 1
    assert "✗ check" in failed.out
    assert [run["state"] for run in olo("runs", "--json", "daily").json()] == ["failed", "success"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["dialy"], "job-not-found", "'daily'"),
        (["daily", "--target", "sandbx"], "target-not-found", "'sandbox'"),
        (["daily", "--param", "dya=2026-01-01"], "bad-parameter", "day"),
        (["daily", "--param", "day=2026-01-31oops"], "bad-parameter", "2026-01-31oops"),
        (["daily", "--param", "day"], "usage", "NAME=VALUE"),
    ],
)
@pytest.mark.usefixtures("job")
def test_a_job_used_wrongly(olo: Olo, words: list[str], code: str, said: str) -> None:
    ended = olo("run", *words, "--json")
    (shown,) = ended.json()
    assert ended.code == 2
    assert shown["error"]["code"] == code
    assert said in shown["error"]["message"] + shown["error"]["hint"]
    assert olo("runs", "--json").out == ""


def test_a_broken_job_file_is_told_with_its_place(olo: Olo, job: Path) -> None:
    job.write_text("version: 1\nname: daily\ntaskss: []\n", encoding="utf-8")
    (job.parent / "other.yml").write_text("version: [\n", encoding="utf-8")
    ended = olo("run", "daily", "--json")
    assert ended.code == 2
    assert "daily.yml:3:1" in ended.json()[0]["error"]["message"]
    (validated,) = olo("validate", "--json").json()
    assert not validated["valid"]
    assert {Path(problem["file"]).name for problem in validated["problems"]} == {"daily.yml", "other.yml"}


@pytest.mark.usefixtures("project")
def test_runs_of_an_unknown_job_are_none(olo: Olo) -> None:
    ended = olo("runs", "nope")
    assert (ended.code, ended.out) == (0, "")
    assert "no runs of nope" in ended.err


def test_schema_is_json_schema(olo: Olo) -> None:
    shown = json.loads(olo("schema").out)
    assert shown["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "notebook-missing"),
        (b"not json", "notebook-not-json"),
        (b"{}", "notebook-invalid"),
        (b"", "notebook-not-json"),
        (b'{"cells": "\0"}', "notebook-damaged"),
        (b'{"cells": "\xff"}', "notebook-encoding"),
    ],
)
def test_a_notebook_that_cant_be_read(olo: Olo, project: Path, content: bytes | None, code: str) -> None:
    if content is not None:
        (project / "n.ipynb").write_bytes(content)
    ended = olo("promote", "n.ipynb", "x", "--json")
    assert ended.code == (2 if content is None else 1)
    assert ended.json()[0]["error"]["code"] == code


def test_init_makes_a_project_that_works_at_once(olo: Olo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OLO_PROJECT", "OLO_STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OLO_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("OLO_USER", "ana")
    monkeypatch.chdir(tmp_path)
    (made,) = olo("init", "shop", "--json").json()
    assert "olo.yml" in {Path(file).name for file in made["files"]}
    monkeypatch.chdir(tmp_path / "shop")
    assert olo("validate").code == 0
    script = "CREATE SCHEMA silver; CREATE TABLE silver.t AS SELECT 1 AS a; SELECT a FROM silver.t"
    assert olo("sql", "--json", script).json()[2]["rows"] == [[1]]
    monkeypatch.chdir(tmp_path)
    again = olo("init", "shop", "--json")
    assert again.code != 0
    assert again.json()[0]["error"]["code"] == "project-exists"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("naem: x\n", "Did you mean 'name'?"),
        ("catalogs: {dev: {tpye: sql}}\n", "Did you mean 'type'?"),
        ("catalogs: {dev: {properties: {port: 5432}}}\n", "quotation marks"),
        ("catalogs: {dev: {properties: {uri: [hunter2]}}}\n", "catalogs.dev.properties.uri"),
        ("name: ${NOT_SET_HERE}\n", "NOT_SET_HERE"),
        ("- a\n", "not a list"),
        ("catalogs: [\n", "olo.yml:2:1"),
    ],
)
def test_a_wrong_olo_yml_says_what_and_never_the_value(olo: Olo, project: Path, text: str, said: str) -> None:
    (project / "olo.yml").write_text(text, encoding="utf-8")
    ended = olo("runs")
    assert ended.code == 2
    assert said in ended.err
    assert "hunter2" not in ended.err


def test_a_name_that_the_notebook_does_not_know_is_no_guess(olo: Olo, project: Path) -> None:
    source = "%%olo sql daily <<\nSELECT id FROM silver.items"
    cell = {"cell_type": "code", "id": "c1", "source": source, "metadata": {}, "outputs": [], "execution_count": 1}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    (project / "n.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (shown,) = olo("promote", "n.ipynb", "dialy", "--plan", "--json").json()
    assert shown["error"]["code"] == "target-missing"
    assert shown["error"]["hint"].startswith("Did you mean daily?")
