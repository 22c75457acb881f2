"""The job spec, version 1: what ``jobs/*.yml`` may say. The contract between project, runner and orchestrators.

Only pydantic here: this distribution is installed into orchestrators' own environments.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from olo_jobs.fields import Name, SecretRef, Span, SpecModel, seconds, size
from olo_jobs.notify import Notification, Notify
from olo_jobs.overrides import partial
from olo_jobs.parameters import Parameter, parameter_values
from olo_jobs.problem import Location
from olo_jobs.resources import Resources, ResourcesOrProfile
from olo_jobs.schedule import Schedule
from olo_jobs.tasks import (
    DbtTask,
    HttpTask,
    Kind,
    PythonTask,
    Retries,
    ShellTask,
    SparkTask,
    SqlTask,
    Task,
)
from olo_jobs.template import BUILT_IN_VALUES, render
from olo_jobs.wiring import wrong_references

__all__ = [
    "BUILT_IN_VALUES",
    "DbtTask",
    "HttpTask",
    "JobSpec",
    "Kind",
    "Location",
    "Notification",
    "Notify",
    "Parameter",
    "PythonTask",
    "Resources",
    "Retries",
    "Schedule",
    "SecretRef",
    "ShellTask",
    "SparkTask",
    "SqlTask",
    "Task",
    "parameter_values",
    "render",
    "seconds",
    "size",
]


class JobBase(SpecModel):
    """What a job says, and what a target may change of it."""

    description: str = Field(default="", description="What the job is for.")
    owner: str = Field(default="", description="Person or team that answers for the job.", examples=["ana"])
    tags: list[str] = Field(default_factory=list, description="Words to find the job by.")
    schedule: Schedule | None = Field(default=None, description="When the job runs. Default: only when asked.")
    parameters: dict[Name, Parameter] = Field(
        default_factory=dict,
        description="Values that a run may be given; used as {{ name }}.",
        examples=[{"day": {"type": "date", "default": "{{ logical_date }}"}}],
    )
    retries: Retries = Field(default_factory=Retries, description="How failed tasks are tried again.")
    timeout: Span | None = Field(
        default=None, description="Time limit of each try of a task that has none of its own.", examples=["1h"]
    )
    sla: Span | None = Field(
        default=None, description="A run that isn't done by then is reported (notify.on_sla_miss).", examples=["30m"]
    )
    max_active_runs: int = Field(default=1, ge=1, description="Runs of this job that may be under way at once.")
    notify: Notify = Field(default_factory=Notify, description="Whom to tell.")
    resources: ResourcesOrProfile | None = Field(
        default=None, description="Resource profile, or resources, of tasks that name none.", examples=["small"]
    )
    tasks: list[Task] = Field(min_length=1, description="The steps.")


JobOverride = partial(JobBase, "JobOverride", "What a target changes of a job: see the documented merge rules.")


class JobSpec(JobBase):
    """A job: named tasks with dependencies, a schedule, parameters, retries."""

    version: Literal[1] = Field(description="Version of the spec.")
    name: Name = Field(description="Name of the job; its file is called <name>.yml.", examples=["daily_delays"])
    targets: dict[Name, JobOverride] = Field(  # type: ignore[valid-type]
        default_factory=dict,
        description="Changes by target: mappings are merged key by key, tasks by their name, other lists are replaced, "
        "null takes a key away.",
        examples=[{"prod": {"retries": {"attempts": 5}, "tasks": [{"name": "score", "resources": "large"}]}}],
    )

    @model_validator(mode="after")
    def _references(self) -> JobSpec:
        found = list(wrong_references(self.model_dump(by_alias=True, exclude={"targets"})))
        if found:
            text = "; ".join(one.message for one in found)
            raise PydanticCustomError("reference", "{text}", {"text": text, "found": found})
        return self

    def order(self) -> list[str]:
        """Task names, every task after those it depends on."""
        return list(TopologicalSorter({task.name: task.depends_on for task in self.tasks}).static_order())
