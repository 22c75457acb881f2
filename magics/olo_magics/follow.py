"""``%olo jobs`` and ``%olo runs``: what the project runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olo_jupyter.errors import OloError
from olo_magics.kernel import Kernel

if TYPE_CHECKING:
    import pandas as pd


def jobs(kernel: Kernel, line: str, cell: str | None) -> pd.DataFrame:
    """``%olo jobs``: the project's jobs with schedule, tasks and last run."""
    import pandas as pd

    from olo_jupyter.jobs.store import RunStore
    from olo_jupyter.project.project import Project

    project = Project(kernel.session.settings)
    store = RunStore(kernel.session.settings.state / "runs.db")
    rows = []
    specs, problems = project.jobs()
    for problem in problems:
        print(problem)
    for name, job in specs.items():
        last = store.runs(name, limit=1)
        rows.append(
            {
                "job": name,
                "schedule": (job.schedule and (job.schedule.cron or job.schedule.every or "on update")) or "",
                "tasks": ", ".join(job.order()),
                "owner": job.owner,
                "last run": last[0].state if last else "never",
            }
        )
    return pd.DataFrame(rows, columns=["job", "schedule", "tasks", "owner", "last run"])


def runs(kernel: Kernel, line: str, cell: str | None) -> pd.DataFrame:
    """``%olo runs [JOB]``: the newest runs of a job, or of all."""
    import pandas as pd

    from olo_jupyter.jobs.store import RunStore

    records = RunStore(kernel.session.settings.state / "runs.db").runs(line or None, limit=50)
    rows = [
        {
            "run": record.id,
            "job": record.job,
            "target": record.target,
            "state": record.state,
            "started": record.started,
            "seconds": round(record.seconds, 1) if record.seconds is not None else None,
            "rows": sum(task.rows or 0 for task in record.tasks),
        }
        for record in records
    ]
    return pd.DataFrame(rows, columns=["run", "job", "target", "state", "started", "seconds", "rows"])


def status(kernel: Kernel, line: str, cell: str | None) -> pd.DataFrame:
    """``%olo status [--offline]``: your promotions: branch, pull request, checks, targets, last run, changed cells."""
    import pandas as pd

    from olo_jupyter.jobs.last import last_runs
    from olo_jupyter.promotion.standing import standings

    if line not in ("", "--offline"):
        raise OloError(f"%olo status doesn't know {line!r}.", code="magic-line", hint="It takes --offline or nothing.")
    settings = kernel.session.settings
    told = standings(settings, host=not line)
    last = last_runs(settings, told.jobs, far=not line)
    rows = [
        {
            "promotion": one.name,
            "branch": one.branch,
            "state": one.state,
            "pull request": one.pull,
            "checks": one.checks,
            "reviews": one.said,
            "deployed": one.runs_on,
            "last run": last.said(one.job),
            "cells": one.cells,
        }
        for one in told.promotions
    ]
    for unasked in filter(None, (told.unasked, last.unasked)):
        if not line:
            print(f"Not asked: {unasked}")
    if not rows:
        print("Nothing has been promoted yet: %olo promote NAME.")
    columns = [
        "promotion", "branch", "state", "pull request", "checks", "reviews", "deployed", "last run", "cells",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def doctor(kernel: Kernel, line: str, cell: str | None) -> pd.DataFrame:
    """``%olo doctor``: whether installation, catalogs, engines, Git and dbt work, and what to do where they don't."""
    import pandas as pd

    from olo_jupyter.project.doctor import examine

    if line:
        raise OloError(f"%olo doctor doesn't know {line!r}.", code="magic-line", hint="It takes nothing.")
    rows = [check.as_json() for check in examine(kernel.session.settings)]
    return pd.DataFrame(rows, columns=["area", "name", "state", "found", "hint"])
