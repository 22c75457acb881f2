"""An OpenLineage event (specification 2-0-2), validated at the border."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from olo_jobs.explain import message_of
from olo_jupyter.backends.lineage.facets import (
    DatasetFacets,
    InputFacets,
    JobFacets,
    Name,
    Open,
    OutputFacets,
    RunFacets,
    RunId,
)
from olo_jupyter.errors import OloError

AHEAD = timedelta(days=1)
"""How far in the future an event may be: one of the year 2999 would be the newest for ever."""


class EventError(OloError):
    """An event that isn't valid; nothing of it was stored.

    Args:
        place: Where in the event, as a JSON path: ``$.run.runId``.
    """

    default_code = "lineage-invalid"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}", hint="See the OpenLineage specification, version 2-0-2.")
        self.place, self.problem = place, problem


def _time(value: str) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("not a date and time such as 2026-01-31T06:00:00Z") from None
    if at.tzinfo is None:
        raise ValueError("a time without its zone: write 2026-01-31T06:00:00Z")
    try:
        ahead = at.astimezone(UTC) > datetime.now(UTC) + AHEAD
    except OverflowError:
        raise ValueError("outside the calendar") from None
    if ahead:
        raise ValueError("more than a day in the future: is the sender's clock right?")
    return value


class Run(Open):
    """A run."""

    id: RunId = Field(alias="runId")
    facets: RunFacets = RunFacets.model_validate({})


class Job(Open):
    """A job."""

    namespace: Name
    name: Name
    facets: JobFacets = JobFacets.model_validate({})


class Dataset(Open):
    """A dataset of an event; only one that was read or written has the facets for that."""

    namespace: Name
    name: Name
    facets: DatasetFacets = DatasetFacets.model_validate({})
    read: InputFacets = Field(default=InputFacets.model_validate({}), alias="inputFacets")
    written: OutputFacets = Field(default=OutputFacets.model_validate({}), alias="outputFacets")


class _Event(Open):
    time: Annotated[str, AfterValidator(_time)] = Field(alias="eventTime")
    producer: str
    schema_url: str = Field(alias="schemaURL")

    @property
    def at(self) -> datetime:
        """When it happened, UTC."""
        return datetime.fromisoformat(self.time).astimezone(UTC)


class RunEvent(_Event):
    """A run went on."""

    type: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] | None = Field(
        default=None, alias="eventType"
    )
    run: Run
    job: Job
    inputs: list[Dataset] = Field(default_factory=list)
    outputs: list[Dataset] = Field(default_factory=list)


class JobEvent(_Event):
    """What a job reads and writes, by its design."""

    job: Job
    inputs: list[Dataset] = Field(default_factory=list)
    outputs: list[Dataset] = Field(default_factory=list)


class DatasetEvent(_Event):
    """What a dataset is like."""

    dataset: Dataset


Event = RunEvent | JobEvent | DatasetEvent


def read_event(value: Any) -> Event:
    """A JSON value as an event.

    Raises:
        EventError: It is none; says where it is wrong.
    """
    if not isinstance(value, Mapping):
        raise EventError("$", "an event is a JSON object")
    if "run" in value and "dataset" in value:
        raise EventError("$", "an event tells of a run or of a dataset, not of both")
    model: type[RunEvent | JobEvent | DatasetEvent]
    model = RunEvent if "run" in value else DatasetEvent if "dataset" in value else JobEvent
    if model is DatasetEvent and "job" in value:
        raise EventError("$", "an event of a dataset has no job")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise EventError(_path(first["loc"]), message_of(first)) from None


def _path(location: tuple[int | str, ...]) -> str:
    """A place as a JSON path.

    Example:
        >>> _path(("outputs", 0, "facets", "schema"))
        '$.outputs[0].facets.schema'
    """
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
