"""What an Airflow serves: the jobs of one project, for one target."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from olo_jobs.deployment import FILE, read_deployment
from olo_jobs.document import read_document
from olo_jobs.explain import message_of
from olo_jobs.load import load_job
from olo_jobs.problem import Problem, SpecError
from olo_jobs.resources import Resources
from olo_jobs.spec import JobSpec
from olo_jobs.target import PRODUCTION, TargetSpec, is_production
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
        deployed: The jobs that ``olo deploy`` recorded; None where the folder is no deployment, and its files count.
    """

    root: Path
    target: str
    production: bool
    catalogs: list[str]
    environment: Mapping[str, str]
    profiles: Mapping[str, Resources] = field(default_factory=dict)
    variables: Variables | None = None
    commit: str = ""
    deployed: Mapping[str, JobSpec] | None = None

    def names(self) -> list[str]:
        """The jobs that are served, by the names that they run under, sorted."""
        if self.deployed is not None:
            return sorted(self.deployed)
        return sorted(path.stem for path in (self.root / "jobs").glob("*.yml"))

    def file(self, name: str) -> Path:
        """The file that a job comes from."""
        return self.root / "jobs" / f"{name}.yml"

    def job(self, name: str) -> JobSpec:
        """A job as it is for the target.

        Raises:
            SpecError: Its file holds no job; with all its problems, by file:line:column.
        """
        if self.deployed is not None:
            return self.deployed[name]
        path = self.file(name)
        shown = path.relative_to(self.root).as_posix()
        return load_job(path, target=self.target, variables=self.variables, name=shown)


def serve(root: Path, target: str = "", environ: Mapping[str, str] = os.environ) -> Served:
    """What a folder serves: exactly what ``olo deploy`` recorded there, else its files for a target.

    Args:
        target: The target; '' for the deployment's, else that of the variable OLO_TARGET, else prod.

    Raises:
        SpecError: The deployment is of another target; the target's file or olo.yml can't be used.
    """
    wanted = target or environ.get(TARGET_VARIABLE, "")
    if (root / FILE).is_file():
        deployment = read_deployment(root)
        if wanted and wanted != deployment.target:
            message = f"this is a deployment to {deployment.target}, and {wanted} is asked for"
            raise SpecError([Problem(FILE, 1, 1, "another-target", message, "Follow the branch deploy/<target>.")])
        return _served(
            root,
            deployment.target,
            deployment.spec,
            production=not deployment.paused,
            commit=deployment.commit,
            deployed=deployment.jobs,
        )
    return _of_files(root, wanted or PRODUCTION, environ)


def _served(root: Path, target: str, spec: TargetSpec, **more: Any) -> Served:
    sources = spec.sources or spec.catalog
    return Served(
        root=root,
        target=target,
        catalogs=list(dict.fromkeys([spec.catalog, sources])),
        environment={
            "OLO_TARGET": target,
            "OLO_CATALOG": spec.catalog,
            "OLO_SOURCES": sources,
            **({"OLO_ENGINE": spec.engine} if spec.engine else {}),
        },
        profiles=spec.resources,
        **more,
    )


def _of_files(root: Path, target: str, environ: Mapping[str, str]) -> Served:
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
        **{f"var.{name}": _mapping(value).get("default") for name, value in _mapping(defaults).items()},
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
        raise SpecError([document.problem(tuple(one["loc"]), one["type"], message_of(one)) for one in wrong]) from None
    return _served(root, target, spec, production=is_production(target, spec), variables=variables)


def _mapping(value: Any) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}
