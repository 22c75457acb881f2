"""``olo demo``: every step of the path for real, then a summary. A second run changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from olo_jupyter.config import load_settings
from olo_jupyter.demo.lakehouse import build_lakehouse
from olo_jupyter.demo.notebook import run_notebook
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.promotion.git import Git
from olo_jupyter.promotion.publish import branch_name

JOB = "daily_delays"
PROMOTIONS = ("daily_delays", "delay_score")
_SOURCES = {
    "bronze": ("flights", "airlines", "airports", "planes", "weather"),
    "silver": ("flights", "airlines", "airports", "planes", "weather"),
}


@dataclass(frozen=True)
class Row:
    """One line of the summary."""

    step: str
    seconds: float
    rows: int | None
    evidence: str


Update = Callable[[str, int, int], None]


def run_demo(folder: Path, *, as_json: bool = False) -> bool:
    """Run the demo in ``folder``.

    Args:
        folder: Made when missing: lakehouse/, project/, origin.git/, state/.
        as_json: Print the summary as JSON only.

    Returns:
        Whether everything passed.

    Raises:
        OloError: A step can't be done; what the earlier ones made stays.
    """
    console = Console(quiet=as_json)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["OLO_STATE"] = str(folder / "state")
    project = folder / "project"
    rows: list[Row] = []
    with _step(console, "project", rows) as (_, done):
        commit = _make_project(project, folder / "origin.git")
        done(None, f"commit {commit[:12]}")
    settings = load_settings(project)
    with _step(console, "lakehouse", rows) as (update, done), Session(settings) as session:
        made = build_lakehouse(session, update)
        flights = session.execute("SELECT count(*) FROM bronze.flights")
        count = next(flights.rows())[0]
        snapshots = len(session.execute('SELECT 1 FROM bronze."flights$snapshots"'))
        done(count, f"{snapshots} snapshots of bronze.flights" + ("" if made else ", there already"))
    before = _branches(project, settings.user)
    with _step(console, "notebook", rows) as (update, done):
        seconds = run_notebook(project / "notebooks" / "flight_delays.ipynb", folder / "executed", update)
        done(None, f"{len(seconds)} cells ran")
    after = _branches(project, settings.user)
    passed: bool = True
    for name in PROMOTIONS:
        evidence = _evidence(project, settings.user, name)
        branch = branch_name(settings.user, name)
        fresh = "pushed" if before.get(branch) != after.get(branch) else "unchanged"
        passed = passed and evidence["status"] == "verified" and branch in after
        proof = f"{evidence['status']}, {fresh} {branch}"
        rows.append(Row(f"promote {name}", seconds[f"promote-{name}"], evidence["rows"], proof))
    with _step(console, f"run {JOB}", rows) as (_, done):
        record = _run_job(project)
        passed = passed and record["state"] == "success"
        tests = sum(task["tests_passed"] for task in record["tasks"])
        written = {table for task in record["tasks"] for table in task["writes"]}
        done(_written_rows(settings, written), f"{record['state']}, {tests} tests passed")
    events = _lineage_events(folder / "state" / "lineage" / "events.jsonl", record["id"])
    passed = passed and events > 0
    rows.append(Row("lineage", 0.0, events, "OpenLineage events in state/lineage/events.jsonl"))
    diffs = [_diff_path(folder, project, settings.user, name) for name in PROMOTIONS]
    if as_json:
        sys.stdout.write(json.dumps({"passed": passed, "steps": [asdict(row) for row in rows]}) + "\n")
        return passed
    _summary(console, rows, diffs)
    console.print(f"demo: {'passed' if passed else 'failed'}", highlight=False)
    return passed


@contextmanager
def _step(console: Console, name: str, rows: list[Row]) -> Iterator[tuple[Update, Callable[[int | None, str], None]]]:
    """A step with a progress bar; it adds its own line to the summary."""
    started = time.monotonic()
    outcome: list[tuple[int | None, str]] = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=None)

        def update(what: str, done: int, total: int) -> None:
            progress.update(task, description=f"{name}: {what}", completed=done, total=total)

        yield update, lambda count, evidence: outcome.append((count, evidence))
    count, evidence = outcome[-1]
    seconds = time.monotonic() - started
    rows.append(Row(name, seconds, count, evidence))
    console.print(f"✓ {name}: {evidence} ({seconds:.1f} s)", highlight=False, markup=False)


def _make_project(project: Path, origin: Path) -> str:
    """The project from the blueprint in a Git repository, with a bare one as its origin; what is there stays."""
    if not (project / ".git").exists():
        create(project, Answers(name="flights", sources=_SOURCES))
        notebooks = project / "notebooks"
        notebooks.mkdir(exist_ok=True)
        shutil.copyfile(example_notebook(), notebooks / "flight_delays.ipynb")
        _git(project, "init", "--quiet", "--initial-branch=main")
        for key, value in (("user.name", "OLO demo"), ("user.email", "demo@example.org")):
            if not Git(project).run("config", key).text:
                _git(project, "config", key, value)
        _git(project, "add", "--all")
        _git(project, "commit", "--quiet", "--message", "chore: start from the blueprint")
    if not origin.exists():
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(origin)], check=True)
        if "origin" not in Git(project)("remote").split():
            _git(project, "remote", "add", "origin", "../origin.git")
        _git(project, "push", "--quiet", "--set-upstream", "origin", "main")
    return Git(project)("rev-parse", "HEAD").strip()


def example_notebook() -> Path:
    """The demo's notebook: in the installed package, or in a developer's checkout."""
    here = Path(__file__).resolve()
    places = (here.parent / "flight_delays.ipynb", here.parents[2] / "examples" / "flight_delays.ipynb")
    return next(place for place in places if place.exists())


def _git(folder: Path, *arguments: str) -> None:
    Git(folder)(*arguments)


def _branches(project: Path, user: str) -> dict[str, str]:
    """Commit by branch of the user's promotions, on the remote."""
    listed = Git(project)("ls-remote", "--heads", "origin", f"refs/heads/{branch_name(user, '*')}")
    pairs = (line.split("\t") for line in listed.splitlines())
    return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}


