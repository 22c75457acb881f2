"""What a job names in its project: functions, files, models, resource profiles, targets."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from olo_jobs.document import KEY, Document
from olo_jobs.problem import Location, Problem
from olo_jobs.spec import JobSpec, Task
from olo_jupyter.project.targets import Target

if TYPE_CHECKING:
    from olo_jupyter.project.project import Project

_PLAIN_MODEL = re.compile(r"\+?(?:\d+\+)?([A-Za-z_]\w*)\+?\d*")
_URI = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class JobChecks:
    """Checks jobs against the files of a project. What was read once is kept."""

    def __init__(self, project: Project) -> None:
        self.root = project.root
        self.project = project
        self._modules: dict[str, set[str] | None] = {}

    def check(self, document: Document, job: JobSpec, target: Target) -> Iterator[Problem]:
        """What is missing, with its place.

        Args:
            document: The file that the job was read from.
            job: The job as the target runs it.
        """
        for at, name in _profiles(job):
            yield from _profile(document, at, name, target)
        for index, task in enumerate(job.tasks):
            yield from self.check_task(document, ("tasks", index), task)

    def check_parts(self, document: Document, targets: Collection[Target]) -> Iterator[Problem]:
        """What is missing for the tasks that are well in themselves, of a job that isn't; in all of the targets."""
        tasks = document.value.get("tasks") if isinstance(document.value, dict) else None
        for index, values in enumerate(tasks if isinstance(tasks, list) else ()):
            try:
                task = Task.model_validate(values)
            except ValidationError:
                continue
            yield from self.check_task(document, ("tasks", index), task)
            if isinstance(task.resources, str):
                for target in targets:
                    yield from _profile(document, ("tasks", index, "resources"), task.resources, target)

    def check_task(self, document: Document, at: Location, task: Task) -> Iterator[Problem]:
        """What is missing for one task; ``at`` is its place."""
        if task.python is not None:
            yield from self._function(document, (*at, "python", "function"), task.python.function)
            if task.python.requirements is not None:
                yield from self._file(document, (*at, "python", "requirements"), task.python.requirements)
        if task.sql is not None and task.sql.file is not None:
            yield from self._file(document, (*at, "sql", "file"), task.sql.file)
        if task.spark is not None:
            for place, name in (
                ("application", task.spark.application),
                *(("py_files", one) for one in task.spark.py_files),
            ):
                if not _URI.match(name):
                    yield from self._file(document, (*at, "spark", place), name)
        if task.shell is not None and isinstance(task.shell.command, list):
            for index, word in enumerate(task.shell.command[:2]):
                if re.fullmatch(r"(\./)?(scripts|src)/[\w./-]+", word):
                    yield from self._file(document, (*at, "shell", "command", index), word)
        if task.dbt is not None and task.dbt.select is not None:
            yield from self._models(document, (*at, "dbt", "select"), task.dbt.select)

    def _file(self, document: Document, at: Location, name: str) -> Iterator[Problem]:
        if "{{" in name or "${" in name:
            return
        path = self.root / name
        if Path(name).is_absolute() or not path.resolve().is_relative_to(self.root.resolve()):
            yield document.problem(at, "outside-project", f"{name} is not in the project", "Name a file below olo.yml.")
        elif not path.is_file():
            there = (
                [one.relative_to(self.root).as_posix() for one in path.parent.glob("[!.]*")]
                if path.parent.is_dir()
                else []
            )
            yield document.problem(
                at, "missing-file", f"there is no file {name}", _near(name, there) or "Write it, or correct the name."
            )

    def _function(self, document: Document, at: Location, function: str) -> Iterator[Problem]:
        module, _, name = function.partition(":")
        names = self._names_in(module)
        if names is None:
            known = self._module_names
            message = f"there is no module {module} under src/"
            yield document.problem(
                at, "missing-module", message, _near(module, known) or "Write it: " + _path_of(module)
            )
        elif name not in names and "*" not in names:
            message = f"{_path_of(module)} has no function {name}"
            yield document.problem(at, "missing-function", message, _near(name, sorted(names)))

    def _names_in(self, module: str) -> set[str] | None:
        """The names at the top of a module; None: no such file. One that isn't Python, or imports *, may have any."""
        if module not in self._modules:
            base = self.root / "src" / Path(*module.split("."))
            path = next((one for one in (base.with_suffix(".py"), base / "__init__.py") if one.is_file()), None)
            self._modules[module] = None if path is None else _top_names(path)
        return self._modules[module]

    @cached_property
    def _module_names(self) -> list[str]:
        source = self.root / "src"
        return [
            ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
            for path in source.rglob("*.py")
        ]

    def _models(self, document: Document, at: Location, select: str) -> Iterator[Problem]:
        for word in select.split():
            match = _PLAIN_MODEL.fullmatch(word)
            if match is not None and match.group(1) not in self._nodes:
                hint = _near(match.group(1), sorted(self._nodes)) or "dbt would run nothing, and say it was well."
                yield document.problem(
                    at, "unknown-model", f"there is no model {match.group(1)!r} for dbt to select", hint
                )

    @cached_property
    def _nodes(self) -> set[str]:
        """What dbt selects by a plain word: models, seeds, snapshots, tests, folders, the project, packages."""
        nodes = {self.project.settings.name, *self.project.models}
        for folder, ends in (
            ("models", "*"),
            ("seeds", "*.csv"),
            ("snapshots", "*"),
            ("tests", "*.sql"),
            ("dbt_packages", "*"),
        ):
            nodes |= {path.stem for path in (self.root / folder).rglob(ends)}
        for path in [*(self.root / "snapshots").rglob("*.y*ml"), *(self.root / "snapshots").rglob("*.sql")]:
            nodes |= set(re.findall(r"(?:name:|snapshot)\s+(\w+)", path.read_text(encoding="utf-8", errors="replace")))
        return nodes


def unknown_targets(document: Document, targets: list[str]) -> Iterator[Problem]:
    """Changes for a target that the project doesn't have."""
    changes = document.value.get("targets") if isinstance(document.value, dict) else None
    for name in changes if isinstance(changes, dict) else ():
        if name not in targets:
            hint = _near(name, targets) or f"Targets: {', '.join(targets) or 'none'}."
            yield document.problem(
                ("targets", name, KEY), "unknown-target", f"the project has no target {name!r}", hint
            )


def _profiles(job: JobSpec) -> Iterator[tuple[Location, str]]:
    if isinstance(job.resources, str):
        yield ("resources",), job.resources
    for index, task in enumerate(job.tasks):
        if isinstance(task.resources, str):
            yield ("tasks", index, "resources"), task.resources


def _profile(document: Document, at: Location, name: str, target: Target) -> Iterator[Problem]:
    profiles = target.spec.resources if target.spec is not None else {}
    if name not in profiles:
        message = f"the target {target.name} has no resource profile {name!r}"
        hint = _near(name, list(profiles)) or f"Add it under resources in targets/{target.name}.yml."
        yield document.problem(at, "unknown-profile", message, hint)


def _top_names(path: Path) -> set[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return {"*"}  # ruff and the tests say what is wrong with it
    return set(_bound(tree.body))


def _bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that statements bind, those inside if, try, with, for and while too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (name.id for one in targets for name in ast.walk(one) if isinstance(name, ast.Name))
        for part in ("body", "orelse", "finalbody"):
            yield from _bound(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            yield from _bound(handler.body)


def _path_of(module: str) -> str:
    return f"src/{module.replace('.', '/')}.py"


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else ""
