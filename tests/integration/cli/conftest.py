"""A project with a small table that has a history, made with the product's own SQL; ``olo`` in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.cli import main
from tests.shop import add_items, forget_environment, lay_out


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
    forget_environment(monkeypatch)
    root = lay_out(tmp_path)
    (root / "targets").mkdir()
    (root / "targets" / "sandbox.yml").write_text(
        "catalog: ${user.short_name}_sandbox\nsources: dev\n", encoding="utf-8"
    )
    add_items(root)
    monkeypatch.chdir(root)
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
