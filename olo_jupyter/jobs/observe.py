"""Who is told of a run, beside its record: the people whom ``notify`` names, Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from olo_jobs.delivery import Event, Happened, Secret, deliver
from olo_jobs.spec import JobSpec, seconds
from olo_jupyter.jobs.metrics import measure
from olo_jupyter.jobs.records import ENDED, RunRecord, TaskRun


class Observer:
    """Tells of one run. What goes wrong in telling is a warning of the record, never a failure of the run.

    Args:
        job: The spec; whom to tell stands in it.
        record: The run.
        secret: Gives the credentials of channels.
        environ: Where the mail server and the places of metrics are named.
    """

    def __init__(self, job: JobSpec, record: RunRecord, secret: Secret, environ: Mapping[str, str]) -> None:
        self.job = job
        self._record, self._secret, self._environ = record, secret, environ
        self._late: threading.Timer | None = None

    def started(self, changed: Callable[[], None]) -> None:
        """The run has started: tell, and watch its SLA."""
        self._tell("start")
        if self.job.sla is not None:

            def late() -> None:
                if self._record.state not in ENDED:
                    self._record.late = True
                    self._record.warnings.append(f"It isn't done after its SLA of {self.job.sla}.")
                    self._tell("sla_miss", f"It isn't done after {self.job.sla}.")
                    changed()

            self._late = threading.Timer(seconds(self.job.sla), late)
            self._late.daemon = True
            self._late.start()

    def retried(self, run: TaskRun) -> None:
        """A task has failed and is tried again."""
        self._tell("retry", _first_lines(run.message), [run.name])

    def stop(self) -> None:
        """No more of the SLA: the run is over."""
        if self._late is not None:
            self._late.cancel()

    def ended(self) -> bool:
        """The run has ended: tell, and measure. Gives whether the record has new warnings."""
        before = len(self._record.warnings)
        if self._record.state == "success":
            self._tell("success")
        elif self._record.state == "failed":
            failed = [task for task in self._record.tasks if task.state == "failed"]
            message = "\n".join(f"{task.name}: {_first_lines(task.message)}" for task in failed)
            self._tell("failure", message, [task.name for task in failed])
        self._record.warnings += measure(self._record, self._environ)
        return len(self._record.warnings) > before

    def _tell(self, event: Event, message: str = "", tasks: list[str] | None = None) -> None:
        if not getattr(self.job.notify, f"on_{event}"):
            return
        record = self._record
        happened = Happened(
            event, record.job, record.target, record.id, datetime.now(UTC), message, tasks or [], owner=self.job.owner
        )
        record.warnings += deliver(self.job.notify, happened, self._secret, self._environ)


def _first_lines(text: str) -> str:
    return "\n".join(text.splitlines()[:10])[:2000]
