"""What the jobs of a project would write in the sandbox, told before they run there.

The engines refuse the same writes when they come: what a statement writes can be read from its text mostly, not always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from olo_converters.graph.sql_effects import read_sql
from olo_jobs.document import read_document
from olo_jobs.problem import Location, Problem
from olo_jobs.spec import JobSpec
from olo_jobs.tasks import SqlTask
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sandbox import check_writable
from olo_jupyter.project.project import Project
from olo_jupyter.project.targets import SANDBOX


def sandbox_writes(project: Project) -> Iterator[Problem]:
    """The SQL tasks that write a table which isn't in the schema gold of the user's own catalog.

    Args:
        project: Its jobs are looked at as the sandbox has them; those that aren't well are left out.
    """
    target = project.target(SANDBOX)
    environ = target.environment()
    jobs, _ = project.jobs(SANDBOX)
    for path in project.job_files:
        job = jobs.get(path.stem)
        refused = list(_refused(project, job, target.catalog, environ)) if job is not None else []
        if not refused:
            continue
        document = read_document(path, path.relative_to(project.root).as_posix())
        for at, sql, error in refused:
            hint = f"{error.hint} For the sandbox alone: under targets: {{{SANDBOX}: …}} of the job."
            where = f"{sql.file}: " if sql.file else ""
            yield document.problem(at, error.code, f"{where}{error.message.rstrip('.')}", hint)


def _refused(
    project: Project, job: JobSpec, catalog: str, environ: Mapping[str, str]
) -> Iterator[tuple[Location, SqlTask, QueryError]]:
    for at, sql in _statements(job):
        for name in _written(project, sql, catalog):
            try:
                check_writable(name, environ)
            except QueryError as error:
                yield at, sql, error


def _statements(job: JobSpec) -> Iterator[tuple[Location, SqlTask]]:
    for index, task in enumerate(job.tasks):
        if task.sql is not None:
            yield ("tasks", index, "sql", "file" if task.sql.file else "text"), task.sql


def _written(project: Project, sql: SqlTask, catalog: str) -> Iterator[TableName]:
    """The tables that statements write, by what they say; a name without a namespace is left to the engine."""
    try:
        text = sql.text or (project.root / (sql.file or "")).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return  # validate says that it isn't there
    for parts in read_sql(text).written:
        if len(parts) >= 2:
            yield TableName(parts[-3] if len(parts) > 2 else catalog, parts[-2], parts[-1])
