"""The small project that tests of several rooms share: the shop of ana, with a development and a sandbox catalog."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session

OLO_YML = """\
version: 1
name: shop
user: ana
state: ../state
default_catalog: dev
catalogs:
  dev:
    type: sql
    properties: {uri: "sqlite:///../lake/dev.db", warehouse: "file:../lake/dev"}
  ana_sandbox:
    type: sql
    properties: {uri: "sqlite:///../lake/sandbox.db", warehouse: "file:../lake/sandbox"}
"""


def lay_out(place: Path) -> Path:
    """Write the project below ``place`` with empty catalogs beside it; gives the project's folder."""
    root = place / "project"
    root.mkdir(parents=True)
    (root / "olo.yml").write_text(OLO_YML, encoding="utf-8")
    for name in ("dev", "sandbox"):
        (place / "lake" / name).mkdir(parents=True)
    return root


def add_items(root: Path) -> None:
    """Make dev.silver.items with two snapshots: two rows, then three."""
    with Session(load_settings(root, {})) as session:
        session.sql("CREATE SCHEMA silver")
        session.sql("CREATE TABLE silver.items AS SELECT * FROM (VALUES (1, 'pen'), (2, 'ink')) AS t (id, name)")
        session.sql("INSERT INTO silver.items VALUES (3, NULL)")


def forget_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every OLO_ variable of the developer's own environment away."""
    for name in [name for name in os.environ if name.startswith("OLO_")]:
        monkeypatch.delenv(name)
