"""The project: what its files say, read when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from olo_jobs.load import Problem, SpecError, load_job
from olo_jobs.spec import JobSpec
from olo_jupyter.config import Settings
from olo_jupyter.project.targets import Target, TargetError, load_target, target_names

LAYERS = ("bronze", "silver", "gold")


@dataclass(frozen=True)
class Model:
    """A dbt model of the project: its name, layer ('' where its folder is none) and file relative to the root."""

    name: str
    layer: str
    path: str


class Project:
    """A checkout of a project.

    Args:
        settings: What olo.yml and the environment say.
        root: The folder to read; default: the one that holds olo.yml. A worktree of the same project may be named.
    """

    def __init__(self, settings: Settings, root: Path | None = None) -> None:
        self.settings = settings
        self.root = root or settings.root

    def target(self, name: str) -> Target:
        """A target by name.

        Raises:
            TargetError: As load_target.
        """
        return load_target(self.settings, self.root, name)

    @property
    def targets(self) -> list[str]:
        """The names of the targets, sorted."""
        return target_names(self.root)

    @cached_property
    def models(self) -> dict[str, Model]:
        """The dbt models by name: every .sql file under models/."""
        found = {}
        for path in sorted((self.root / "models").rglob("*.sql")):
            relative = path.relative_to(self.root)
            layer = relative.parts[1] if len(relative.parts) > 2 and relative.parts[1] in LAYERS else ""
            found[path.stem] = Model(path.stem, layer, relative.as_posix())
        return found

    @cached_property
    def sources(self) -> frozenset[tuple[str, str]]:
        """The dbt sources as (source name, table), from every YAML file under models/ that can be read."""
        found: set[tuple[str, str]] = set()
        for path in sorted([*(self.root / "models").rglob("*.yml"), *(self.root / "models").rglob("*.yaml")]):
            for source in _entries(_read_yaml(path), "sources"):
                for table in _entries(source, "tables"):
                    found.add((str(source.get("name")), str(table.get("name"))))
        return frozenset(found)

    @property
    def job_files(self) -> list[Path]:
        """The files of the jobs, sorted."""
        return sorted((self.root / "jobs").glob("*.yml"))

    def job(self, name: str) -> JobSpec:
        """A job by name.

        Raises:
            SpecError: The file is missing or is no job spec.
        """
        return load_job(self.root / "jobs" / f"{name}.yml")

    def jobs(self) -> tuple[dict[str, JobSpec], list[Problem]]:
        """All jobs that can be read, by name, and what is wrong with the others."""
        jobs: dict[str, JobSpec] = {}
        problems: list[Problem] = []
        for path in self.job_files:
            try:
                jobs[path.stem] = load_job(path)
            except SpecError as error:
                problems += error.problems
        return jobs, problems

    def validate(self) -> list[Problem]:
        """Everything that is wrong with the project's files: jobs, targets, model names that are there twice."""
        _, problems = self.jobs()
        for name in self.targets:
            try:
                self.target(name)
            except TargetError as error:
                file = str(self.root / "targets" / f"{name}.yml")
                problems.append(Problem(file, 1, 1, error.code, error.message, error.hint))
        seen: dict[str, Path] = {}
        for path in sorted((self.root / "models").rglob("*.sql")):
            if path.stem in seen:
                message = f"model {path.stem!r} is there twice: also {seen[path.stem].relative_to(self.root)}"
                problems.append(Problem(str(path), 1, 1, "duplicate-model", message, "dbt needs unique names."))
            seen.setdefault(path.stem, path)
        return problems


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None  # dbt says what is wrong with it when it parses the project


def _entries(value: Any, key: str) -> list[dict[str, Any]]:
    """The mappings in the list at ``key``; [] where there is none."""
    items = value.get(key) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
