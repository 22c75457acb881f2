"""Dashboards that are there, and expectations that become dbt tests, by the files that people write."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from olo_jobs.problem import SpecError
from olo_jupyter.config import load_settings
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.project.project import Project
from olo_jupyter.project.resources import check_resources, write_expectations

PIPELINES = """\
version: 1
pipelines:
  - model: delays
    expectations:
      - {name: has_a_day, not_null: day}
      - {name: key, unique: [day, carrier]}
      - {name: known, accepted_values: {carrier: [UA, "it's", 7, true]}}
      - {name: sane, expression: delay < 1500, action: warn}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "shop"
    create(root, Answers("shop"))
    (root / "models/gold/delays.sql").write_text("select 1 as day\n")
    return Project(load_settings(root, {"OLO_USER": "ana", "HOME": str(root)}))


def told(project: Project, file: str, text: str) -> list[tuple[str, int]]:
    (project.root / "resources" / file).write_text(text)
    return [(problem.code, problem.line) for problem in check_resources(project)]


def test_expectations_become_tests_once(project: Project) -> None:
    assert told(project, "pipelines.yml", PIPELINES) == [("tests-not-generated", 1)]
    written = write_expectations(project)
    assert [path.name for path in written] == [
        "delays_has_a_day.sql", "delays_key.sql", "delays_known.sql", "delays_sane.sql",
    ]  # fmt: skip
    known = (project.root / "tests/expectations/delays_known.sql").read_text()
    assert known.endswith("""select * from {{ ref('delays') }} where "carrier" not in ('UA', 'it''s', 7, true)\n""")
    assert "severity='warn'" in (project.root / "tests/expectations/delays_sane.sql").read_text()
    assert list(check_resources(project)) == []
    assert write_expectations(project) == []
    assert told(project, "pipelines.yml", PIPELINES.rpartition("      - ")[0]) == [("tests-not-generated", 1)]
    assert [path.name for path in write_expectations(project)] == ["delays_sane.sql"]
    assert not (project.root / "tests/expectations/delays_sane.sql").exists()


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("model: delays", "model: delayz", "unknown-model", 3),
        ("not_null: day", "notnull: day", "unknown-key", 5),
        ("not_null: day", "not_null: day, unique: [day]", "invalid", 5),
        ("not_null: day", "not_null: 'day; drop'", "invalid", 5),
        ("delay < 1500", "'1 = 1; drop table x'", "invalid", 8),
        ("delay < 1500", "\"{{ env_var('TOKEN') }} = ''\"", "invalid", 8),
        ("name: key", "name: has_a_day", "duplicate-name", 6),
    ],
)
def test_what_is_wrong_is_told_at_its_place(project: Project, old: str, new: str, code: str, line: int) -> None:
    assert (code, line) in told(project, "pipelines.yml", PIPELINES.replace(old, new))


def test_two_expectations_are_never_one_test(project: Project) -> None:
    (project.root / "models/gold/delays_key.sql").write_text("select 1 as day\n")
    text = PIPELINES.replace("name: key", "name: key_day")
    text += "  - model: delays_key\n    expectations: [{name: day, not_null: day}]\n"
    assert ("duplicate-name", 10) in told(project, "pipelines.yml", text)
    with pytest.raises(SpecError, match=r"delays_key\.day is the dbt test delays_key_day"):
        write_expectations(project)
    assert not (project.root / "tests/expectations").exists()


def test_dashboards_are_exports_in_the_project(project: Project) -> None:
    def export(name: str, table: str = "delays") -> list[str]:
        text = f"version: 1\ndashboards:\n  - {{name: d, export: {name!r}, tables: [{table}]}}\n"
        return [code for code, _ in told(project, "dashboards.yml", text)]

    folder = project.root / "resources"
    with ZipFile(folder / "good.zip", "w") as archive:
        archive.writestr("dashboard_export/metadata.yaml", "version: 1.0.0\n")
    with ZipFile(folder / "empty.zip", "w"):
        pass
    (folder / "text.zip").write_text("no zip")
    (folder / "unpacked" / "x").mkdir(parents=True)
    (folder / "unpacked" / "x" / "metadata.yaml").write_text("version: 1.0.0\n")
    assert export("resources/good.zip") == export("resources/unpacked") == []
    for wrong in ("resources/none.zip", "resources/empty.zip", "resources/text.zip", "../outside.zip", "/etc/passwd"):
        assert export(wrong) == ["missing-export"], wrong
    assert export("resources/good.zip", "delayz") == ["unknown-model"]
