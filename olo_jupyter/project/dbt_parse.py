"""``dbt parse`` of the project, once for each state of its files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from olo_jobs.problem import Problem
from olo_jobs.target import SANDBOX
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sandbox import check_writable

SECONDS = 300
_FOLDERS = ("models", "macros", "seeds", "snapshots", "tests", "analyses", "dbt_packages")
_FILES = ("dbt_project.yml", "profiles.yml", "packages.yml", "dependencies.yml", "selectors.yml")
_ENDS = (".sql", ".yml", ".yaml", ".csv", ".md", ".py")
_PLACE = re.compile(r"((?:models|macros|seeds|snapshots|tests|analyses)/[\w./ -]+?\.(?:sql|ya?ml|csv|py))")
_LINE = re.compile(r"\bline (\d+)(?:,? column (\d+))?")
_LOOKED_AT = "parsed; where the sandbox writes"
"""What a state of the files was judged by: an earlier version's verdict doesn't count."""
_BUILT = ("model", "seed", "snapshot")
_NOISE = re.compile(r"^\s*(\d\d:\d\d:\d\d\s*)?(Running with dbt|Registered adapter|Encountered an error:?|$)")


def dbt_installed() -> bool:
    """Whether dbt can be run here."""
    return find_spec("dbt") is not None and find_spec("dbt.cli") is not None


def parse_problems(root: Path, state: Path, target: str, environment: dict[str, str]) -> list[Problem]:
    """What dbt says against the project's files; [] where it parses.

    Args:
        root: The project's folder.
        state: The project's state folder: remembers which files were parsed well.
        target: dbt's target.
        environment: Variables for dbt's profile.
    """
    if not (root / "dbt_project.yml").is_file():
        return []
    key = _fingerprint(root, target, environment)
    memory = state / "dbt-parse.json"
    if key in _remembered(memory):
        return []
    folder = state / "dbt-parse"
    folder.mkdir(parents=True, exist_ok=True)
    words = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "dbt.cli.main",
        "--no-use-colors",
        "--log-path",
        str(folder),
        "--quiet",
        "parse",
    ]
    words += ["--target", target, "--project-dir", str(root), "--profiles-dir", str(root), "--target-path", str(folder)]
    environ = {**os.environ, **environment, "OLO_PROJECT": str(root), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    try:
        done = subprocess.run(
            words, cwd=root, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return [Problem("dbt_project.yml", 1, 1, "dbt-parse", f"dbt parse took longer than {SECONDS} s and was ended")]
    if done.returncode == 0:
        outside = _outside_sandbox(folder, environment) if target == SANDBOX else []
        if outside:
            return outside
        memory.write_text(json.dumps([*_remembered(memory)[-20:], key]), encoding="utf-8")
        return []
    return [_problem(done.stdout.strip() or done.stderr, root)]


def _outside_sandbox(folder: Path, environment: dict[str, str]) -> list[Problem]:
    """The models, seeds and snapshots that dbt would write elsewhere than into the sandbox."""
    nodes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    problems = []
    for node in nodes:
        if node["resource_type"] not in _BUILT or node["config"].get("materialized") == "ephemeral":
            continue
        try:
            check_writable(TableName(node["database"], node["schema"], node["alias"]), environment)
        except QueryError as error:
            message = f"the {node['resource_type']} {node['name']}: {error.message.rstrip('.')}"
            hint = "Let the target's profile and the project's macros name catalog and schema."
            problems.append(Problem(node["original_file_path"], 1, 1, error.code, message, hint))
    return problems


def _remembered(memory: Path) -> list[str]:
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [str(one) for one in found] if isinstance(found, list) else []


def _fingerprint(root: Path, target: str, environment: dict[str, str]) -> str:
    seen = hashlib.sha256(
        json.dumps([_LOOKED_AT, target, environment, sys.version, sys.prefix], sort_keys=True).encode()
    )
    files = [root / name for name in _FILES]
    for name in _FOLDERS:
        files += sorted(path for path in (root / name).rglob("*") if path.suffix in _ENDS)
    for path in files:
        if path.is_file():
            content = path.read_bytes()
            seen.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
            seen.update(content)
    return seen.hexdigest()


def _problem(output: str, root: Path) -> Problem:
    """dbt stops at the first fault; its text names the file, and the line where it knows it."""
    lines = [line.rstrip() for line in output.splitlines() if not _NOISE.match(line)]
    text = "\n".join(re.sub(r"^\d\d:\d\d:\d\d\s+", "", line) for line in lines).replace(f"{root}/", "")
    place, line = _PLACE.search(text), _LINE.search(text)
    number, column = (int(line.group(1)), int(line.group(2) or 1)) if line else (1, 1)
    said = " ".join(text.split()) or "dbt parse failed and said nothing"
    file = place.group(1) if place else "dbt_project.yml"
    return Problem(file, number, column, "dbt-parse", said, "dbt parse shows it alone.")
