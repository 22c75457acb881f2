"""A spec of tests/ui that needs a service: run by Playwright on a JupyterLab of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.services.process import free_port

_ROOT = Path(__file__).resolve().parents[2]
_PLAYWRIGHT = _ROOT / "node_modules" / ".bin" / "playwright"
_CONFIG = "tests/ui/playwright.config.ts"


def run_spec(name: str, *, passed: int, seconds: float = 800, **environ: str) -> None:
    """Run ``tests/ui/NAME.spec.ts``; ``environ`` names its services.

    Raises:
        AssertionError: Not all ``passed`` of its tests passed; the message ends as Playwright's report does.
    """
    ran = subprocess.run(
        [_PLAYWRIGHT, "test", "-c", _CONFIG, f"{name}.spec.ts"],
        cwd=_ROOT, capture_output=True, text=True, timeout=seconds,
        env={**os.environ, "OLO_UI_PORT": str(free_port()), "OLO_PYTHON": sys.executable, **environ},
    )  # fmt: skip
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-6000:]
    assert f"{passed} passed" in ran.stdout