def _evidence(project: Path, user: str, name: str) -> dict[str, Any]:
    content = Git(project).file_at(branch_name(user, name), f".olo/evidence/{name}.json")
    if content is None:
        raise OloError(f"The promotion {name} left no evidence on its branch.", code="no-evidence")
    evidence: dict[str, Any] = json.loads(content)
    return evidence


def _run_job(project: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "olo_jupyter.cli", "run", JOB, "--target", "sandbox", "--json"]
    ended = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if not ended.stdout.strip():
        raise OloError(f"olo run {JOB} failed: {ended.stderr.strip()}", code="run")
    record: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    if record["state"] != "success":
        messages = [f"{task['name']}: {task['message']}" for task in record["tasks"] if task["message"]]
        raise OloError(f"olo run {JOB}: {record['state']}.\n" + "\n".join(messages), code="run")
    return record


def _written_rows(settings: Any, tables: set[str]) -> int:
    """Rows in the tables that the run wrote, counted in the tables themselves."""
    with Session(settings) as session:
        counts = (session.execute(f"SELECT count(*) FROM {session.name(table)}") for table in sorted(tables))
        return sum(next(result.rows())[0] for result in counts)


def _lineage_events(path: Path, run_id: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return sum(run_id in line for line in lines)


def _diff_path(folder: Path, project: Path, user: str, name: str) -> Path:
    """The branch's diff against main, written to a file."""
    path = folder / f"{name}.diff"
    path.write_text(Git(project)("diff", f"main...{branch_name(user, name)}") + "\n", encoding="utf-8")
    return path


def _summary(console: Console, rows: list[Row], diffs: list[Path]) -> None:
    table = Table(title="olo demo", title_justify="left")
    table.add_column("step")
    table.add_column("seconds", justify="right")
    table.add_column("rows", justify="right")
    table.add_column("evidence", overflow="fold")
    for row in rows:
        table.add_row(row.step, f"{row.seconds:.1f}", "" if row.rows is None else f"{row.rows:,}", row.evidence)
    console.print(table)
    for path in diffs:
        console.print(f"diff: {path}", highlight=False, soft_wrap=True)
