"""A Jupyter server with the extension on a small project: real catalog files, real run records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog import load_catalog

# Fixtures and hooks for this folder only: `pytest_plugins` is allowed at the top alone, and there every test would pay.
from pytest_jupyter.jupyter_server import *  # noqa: F403

from tests.shop import forget_environment, lay_out

JOB = """\
version: 1
name: daily
owner: ana
schedule: {cron: "0 6 * * *"}
tasks:
  - name: build
    shell: {command: [echo, built]}
  - name: check
    shell: {command: [echo, checked]}
    depends_on: [build]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with two catalogs: dev.silver.flights has two snapshots and a tag."""
    forget_environment(monkeypatch)
    root = lay_out(tmp_path)
    with (root / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write("  governed:\n    access: trino\n")
    (root / "jobs").mkdir()
    (root / "jobs" / "daily.yml").write_text(JOB, encoding="utf-8")
    lake = tmp_path / "lake"
    uri, warehouse = f"sqlite:///{lake}/dev.db", f"file:{lake}/dev"
    catalog = load_catalog("dev", type="sql", uri=uri, warehouse=warehouse)
    try:
        catalog.create_namespace("silver")
        rows = pa.table({"carrier": ["UA", "AA"], "delay": pa.array([1, None], pa.int64())})
        table = catalog.create_table("silver.flights", schema=rows.schema)
        table.append(rows)
        table.manage_snapshots().create_tag(table.current_snapshot().snapshot_id, "q1-close").commit()
        table.append(rows)
        catalog.create_table(("silver", "two words"), schema=rows.schema)
    finally:
        catalog.close()
    return root


@pytest.fixture
def jp_root_dir(project: Path) -> Path:
    return project


@pytest.fixture
def jp_server_config() -> dict[str, object]:
    return {"ServerApp": {"jpserver_extensions": {"olo_jupyter": True}}, "OloExtension": {"keep_tables": 0}}


@pytest.fixture
def flights(project: Path) -> Iterator[object]:
    """The table dev.silver.flights, to write to."""
    lake = project.parent / "lake"
    catalog = load_catalog("dev", type="sql", uri=f"sqlite:///{lake}/dev.db", warehouse=f"file:{lake}/dev")
    yield catalog.load_table("silver.flights")
    catalog.close()
