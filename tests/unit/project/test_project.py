from pathlib import Path

import pytest
import yaml

from olo_jupyter.config import load_settings
from olo_jupyter.project.blueprint import Answers, BlueprintError, create
from olo_jupyter.project.project import Project
from olo_jupyter.project.targets import TargetError
from olo_jupyter.project.validate import validate


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "flight_delays"
    create(folder, Answers("flight_delays", sources={"silver": ("flights", "airlines"), "bronze": ("flights",)}))
    return folder


def _project(root: Path, **environ: str) -> Project:
    return Project(load_settings(root, {"OLO_USER": "ana", "HOME": str(root), **environ}))


def test_a_new_project_has_catalogs_targets_and_sources(root: Path, tmp_path: Path) -> None:
    project = _project(root)
    dev = project.settings.catalogs["dev"].properties
    assert dev["uri"] == f"sqlite:///{tmp_path}/work/lakehouse/dev.db"
    assert "ana_sandbox" in project.settings.catalogs
    assert project.settings.package == "flight_delays"
    assert (root / "src" / "flight_delays" / "__init__.py").is_file()
    assert project.sources == {("silver", "flights"), ("silver", "airlines"), ("bronze", "flights")}
    sandbox = project.target("sandbox")
    assert (sandbox.catalog, sandbox.sources) == ("ana_sandbox", "dev")
    assert sandbox.environment() == {
        "OLO_TARGET": "sandbox",
        "OLO_CATALOG": "ana_sandbox",
        "OLO_SOURCES": "dev",
        "OLO_SANDBOX_CATALOG": "ana_sandbox",
    }
    assert validate(project, dbt=False) == []


def test_the_lakehouse_folder_comes_from_the_environment(root: Path) -> None:
    project = _project(root, OLO_LAKEHOUSE="/data/lake")
    assert project.settings.catalogs["dev"].properties["warehouse"] == "file:///data/lake/dev"


def test_every_yaml_file_of_a_new_project_is_yaml(root: Path) -> None:
    for path in root.rglob("*.yml"):
        assert yaml.safe_load(path.read_text()), path


@pytest.mark.parametrize("name", ["Flights", "2026", "with-dash", "class", "", "../x"])
def test_a_bad_name_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(BlueprintError) as error:
        create(tmp_path / "x", Answers(name))
    assert error.value.code == "bad-name"
    assert not (tmp_path / "x").exists()


def test_a_project_is_not_created_twice(root: Path) -> None:
    with pytest.raises(BlueprintError, match="already"):
        create(root, Answers("flight_delays"))


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine\n")
    written = create(tmp_path, Answers("mine"))
    assert (tmp_path / "README.md").read_text() == "mine\n"
    assert Path("README.md") not in written
    assert Path("olo.yml") in written


def test_models_know_their_layer_and_a_name_twice_is_a_problem(root: Path) -> None:
    (root / "models" / "silver" / "a.sql").write_text("select 1 as x\n")
    (root / "models" / "gold" / "sub").mkdir()
    (root / "models" / "gold" / "sub" / "b.sql").write_text("select 1 as x\n")
    models = _project(root).models
    assert (models["a"].layer, models["b"].layer) == ("silver", "gold")
    (root / "models" / "gold" / "a.sql").write_text("select 1 as x\n")
    assert [problem.code for problem in validate(_project(root), dbt=False)] == ["duplicate-model"]


def test_a_target_with_a_typing_error_is_explained(root: Path) -> None:
    with pytest.raises(TargetError) as missing:
        _project(root).target("sandbx")
    assert "'sandbox'" in missing.value.hint
    (root / "targets" / "dev.yml").write_text("catalog: dve\nsources: dev\n")
    with pytest.raises(TargetError, match="dve"):
        _project(root).target("dev")
    (root / "targets" / "dev.yml").write_text("catalog: dev\nsource: dev\n")
    assert [problem.code for problem in validate(_project(root), dbt=False)] == ["unknown-key"]


def test_a_target_chooses_its_engine(root: Path) -> None:
    path = root / "targets" / "dev.yml"
    path.write_text("catalog: dev\nsources: dev\nengine: trino\n", encoding="utf-8")
    project = Project(load_settings(root))
    assert project.target("dev").environment()["OLO_ENGINE"] == "trino"
    assert "OLO_ENGINE" not in project.target("sandbox").environment()
    path.write_text("catalog: dev\nsources: dev\nengine: trno\n", encoding="utf-8")
    with pytest.raises(TargetError, match="'trno' is none of embedded, trino, spark"):
        project.target("dev")


def test_what_targets_share_is_told_beside_their_other_faults(root: Path) -> None:
    path = root / "targets/staging.yml"
    path.write_text(path.read_text().replace("catalog: staging", "catalog: dev"))
    found = [problem for problem in validate(_project(root), dbt=False) if problem.file == "targets/staging.yml"]
    assert {problem.code for problem in found} == {"storage", "shared"}
