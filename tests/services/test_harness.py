"""The harness itself: installs appear whole or not at all, a failed start tells its log, a stop leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.services import cache, schedule
from tests.services.catalogue import KINDS, in_order
from tests.services.process import Process, ServiceError, until

ROOT = Path(__file__).parents[2]


def test_installs_once_and_atomically(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLO_CACHE", str(tmp_path))
    calls = []

    def build(folder: Path) -> None:
        calls.append(folder)
        (folder / "program").write_text("x")

    def broken(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ServiceError("no")

    with pytest.raises(ServiceError):
        cache.installed("thing-1", "recipe", broken)
    assert not [path for path in tmp_path.iterdir() if "thing" in path.name]
    first = cache.installed("thing-1", "recipe", build)
    assert cache.installed("thing-1", "recipe", build) == first
    assert (first / "program").read_text() == "x"
    assert len(calls) == 1
    assert cache.installed("thing-1", "another recipe", build) != first


def test_a_failed_start_tells_the_end_of_its_log(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", "print('why it failed'); raise SystemExit(3)"], tmp_path / "log")
    with pytest.raises(ServiceError, match=r"(?s)exit code 3.*why it failed"):
        process.wait_until(lambda: False, 10, "Thing")


def test_stop_ends_the_children_too(tmp_path: Path) -> None:
    child = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    process = Process([sys.executable, "-c", child], tmp_path / "log")
    process.wait_until(lambda: (tmp_path / "log").read_text().strip().isdigit(), 10, "Thing")
    grandchild = int((tmp_path / "log").read_text())
    process.stop(5)
    deadline = time.monotonic() + 5
    while _alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(grandchild)


def test_a_program_ends_with_us_however_we_end(tmp_path: Path) -> None:
    """Ctrl-C at ``pytest -n`` kills its workers before they stop what they started."""
    ours = (
        "import sys, time; from pathlib import Path; from tests.services.process import Process\n"
        "print(Process(['sleep', '600'], Path(sys.argv[1])).pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", ours, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        program = int(worker.stdout.readline())
        assert _alive(program)
        worker.kill()
    until(lambda: not _alive(program), 20)


def test_what_a_service_needs_comes_first() -> None:
    assert in_order(["trino"]) == ["postgres", "trino"]
    assert all(needed in KINDS for kind in KINDS.values() for needed in kind.needs)


def test_a_file_that_shares_the_big_trino_is_known_to_the_schedule() -> None:
    assert schedule.unit_of("tests/services/conformance/test_conformance.py::test_x") == "trino"
    assert schedule.unit_of("tests/services/test_airflow.py::TestAirflow::test_pauses") == "test_airflow"
    asking = SimpleNamespace(path=Path("test_gitea.py"), fixturenames=["trino"])
    with pytest.raises(pytest.UsageError, match="lacks test_gitea"):
        schedule.check([asking])  # type: ignore[list-item]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]
