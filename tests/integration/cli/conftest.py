"""A project with a small table that has a history, made with the product's own SQL; ``olo`` in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.cli import main
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


@dataclass(frozen=True)
class Ended:
    """A command that ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    def json(self) -> list[dict[str, Any]]:
        """Every line of stdout as JSON: there is nothing else on it."""
        return [json.loads(line) for line in self.out.splitlines()]


Olo = Callable[..., Ended]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder, which is also the working directory: dev.silver.items has two snapshots."""
    for name in ("OLO_PROJECT", "OLO_STATE", "OLO_USER", "OLO_TARGET", "OLO_CATALOG", "OLO_NAMESPACE", "OLO_PINS"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "project"
    (root / "targets").mkdir(parents=True)
    (root / "olo.yml").write_text(OLO_YML, encoding="utf-8")
    (root / "targets" / "sandbox.yml").write_text("catalog: ${user}_sandbox\nsources: dev\n", encoding="utf-8")
    for name in ("dev", "sandbox"):
        (tmp_path / "lake" / name).mkdir(parents=True)
    monkeypatch.chdir(root)
    with Session.from_environment() as session:
        session.sql("CREATE SCHEMA silver")
        session.sql("CREATE TABLE silver.items AS SELECT * FROM (VALUES (1, 'pen'), (2, 'ink')) AS t (id, name)")
        session.sql("INSERT INTO silver.items VALUES (3, NULL)")
    return root


@pytest.fixture
def olo(capsys: pytest.CaptureFixture[str]) -> Olo:
    """Run ``olo`` with these words."""

    def run(*words: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(words)
        code = ended.value.code
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Ended(code if isinstance(code, int) else 0 if code is None else 1, out, err)

    return run
