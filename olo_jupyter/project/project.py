"""The project: what its files say, read when asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from olo_jobs.load import Problem, SpecError, load_job
from olo_jobs.spec import JobSpec
from olo_jobs.variables import Variables
from olo_jupyter.config import Settings
from olo_jupyter.project.targets import Target, load_target, target_names, target_variables
from olo_jupyter.project.variables import git_branch, project_variables

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
        given: Values of variables, as ``--var`` gives them.
        branch: The Git branch that the files are of; default: the one that is checked out.
    """

    def __init__(
        self,
        settings: Settings,
        root: Path | None = None,
        given: Mapping[str, str] | None = None,
        branch: str | None = None,
    ) -> None:
        self.settings = settings
        self.root = root or settings.root
        self.given = dict(given or {})
        self._branch = branch

    @cached_property
    def branch(self) -> str | None:
        """The Git branch that is checked out, None where there is none."""
        return self._branch or git_branch(self.root)

    def variables(self, target: str) -> Variables:
        """What ``${…}`` stand for in the files of a target."""
        own = target_variables(self.root, target)
        return project_variables(self.settings, target, of_target=own, given=self.given, branch=self.branch)

    def target(self, name: str) -> Target:
        """A target by name.

        Raises:
            TargetError: As load_target.
        """
        return load_target(self.settings, self.root, name, self.variables(name))

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
        """The files of the jobs, sorted. By names: paths are slow to sort by the thousand."""
        folder = self.root / "jobs"
        try:
            with os.scandir(folder) as found:
                names = [entry.name for entry in found]
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []
        return [folder / name for name in sorted(names) if name.endswith(".yml")]

    def job(self, name: str, target: str = "") -> JobSpec:
        """A job by name.

        Args:
            target: The target that it is for: its changes merged in, variables filled; '' for the job as written.

        Raises:
            SpecError: The file is missing or is no job spec.
        """
        return self._load(self.root / "jobs" / f"{name}.yml", target, self.variables(target) if target else None)

    def _load(self, path: Path, target: str, variables: Variables | None) -> JobSpec:
        return load_job(path, target=target, variables=variables, name=path.relative_to(self.root).as_posix())

    def jobs(self, target: str = "") -> tuple[dict[str, JobSpec], list[Problem]]:
        """All jobs that can be read, by name, and what is wrong with the others; ``target`` as for ``job``."""
        jobs: dict[str, JobSpec] = {}
        problems: list[Problem] = []
        variables = self.variables(target) if target else None
        for path in self.job_files:
            try:
                jobs[path.stem] = self._load(path, target, variables)
            except SpecError as error:
                problems += error.problems
        return jobs, problems


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None  # dbt says what is wrong with it when it parses the project


def _entries(value: Any, key: str) -> list[dict[str, Any]]:
    """The mappings in the list at ``key``; [] where there is none."""
    items = value.get(key) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
