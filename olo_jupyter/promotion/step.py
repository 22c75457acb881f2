"""One step of a proof: a dbt model, a Python module or a script, run in a clean process at given snapshots."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from olo_jobs.activity import Activity, read_report
from olo_jupyter.promotion.isolation import CATALOG, Isolation

SECONDS = 900.0
"""Time limit of one step."""


class StepError(Exception):
    """A step of the proof didn't get to its end; the message says why.

    Args:
        failed: The artefact's own tests that failed before it could run, with their messages.
    """

    def __init__(self, message: str, failed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.failed = tuple(failed)


@dataclass(frozen=True)
class Step:
    """Something to run: a dbt model, a Python module's ``main``, or a script of SQL.

    Args:
        name: Of the promotion.
        function: ``package.module:main``; '' for dbt.
        tests: The module's tests, a file below the project; '' for none.
        values: dbt vars that have no default. Whatever has one runs with it, as in production.
        script: A file of SQL below the project; '' for none.
    """

    name: str
    function: str = ""
    tests: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    script: str = ""


def run_step(
    step: Step,
    steps: Sequence[Step],
    source: Path,
    isolation: Isolation,
    pins: Mapping[str, int],
    reads: dict[str, int],
    *,
    with_tests: bool,
) -> tuple[str, list[str], list[str]]:
    """Run one step at ``pins``; the target's relation ('' for another step), tests passed, tests failed.

    Raises:
        StepError: It failed, or read or wrote something else than it should.
    """
    number = list(steps).index(step)
    report = isolation.folder / f"report-{number}.jsonl"
    report.unlink(missing_ok=True)
    unpinned = {name: snapshot for name, snapshot in pins.items() if not name.endswith(f"@{snapshot}")}
    environ = isolation.environment(source, json.dumps(unpinned), report)
    relation, passed, failed = "", list[str](), list[str]()
    if step.script:
        _run([sys.executable, "-m", "olo_jupyter.cli", "sql", "--json", "--file", step.script], source, environ)
    elif step.function:
        _run([sys.executable, "-m", "olo_jobs.call", step.function, "{}"], source, environ)
        if step.tests and with_tests:
            done = run_tests(source, step.tests, isolation)
            (failed if done else passed).append(f"{step.tests}: {done}" if done else step.tests)
    else:
        is_last = number == len(steps) - 1
        names = [one.name for one in steps[: number + 1]]
        built, passed, failed = _dbt(step, names, source, isolation, environ, with_tests=with_tests)
        relation = built if is_last else ""
    _check_reads(read_report(report), pins, reads)
    return relation, passed, failed


def run_tests(source: Path, tests: str, isolation: Isolation) -> str:
    """Run a module's generated tests in a clean process; why they failed, '' where they passed."""
    environ = isolation.environment(source, "{}", isolation.folder / "report-tests.jsonl")
    try:
        _run([sys.executable, "-m", "olo_jupyter.promotion.tested", str(source / tests)], source, environ)
    except StepError as error:
        return str(error)
    return ""


def example_rows(source: Path, tests: str, isolation: Isolation) -> pa.Table | None:
    """What the module gives on the inputs of its generated tests; None where it fails on them."""
    environ = isolation.environment(source, "{}", isolation.folder / "report-tests.jsonl")
    rows = isolation.folder / "example.arrow"
    try:
        _run([sys.executable, "-m", "olo_jupyter.promotion.tested", str(source / tests), str(rows)], source, environ)
    except StepError:
        return None
    with pa.OSFile(str(rows)) as file, pa.ipc.open_file(file) as reader:
        return reader.read_all()


