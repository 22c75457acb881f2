"""What an Airflow serves: the jobs of one project, for one target."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from olo_jobs.document import read_document
from olo_jobs.load import load_job
from olo_jobs.problem import Problem, SpecError
from olo_jobs.resources import Resources
from olo_jobs.spec import JobSpec
from olo_jobs.target import TargetSpec, is_production
from olo_jobs.variables import Variables

CONFIG_FILE = "olo.yml"
TARGET_VARIABLE = "OLO_TARGET"


@dataclass(frozen=True)
class Served:
    """A target of a project as it is deployed.

    Args:
        root: The project's folder, in the DAG bundle.
        target: The target's name.
        production: Whether schedules run.
        catalogs: The catalog that the target writes, then the one it reads, where that is another.
        environment: What processes of the target get.
        profiles: Resource profiles by name.
        variables: What ``${…}`` in jobs stand for.
        commit: The deployed commit, '' where the folder is no deployment.
    """

    root: Path
    target: str
    production: bool
    catalogs: list[str]
    environment: Mapping[str, str]
    profiles: Mapping[str, Resources] = field(default_factory=dict)
    variables: Variables | None = None
    commit: str = ""

    def job_files(self) -> list[Path]:
        """The files of the jobs that are served, sorted."""
        return sorted((self.root / "jobs").glob("*.yml"))

    def job(self, path: Path) -> JobSpec:
        """A job as it is for the target.

        Raises:
            SpecError: The file holds no job; with all its problems, by file:line:column.
        """
        name = path.relative_to(self.root).as_posix()
        return load_job(path, target=self.target, variables=self.variables, name=name)


def serve(root: Path, target: str, environ: Mapping[str, str] = os.environ) -> Served:
    """The target of a project.

    Raises:
        SpecError: Its file or olo.yml can't be used.
    """
    path = root / "targets" / f"{target}.yml"
    shown = path.relative_to(root).as_posix()
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in path.parent.glob("*.yml"))) or "none"
        message = f"there is no target {target!r}; there are: {known}"
        raise SpecError([Problem(shown, 1, 1, "target-not-found", message, f"Set {TARGET_VARIABLE} to one of them.")])
    project = read_document(root / CONFIG_FILE, CONFIG_FILE)
    defaults = project.value.get("variables") if isinstance(project.value, dict) else None
    document = read_document(path, shown)
    told = document.value if isinstance(document.value, dict) else {}
    own = told.get("variables")
    values: dict[str, Any] = {
        "target": target,
        "user.short_name": environ.get("OLO_USER", "airflow"),
        "git.branch": environ.get("OLO_BRANCH"),
        **{f"var.{name}": value for name, value in _mapping(defaults).items()},
        **{f"var.{name}": value for name, value in _mapping(own).items()},
    }
    variables = Variables(values)
    filled, unset = variables.fill(told)
    if unset:
        raise SpecError([document.problem(at, "variable", message, hint) for at, message, hint in unset])
    try:
        spec = TargetSpec.model_validate(filled)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        raise SpecError([document.problem(tuple(one["loc"]), one["type"], one["msg"]) for one in wrong]) from None
    sources = spec.sources or spec.catalog
    return Served(
        root=root,
        target=target,
        production=is_production(target, spec),
        catalogs=list(dict.fromkeys([spec.catalog, sources])),
        environment={
            "OLO_TARGET": target,
            "OLO_CATALOG": spec.catalog,
            "OLO_SOURCES": sources,
            **({"OLO_ENGINE": spec.engine} if spec.engine else {}),
        },
        profiles=spec.resources,
        variables=variables,
    )


def _mapping(value: Any) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}
