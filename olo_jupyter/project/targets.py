"""Targets: the environments that a job may run in, one file each in targets/."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from olo_jobs.document import Document, read_document
from olo_jobs.load import load_target as load_target_spec
from olo_jobs.load import read_model
from olo_jobs.problem import Problem, SpecError
from olo_jobs.target import SANDBOX, TargetSpec, is_production
from olo_jobs.variables import Variables
from olo_jupyter.config import Settings, absolute
from olo_jupyter.errors import OloError

FOLDER = "targets"
__all__ = ["SANDBOX", "Target", "TargetError", "acting", "check_targets", "load_target", "target_names"]


class TargetError(OloError):
    """A target that isn't there, or whose file doesn't say what it must.

    ``problems`` are those of its file; ``spec`` is what it says, where that can be read at all.
    """

    default_code = "target"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        problems: tuple[Problem, ...] = (),
        spec: TargetSpec | None = None,
    ):
        super().__init__(message, code=code, hint=hint)
        self.problems, self.spec = problems, spec


@dataclass(frozen=True)
class Target:
    """An environment.

    Args:
        name: The file's name, e.g. ``sandbox``.
        catalog: The catalog that jobs write in it.
        sources: The catalog that they read sources from.
        engine: Name of the engine that runs their SQL; '' for the project's default.
        spec: All that the file says.
    """

    name: str
    catalog: str
    sources: str
    engine: str = ""
    spec: TargetSpec | None = field(default=None, repr=False, compare=False)

    @property
    def production(self) -> bool:
        """Whether it takes released versions only, and runs schedules."""
        return self.spec is not None and is_production(self.name, self.spec)

    @property
    def account(self) -> str | None:
        """The service account that its file names."""
        return self.spec.service_account if self.spec is not None else None

    def takes(self, by: str) -> bool:
        """Whether somebody may deploy to it and run its jobs: production is its service account's alone."""
        return not self.production or by == self.account

    def environment(self) -> dict[str, str]:
        """The variables that processes of this target get; dbt's profile and Session.from_environment read them."""
        sandbox = {"OLO_SANDBOX_CATALOG": self.catalog} if self.name == SANDBOX else {}
        engine = {"OLO_ENGINE": self.engine} if self.engine else {}
        return {"OLO_TARGET": self.name, "OLO_CATALOG": self.catalog, "OLO_SOURCES": self.sources, **engine, **sandbox}


def acting(user: str, environ: Mapping[str, str] = os.environ) -> str:
    """Who deploys and runs: ``OLO_SERVICE_ACCOUNT``, else the user."""
    return environ.get("OLO_SERVICE_ACCOUNT") or user


def load_target(settings: Settings, root: Path, name: str, variables: Variables) -> Target:
    """Read ``targets/<name>.yml``.

    Args:
        variables: Those for this target; ``project_variables``.

    Raises:
        TargetError: No such target (those there are listed), or what is wrong with its file, all of it.
    """
    names = target_names(root)
    if name not in names:
        near = get_close_matches(name, names, n=1)
        known = ", ".join(names) or "none"
        hint = f"Did you mean {near[0]!r}?" if near else f"Write {FOLDER}/{name}.yml."
        raise TargetError(f"There is no target {name!r}; there are: {known}.", code="target-not-found", hint=hint)
    file = f"{FOLDER}/{name}.yml"
    try:
        document = read_document(root / file, file)
        spec = read_model(document, TargetSpec, variables, empty="A target has at least catalog.")
    except SpecError as error:
        raise _target_error(error.problems) from error
    problems = list(_wrong_catalogs(settings, document, name, spec))
    if problems:
        raise _target_error(problems, spec)
    return Target(name, spec.catalog, spec.sources or spec.catalog, spec.engine or "", spec)


def target_variables(root: Path, name: str) -> Mapping[str, str | int | float | bool]:
    """The variables in a target's file, {} where it can't be read: loading it says what is wrong."""
    try:
        return load_target_spec(root / FOLDER / f"{name}.yml").variables
    except SpecError:
        return {}


def _target_error(problems: list[Problem], spec: TargetSpec | None = None) -> TargetError:
    first = problems[0]
    text = "\n".join(f"{one.file}:{one.line}:{one.column}: {one.message}" for one in problems)
    hint = first.hint if len(problems) == 1 else "olo validate checks all."
    return TargetError(text, hint=hint, problems=tuple(problems), spec=spec)


def _wrong_catalogs(settings: Settings, document: Document, name: str, spec: TargetSpec) -> Iterator[Problem]:
    for key, catalog in (("catalog", spec.catalog), ("sources", spec.sources)):
        if catalog is not None and catalog not in settings.catalogs:
            near = get_close_matches(catalog, settings.catalogs, n=1)
            known = ", ".join(sorted(settings.catalogs)) or "none"
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {known}. Add it under catalogs in olo.yml."
            yield document.problem((key,), "unknown-catalog", f"olo.yml has no catalog {catalog!r}", hint)
    if name == SANDBOX and spec.catalog != settings.sandbox_catalog:
        message = f"the sandbox writes its user's own catalog, {settings.sandbox_catalog}, not {spec.catalog}"
        yield document.problem(("catalog",), "sandbox-catalog", message, "Write catalog: ${user.short_name}_sandbox")
    if is_production(name, spec) and spec.service_account is None:
        message = "a production target names the service account that deploys to it and runs its jobs"
        yield document.problem((), "no-service-account", message, "Add e.g. service_account: svc-olo-prod")
    settings_of = settings.catalogs.get(spec.catalog)
    warehouse = settings_of.properties.get("warehouse", "") if settings_of else ""
    storage = absolute(spec.storage, settings.root) if spec.storage is not None else None
    if storage is not None and "://" in warehouse and not _below(warehouse, storage):
        message = f"the warehouse of {spec.catalog}, {warehouse}, is not below {storage}"
        yield document.problem(("storage",), "storage", message, "Each target keeps its tables below its own prefix.")


def _below(place: str, prefix: str) -> bool:
    return f"{place.rstrip('/')}/".startswith(f"{prefix.rstrip('/')}/")


def check_targets(targets: Mapping[str, TargetSpec]) -> Iterator[Problem]:
    """What targets may not share: the catalog that they write, their storage prefix, their service account."""
    for key in ("catalog", "storage", "service_account"):
        owners: dict[str, str] = {}
        for name, spec in targets.items():
            value = getattr(spec, key)
            if value is None:
                continue
            other = owners.setdefault(value, name)
            if other != name:
                message = f"the targets {other} and {name} have the same {key}, {value}"
                yield Problem(f"{FOLDER}/{name}.yml", 1, 1, "shared", message, "Each environment has its own.")


def target_names(root: Path) -> list[str]:
    """The targets of a project, sorted."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.yml"))
