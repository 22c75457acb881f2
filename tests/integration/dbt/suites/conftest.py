"""dbt's own adapter tests (dbt-tests-adapter) on the embedded lakehouse: the fixtures that an adapter gives them."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.fixtures.project import (  # noqa: F401 - pytest finds fixtures by name
    adapter,
    analyses,
    clean_up_logging,
    dbt_profile_data,
    dbt_project_yml,
    dependencies,
    dependencies_yml,
    environment,
    functions,
    initialization,
    macros,
    models,
    packages,
    packages_yml,
    prefix,
    profiles_config_update,
    profiles_root,
    profiles_yml,
    project,
    project_config_update,
    project_files,
    project_root,
    project_setup,
    properties,
    seeds,
    selectors,
    selectors_yml,
    shared_data_dir,
    snapshots,
    test_config,
    test_data_dir,
    tests,
    unique_schema,
)

CATALOG = "dev"


@pytest.fixture(scope="session")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the product's own with an empty catalog; every test class has a schema in it."""
    folder = tmp_path_factory.mktemp("lakehouse")
    text = f"""
        version: 1
        catalogs:
          {CATALOG}:
            type: sql
            properties: {{uri: "sqlite:///catalog.db", warehouse: "file:warehouse"}}
        """
    (folder / "olo.yml").write_text(textwrap.dedent(text))
    return folder


@pytest.fixture(scope="class")
def dbt_profile_target(lakehouse: Path) -> dict[str, Any]:
    """What profiles.yml says in all of these tests."""
    return {"type": "olo", "project": str(lakehouse), "catalog": CATALOG, "threads": 4}


@pytest.fixture(scope="class")
def profile_user() -> str:
    """The embedded engine has no users; nothing may depend on one."""
    return ""


@pytest.fixture(scope="class")
def logs_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch_class: pytest.MonkeyPatch) -> str:
    """dbt's log, outside the repository."""
    folder = str(tmp_path_factory.mktemp("logs"))
    monkeypatch_class.setenv("DBT_LOG_PATH", folder)
    return folder


@pytest.fixture(scope="class")
def monkeypatch_class() -> Any:
    """As pytest's monkeypatch, for one class."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch
