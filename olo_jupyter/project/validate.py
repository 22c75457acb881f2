"""``olo validate``: everything that is wrong with a project's files, at once."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from olo_jobs.document import Document, read_document
from olo_jobs.load import load_job, read_job
from olo_jobs.problem import Problem, SpecError
from olo_jobs.spec import JobSpec
from olo_jobs.target import TargetSpec
from olo_jobs.variables import Variables, names_in
from olo_jupyter.config import CONFIG_FILE, find_root, project_settings, short_name
from olo_jupyter.config_file import ConfigError
from olo_jupyter.project.dbt_parse import dbt_installed, parse_problems
from olo_jupyter.project.job_checks import JobChecks, unknown_targets
from olo_jupyter.project.project import LAYERS, Project
from olo_jupyter.project.resources import check_resources
from olo_jupyter.project.settings_check import check_settings
from olo_jupyter.project.targets import SANDBOX, Target, TargetError, check_targets
from olo_jupyter.project.variables import given_variables


def validate(project: Project, *, dbt: bool = True) -> list[Problem]:
    """Every problem of targets, jobs, models and resources, by file (named from the project's folder) and place.

    Args:
        dbt: Whether dbt parses the project too; it does so beside the other checks.
    """
    with ThreadPoolExecutor(1) as pool:
        parsing = pool.submit(_dbt_problems, project) if dbt and dbt_installed() else None
        targets, specs, problems = _loaded_targets(project)
        problems += [
            *_target_problems(project, specs),
            *_job_problems(project, targets),
            *_model_problems(project),
            *check_resources(project),
        ]
        if parsing is not None:
            problems += parsing.result()
    return sorted(set(problems))


def validate_folder(
    root: Path | None,
    given: Sequence[str] = (),
    *,
    dbt: bool = True,
    more: Callable[[Project], Iterable[Problem]] | None = None,
) -> list[Problem]:
    """As validate, for the project in a folder: olo.yml is checked too, and where it has faults the jobs still are.

    Args:
        root: The folder that holds olo.yml; None for none.
        given: Variables as ``--var`` gives them.
        more: Checks of rooms above this one.

    Raises:
        ConfigError: There is no project.
        VariableError: A variable that olo.yml doesn't have.
    """
    if root is None:
        project_settings()  # says what to do
    try:
        settings = project_settings(root)
    except ConfigError as error:
        folder = find_root(root)
        if error.code == "no-project" or folder is None:
            raise
        found = check_settings(folder, short_name(os.environ.get("OLO_USER") or getpass.getuser()))
        return sorted({*found, *_form_of_jobs(folder)}) or [
            Problem(CONFIG_FILE, 1, 1, "config", error.message, error.hint)
        ]
    problems = check_settings(settings.root, settings.user)
    project = Project(settings, given=given_variables(settings, list(given)))
    return sorted({*problems, *validate(project, dbt=dbt), *(more(project) if more is not None else ())})


def _form_of_jobs(root: Path) -> Iterator[Problem]:
    """What is wrong with job files in themselves: without olo.yml nothing else can be told."""
    for path in sorted((root / "jobs").glob("*.yml")):
        try:
            load_job(path, name=path.relative_to(root).as_posix())
        except SpecError as error:
            yield from error.problems


def _dbt_problems(project: Project) -> list[Problem]:
    name = SANDBOX if SANDBOX in project.targets or not project.targets else project.targets[0]
    try:
        environment = project.target(name).environment()
    except TargetError:
        environment = {"OLO_TARGET": name}
    return parse_problems(project.root, project.settings.state, name, environment)


def _loaded_targets(project: Project) -> tuple[dict[str, Target], dict[str, TargetSpec], list[Problem]]:
    """The targets that are well, what each of them says that can be read, and what is wrong."""
    targets: dict[str, Target] = {}
    specs: dict[str, TargetSpec] = {}
    problems: list[Problem] = []
    for name in project.targets:
        try:
            targets[name] = project.target(name)
            spec = targets[name].spec
        except TargetError as error:
            problems += error.problems
            spec = error.spec
        if spec is not None:
            specs[name] = spec
    return targets, specs, problems


def _target_problems(project: Project, specs: Mapping[str, TargetSpec]) -> Iterator[Problem]:
    yield from check_targets(specs)
    for path in sorted((project.root / "targets").glob("*")):
        if path.suffix != ".yml" and path.name != ".gitkeep":
            yield _misplaced(project.root, path, "targets are files targets/<name>.yml")


def _job_problems(project: Project, targets: Mapping[str, Target]) -> Iterator[Problem]:
    variables = {name: project.variables(name) for name in project.targets}
    checks = JobChecks(project)
    for path in project.job_files:
        name = path.relative_to(project.root).as_posix()
        try:
            document = read_document(path, name)
        except SpecError as error:
            yield from error.problems
            continue
        yield from unknown_targets(document, project.targets)
        jobs, problems = _resolved(document, variables)
        yield from problems
        if not jobs:
            yield from checks.check_parts(document, targets.values())
        for target, job in jobs.items():
            if job.name != path.stem:
                message = f"the job is called {job.name!r}, its file {path.name!r}"
                hint = f"Rename the file to {job.name}.yml, or the job."
                yield document.problem(("name",), "name-mismatch", message, hint)
            if target in targets:
                yield from checks.check(document, job, targets[target])
    folder = project.root / "jobs"
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        if path.parent != folder or path.suffix == ".yaml":
            yield _misplaced(
                project.root, path, "job files stand directly in jobs/ and end in .yml: this one is never run"
            )


def _misplaced(root: Path, path: Path, message: str) -> Problem:
    return Problem(path.relative_to(root).as_posix(), 1, 1, "misplaced", message, "Move or rename it.")


def _resolved(document: Document, variables: dict[str, Variables]) -> tuple[dict[str, JobSpec], list[Problem]]:
    """The job for each target, and what is wrong with it; a fault that only some targets have says in which."""
    if not variables or next(names_in(document.value), None) is None:
        try:
            job = read_job(document)
        except SpecError as error:
            return {}, error.problems
        changed = set(job.targets) & set(variables)
        return {name: read_job(document, target=name) if name in changed else job for name in variables}, []
    jobs: dict[str, JobSpec] = {}
    found: dict[Problem, list[str]] = {}
    for target, known in variables.items():
        try:
            jobs[target] = read_job(document, target=target, variables=known)
        except SpecError as error:
            for problem in error.problems:
                found.setdefault(problem, []).append(target)
    problems = [
        problem
        if len(targets) == len(variables)
        else Problem(problem.file, problem.line, problem.column, problem.code,
                     f"{problem.message} (target {', '.join(targets)})", problem.hint)
        for problem, targets in found.items()
    ]  # fmt: skip
    return jobs, problems


def _model_problems(project: Project) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    tables: dict[str, str] = {}
    for path in sorted((project.root / "models").rglob("*.sql")):
        name = path.relative_to(project.root).as_posix()
        if path.stem in seen:
            message = f"model {path.stem!r} is there twice: also {seen[path.stem]}"
            yield Problem(name, 1, 1, "duplicate-model", message, "dbt needs unique names: rename one.")
            continue
        seen[path.stem] = name
        layer = path.relative_to(project.root / "models").parts[0]
        table = f"{layer}_{path.stem}" if layer in LAYERS and layer != "gold" else path.stem
        if table in tables:
            message = f"in the sandbox this model's table is called {table}, as that of {tables[table]}"
            yield Problem(
                name, 1, 1, "duplicate-table", message, "Rename one: models of other layers carry theirs as prefix."
            )
        tables.setdefault(table, name)
