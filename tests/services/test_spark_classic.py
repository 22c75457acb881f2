"""The Spark engine in a user's own classic session: reused, left as it was; an interrupt ends no other job."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def seen(folder: Path, interrupts: int) -> dict[str, Any]:
    """What :mod:`tests.services.spark_classic` saw."""
    command = [sys.executable, "-m", "tests.services.spark_classic", str(folder), str(interrupts)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("interrupts", [3, pytest.param(100, marks=pytest.mark.full)])
def test_the_users_session_is_reused_and_interrupted(tmp_path: Path, interrupts: int) -> None:
    found = seen(tmp_path, interrupts)
    assert found["native_is_the_users"] and found["beside"] and found["same_context"]
    assert found["same"] and found["snapshots"] and found["bytes"][0] == found["bytes"][1] > 0
    assert found["own_view"] == [{"n": 3}] and found["unchanged"] and found["goes_on"] == 3
    assert found["interrupts"] == interrupts
    print(f"slowest of {interrupts}: {found['slowest']:.2f} s, its jobs {found['slowest_jobs']:.2f} s")
    # Half a second when the machine is quiet, as it is where all of them are asked for.
    assert found["slowest_jobs"] < (10 if interrupts < 100 else 2) and found["jobs_left"] == 0
    assert found["users_job"] == [1], "an interrupt ended the user's own job"
