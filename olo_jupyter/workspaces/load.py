"""Read ``workspaces/*.yml``: every error of a file at once, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from olo_jobs.document import Document, read_document
from olo_jobs.fields import size
from olo_jobs.load import nearest, read_model
from olo_jobs.problem import Problem, SpecError
from olo_jobs.resources import Resources
from olo_jupyter.config import absolute
from olo_jupyter.errors import OloError
from olo_jupyter.project.project import Project
from olo_jupyter.project.targets import TargetError
from olo_jupyter.workspaces.spec import WorkspaceSpec

FOLDER = "workspaces"


class WorkspaceError(OloError):
    """A workspace that isn't there, or whose file doesn't say what it must. ``problems`` are those of its file."""

    default_code = "workspace"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "", problems: tuple[Problem, ...] = ()):
        super().__init__(message, code=code, hint=hint)
        self.problems = problems


def workspace_names(root: Path) -> list[str]:
    """The workspaces of a project, sorted."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.yml"))


def load_workspace(project: Project, name: str) -> WorkspaceSpec:
    """Read ``workspaces/<name>.yml``.

    Raises:
        WorkspaceError: workspace-not-found, or all that is wrong with its file.
    """
    names = workspace_names(project.root)
    if name not in names:
        hint = nearest(name, names) or f"Write {FOLDER}/{name}.yml: olo schema workspace describes it."
        known = ", ".join(names) or "none"
        message = f"There is no workspace {name!r}; there are: {known}."
        raise WorkspaceError(message, code="workspace-not-found", hint=hint)
    document, spec, problems = _read(project.root, name)
    if spec is not None and document is not None:
        problems = sorted(_problems(project, name, document, spec))
    if problems or spec is None:
        text = "\n".join(map(str, problems))
        raise WorkspaceError(text, hint="olo validate checks all.", problems=tuple(problems))
    return spec


def check_workspaces(project: Project) -> Iterator[Problem]:
    """Everything that is wrong with the workspaces of a project."""
    for name in workspace_names(project.root):
        document, spec, problems = _read(project.root, name)
        yield from problems
        if document is not None and spec is not None:
            yield from _problems(project, name, document, spec)
    for path in sorted((project.root / FOLDER).glob("*")):
        if path.suffix != ".yml" and path.name != ".gitkeep":
            file = path.relative_to(project.root).as_posix()
            message = "workspaces are files workspaces/<name>.yml"
            yield Problem(file, 1, 1, "misplaced", message, "Move or rename it.")


def _read(root: Path, name: str) -> tuple[Document | None, WorkspaceSpec | None, list[Problem]]:
    file = f"{FOLDER}/{name}.yml"
    try:
        document = read_document(root / file, file)
        holds = "A workspace has version, name, repository and members."
        return document, read_model(document, WorkspaceSpec, empty=holds), []
    except SpecError as error:
        return None, None, error.problems


def _problems(project: Project, name: str, document: Document, spec: WorkspaceSpec) -> Iterator[Problem]:
    """What holds between a workspace and the rest of its project."""
    if spec.name != name:
        message = f"the workspace is called {spec.name!r}, its file {name}.yml"
        yield document.problem(("name",), "name-mismatch", message, "Rename the file, or the workspace.")
    settings = project.settings
    storage = _uniform(absolute(spec.storage, settings.root)) if spec.storage is not None else None
    for catalog in spec.catalogs:
        known = settings.catalogs.get(catalog)
        if known is None:
            hint = nearest(catalog, settings.catalogs) or "Add it under catalogs in olo.yml."
            message = f"olo.yml has no catalog {catalog!r}"
            yield document.problem(("catalogs", catalog), "unknown-catalog", message, hint)
            continue
        warehouse = known.properties.get("warehouse", "")
        if storage is not None and "://" in warehouse and not f"{_uniform(warehouse)}/".startswith(f"{storage}/"):
            message = f"the warehouse of {catalog}, {warehouse}, is not below {storage}"
            yield document.problem(("catalogs", catalog), "storage", message, "A workspace keeps its tables together.")
    seen: list[str] = []
    for index, experiment in enumerate(spec.experiments):
        if experiment.name in seen:
            message = f"experiment {experiment.name!r} is there twice"
            yield document.problem(("experiments", index, "name"), "duplicate-name", message)
        seen.append(experiment.name)
    yield from _compute(project, document, spec)


def _uniform(place: str) -> str:
    """``file:/x/`` and ``file:///x`` in one spelling."""
    bare = place.rstrip("/")
    return f"file://{bare.removeprefix('file:')}" if bare.startswith("file:/") and "://" not in bare else bare


def _compute(project: Project, document: Document, spec: WorkspaceSpec) -> Iterator[Problem]:
    """Profiles of targets that ask for more than the workspace allows, or that no target has."""
    found: set[str] = set()
    for name in project.targets:
        try:
            target = project.target(name).spec
        except TargetError:
            continue  # olo validate says what is wrong with it
        for profile, asked in (target.resources if target is not None else {}).items():
            found.add(profile)
            allowed = spec.compute.get(profile)
            more = _more(asked, allowed) if allowed is not None else ""
            if more:
                message = f"targets/{name}.yml asks for more as {profile}: {more}"
                yield document.problem(("compute", profile), "compute", message, "Lower it there, or raise it here.")
    for profile in spec.compute:
        if profile not in found:
            message = f"no target has a resource profile {profile!r}"
            hint = nearest(profile, sorted(found)) or "Add it under resources in targets/NAME.yml."
            yield document.problem(("compute", profile), "unknown-profile", message, hint)


def _more(asked: Resources, allowed: Resources) -> str:
    """What is more than allowed, in words; '' where nothing is. What isn't bounded isn't compared."""
    if allowed.cpu is not None and (asked.cpu is None or asked.cpu > allowed.cpu):
        return f"{asked.cpu if asked.cpu is not None else 'unbounded'} processors, not {allowed.cpu:g}"
    if allowed.memory is not None and (asked.memory is None or size(asked.memory) > size(allowed.memory)):
        return f"{asked.memory or 'unbounded'} of memory, not {allowed.memory}"
    return ""
