"""OpenLineage run events of our own runs, one JSON object a line in a file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.facet_v2 import error_message_run, parent_run
from openlineage.client.serde import Serde

from olo_jobs.activity import Activity
from olo_jobs.lineage import datasets

PRODUCER = "https://github.com/olo-jupyter/olo-jupyter"


class LineageFile:
    """Appends events to a file.

    Args:
        path: Events file, ``.jsonl``; made with its folder when missing.
        namespace: OpenLineage namespace of the jobs: the project's name.
    """

    def __init__(self, path: Path, namespace: str) -> None:
        self._path = path
        self._namespace = namespace
        path.parent.mkdir(parents=True, exist_ok=True)

    def emit(
        self,
        state: Literal["START", "COMPLETE", "FAIL", "ABORT"],
        *,
        job: str,
        run_id: str,
        parent: tuple[str, str] | None = None,
        activity: Activity | None = None,
        error: str = "",
    ) -> None:
        """Write one run event.

        Args:
            job: ``job`` or ``job.task``.
            run_id: A UUID.
            parent: Job name and run id of the run that this one is a part of.
            activity: What was read and written.
            error: Message of a failure.
        """
        facets: dict[str, object] = {}
        if parent is not None:
            facets["parent"] = parent_run.ParentRunFacet(
                run=parent_run.Run(runId=parent[1]), job=parent_run.Job(namespace=self._namespace, name=parent[0])
            )
        if error:
            facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(message=error, programmingLanguage="PYTHON")
        inputs, outputs = datasets(activity or Activity())
        event = RunEvent(
            eventType=RunState[state],
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(runId=run_id, facets=facets),  # type: ignore[arg-type]
            job=Job(namespace=self._namespace, name=job),
            inputs=inputs,
            outputs=outputs,
            producer=PRODUCER,
        )
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, (Serde.to_json(event) + "\n").encode())
        finally:
            os.close(descriptor)