def _dbt(
    step: Step,
    names: Sequence[str],
    source: Path,
    isolation: Isolation,
    environ: Mapping[str, str],
    *,
    with_tests: bool,
) -> tuple[str, list[str], list[str]]:
    """``dbt build`` of one model, or ``dbt run`` of an upstream one: its relation, tests passed, tests failed.

    Args:
        names: The models that are built for this proof, up to this one. Other models that it reads are taken where the
            notebook read them (dbt's defer).
    """
    isolation.write_profile(_profile(source))
    target = isolation.folder / "target" / step.name
    common = ["--project-dir", str(source), "--profiles-dir", str(isolation.folder)]
    common += ["--vars", json.dumps(dict(step.values), default=str)] if step.values else []
    dbt = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(isolation.folder / "logs")]
    command = [*dbt, "build" if with_tests else "run", "--select", step.name, "--target", "sandbox", *common]
    command += ["--target-path", str(target)]
    if _reads_other_models(source, step.name, names):
        state = isolation.folder / "state-of-sources"
        _run([*dbt, "parse", "--target", "sources", *common, "--target-path", str(state)], source, environ)
        command += ["--defer", "--state", str(state)]
    output = ""
    try:
        _run(command, source, environ)
    except StepError as error:
        output = str(error)
    results = _json(target / "run_results.json").get("results", [])
    built = [item for item in results if item["unique_id"].startswith("model.")]
    tests = [item for item in results if item["unique_id"].startswith(("test.", "unit_test."))]
    bad = [f"{_short(item)}: {_one_line(item.get('message'))}" for item in tests if item["status"] in ("fail", "error")]
    if not built or built[0]["status"] != "success":
        said = _one_line(built[0].get("message")) if built else ""
        why = "; ".join(bad) if built and built[0]["status"] == "skipped" else said or output
        raise StepError(f"dbt did not build {step.name}: {why}", bad)
    node = _json(target / "manifest.json")["nodes"][built[0]["unique_id"]]
    good = [_short(item) for item in tests if item["status"] == "pass"]
    return f"{node['schema']}.{node['alias']}", good, bad


def _reads_other_models(source: Path, name: str, built: Collection[str]) -> bool:
    """Whether a model's text refers to a model that isn't built for the proof."""
    texts = [path.read_text(encoding="utf-8") for path in (source / "models").rglob(f"{name}.sql")]
    found = {model for text in texts for model in re.findall(r"""\bref\(\s*['"](\w+)['"]\s*\)""", text)}
    return bool(found - set(built))


def _short(item: Mapping[str, Any]) -> str:
    """A test's own name out of dbt's unique id."""
    parts = str(item["unique_id"]).split(".")
    return ".".join(parts[2:] if parts[0] == "unit_test" else parts[2:3])


def _profile(source: Path) -> str:
    try:
        values = yaml.safe_load((source / "dbt_project.yml").read_text(encoding="utf-8"))
        return str(values["profile"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise StepError("dbt_project.yml is missing or names no profile.") from error


def _run(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
    """Run a process in a group of its own.

    Raises:
        StepError: It failed (its last lines are in the message) or ran too long.
    """
    process = subprocess.Popen(
        list(command), cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=SECONDS)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise StepError(f"it ran longer than {SECONDS:g} s and was ended") from error
        raise
    if process.returncode != 0:
        lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
        raise StepError("the clean process failed: " + " · ".join(line.strip() for line in lines[-3:]))


def _check_reads(activity: Activity, pins: Mapping[str, int], reads: dict[str, int]) -> None:
    """Every table outside the isolated catalog must have been read at the notebook's snapshot.

    Raises:
        StepError: One wasn't, or a table was written that is not the artefact's own.
    """
    for name in activity.writes:
        if not name.startswith(f"{CATALOG}."):
            raise StepError(f"it wrote {name}, which is not in the catalog that the target gives it")
    for name, snapshot in activity.reads.items():
        if name.startswith(f"{CATALOG}."):
            continue
        if name not in pins:
            raise StepError(f"it read {name}, which the notebook's cells did not read")
        if pins[name] != snapshot:
            raise StepError(f"it read {name} at snapshot {snapshot}, the notebook at {pins[name]}")
        reads[name] = snapshot


def _json(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # dbt ended before it wrote the file: its output says why
    return values


def _one_line(text: object) -> str:
    return " ".join(str(text or "").split())
