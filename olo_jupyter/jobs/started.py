"""Runs in processes of their own: they go on when the one that started them ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from olo_jupyter.config import Settings
from olo_jupyter.jobs.orchestrator import OrchestratorError
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.traces import carried

PATIENCE = 60.0
"""Seconds that a started process has to show its run, and an ended one to end."""
POLL = 0.1
"""Seconds between two looks at a record."""


def launch(settings: Settings, name: str, *words: str) -> subprocess.Popen[bytes]:
    """An ``olo`` command in a session of its own; what it prints is beside the logs of the run ``name``."""
    folder = settings.state / "runs" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "runner.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "olo_jupyter.cli", *words, "--json"],
            cwd=settings.root,
            env={
                **os.environ,
                "OLO_PROJECT": str(settings.root),
                "OLO_STATE": str(settings.state),
                **carried(),
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def options(parameters: Mapping[str, Any], by: str) -> list[str]:
    """Parameters, and who asks where it isn't the user, as options of the command; in words that can't be options.

    Example:
        >>> options({"day": "2026-01-31", "count": 3}, "ana")
        ['--param', 'day=2026-01-31', '--param', 'count=3', '--by=ana']
    """
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    given = [word for name, text in texts.items() for word in ("--param", f"{name}={text}")]
    return [*given, *([f"--by={by}"] if by else [])]


def shown(
    store: RunStore, settings: Settings, id: str, process: subprocess.Popen[bytes], not_as: RunRecord | None = None
) -> RunRecord:
    """The record of a run that a process was started for, when it is there.

    Args:
        id: The run.
        not_as: What the record was before.

    Raises:
        OrchestratorError: run-not-started, with what the process said.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        record = store.run(id)
        if record is not None and record != not_as:
            return record
        if process.poll() not in (None, 0):
            break
        time.sleep(POLL)
    log = settings.state / "runs" / id / "runner.log"
    said = log.read_text(errors="replace").strip()[-2000:]
    raise OrchestratorError(f"The run didn't start:\n{said}", code="run-not-started")
