"""An OpenLineage event (specification 2-0-2), validated at the border; facets that the graph is made of are typed.

What the specification leaves open stays open: unknown facets and keys pass, if they are well-formed; null counts as
left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from olo_jupyter.errors import OloError

AHEAD = timedelta(days=1)
"""How far in the future an event may be: one of the year 2999 would be the newest for ever."""

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]  # PostgreSQL's texts hold no NUL
Name = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


class EventError(OloError):
    """An event that isn't valid; nothing of it was stored.

    Args:
        place: Where in the event, as a JSON path: ``$.run.runId``.
    """

    default_code = "lineage-invalid"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}", hint="See the OpenLineage specification, version 2-0-2.")
        self.place, self.problem = place, problem


def _run_id(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("not a UUID") from None


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


RunId = Annotated[str, AfterValidator(_run_id)]


class _Open(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Facet(_Open):
    """What every facet has."""

    producer: str = Field(alias="_producer")
    schema_url: str = Field(alias="_schemaURL")


class _Facets(_Open):
    """Named facets; those without a type of their own must be facets all the same."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, Facet]


class SchemaField(_Open):
    """A column."""

    name: Name
    type: Text | None = None
    description: Text | None = None
    fields: list[SchemaField] = Field(default_factory=list)


class SchemaFacet(Facet):
    """The columns of a dataset."""

    fields: list[SchemaField] = Field(default_factory=list)


class Transformation(_Open):
    """How a column is made of another."""

    type: Text
    subtype: Text | None = None
    masking: bool | None = None


class InputField(_Open):
    """A column that another one is made of."""

    namespace: Name
    name: Name
    field: Name
    transformations: list[Transformation] = Field(default_factory=list)


class ColumnInputs(_Open):
    """What a column is made of."""

    inputs: list[InputField] = Field(alias="inputFields")
    how: Text | None = Field(default=None, alias="transformationType")


class ColumnLineageFacet(Facet):
    """What the columns of a dataset are made of; ``dataset``: columns that all of them depend on."""

    fields: dict[Name, ColumnInputs]
    dataset: list[InputField] = Field(default_factory=list)


class Assertion(_Open):
    """The result of a test."""

    assertion: Name
    success: bool
    column: Text | None = None
    severity: Text | None = None
    name: Text | None = None


class AssertionsFacet(Facet):
    """Results of a dataset's tests."""

    assertions: list[Assertion]


class VersionFacet(Facet):
    """The version of a dataset: our runner's is the snapshot id."""

    version: Text = Field(alias="datasetVersion")


class DocumentationFacet(Facet):
    """What a job or dataset is for."""

    description: Text


class Identifier(_Open):
    """Another name of a dataset."""

    namespace: Name
    name: Name


class SymlinksFacet(Facet):
    """Other names of a dataset: Spark gives the folder of the files as its name, and the table's here."""

    identifiers: list[Identifier] = Field(default_factory=list)


class Owner(_Open):
    """Who a job or dataset belongs to."""

    name: Text


class OwnershipFacet(Facet):
    """The owners."""

    owners: list[Owner] = Field(default_factory=list)


class StatisticsFacet(Facet):
    """What a run wrote."""

    rows: int | None = Field(default=None, alias="rowCount")


class ErrorFacet(Facet):
    """Why a run failed."""

    message: Text
    language: Text = Field(alias="programmingLanguage")


class _Parent(_Open):
    run: RunReference
    job: JobReference


class RunReference(_Open):
    """A run by its id."""

    id: RunId = Field(alias="runId")


class JobReference(_Open):
    """A job by its name."""

    namespace: Name
    name: Name


class ParentFacet(Facet, _Parent):
    """The run that a run is a part of."""


class RunFacets(_Facets):
    """Facets of a run."""

    parent: ParentFacet | None = None
    error: ErrorFacet | None = Field(default=None, alias="errorMessage")


class JobFacets(_Facets):
    """Facets of a job."""

    documentation: DocumentationFacet | None = None
    ownership: OwnershipFacet | None = None


class DatasetFacets(_Facets):
    """Facets of a dataset."""

    columns: SchemaFacet | None = Field(default=None, alias="schema")
    lineage: ColumnLineageFacet | None = Field(default=None, alias="columnLineage")
    version: VersionFacet | None = None
    documentation: DocumentationFacet | None = None
    ownership: OwnershipFacet | None = None
    symlinks: SymlinksFacet | None = None
    assertions: AssertionsFacet | None = Field(default=None, alias="dataQualityAssertions")


class InputFacets(_Facets):
    """Facets of a dataset as it was read."""

    assertions: AssertionsFacet | None = Field(default=None, alias="dataQualityAssertions")


class OutputFacets(_Facets):
    """Facets of a dataset as it was written."""

    statistics: StatisticsFacet | None = Field(default=None, alias="outputStatistics")


class Run(_Open):
    """A run."""

    id: RunId = Field(alias="runId")
    facets: RunFacets = RunFacets.model_validate({})


class Job(_Open):
    """A job."""

    namespace: Name
    name: Name
    facets: JobFacets = JobFacets.model_validate({})


class Dataset(_Open):
    """A dataset of an event; only one that was read or written has the facets for that."""

    namespace: Name
    name: Name
    facets: DatasetFacets = DatasetFacets.model_validate({})
    read: InputFacets = Field(default=InputFacets.model_validate({}), alias="inputFacets")
    written: OutputFacets = Field(default=OutputFacets.model_validate({}), alias="outputFacets")


class _Event(_Open):
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
        raise EventError(_path(first["loc"]), str(first["msg"]).removeprefix("Value error, ")) from None


def _path(location: tuple[int | str, ...]) -> str:
    """A place as a JSON path.

    Example:
        >>> _path(("outputs", 0, "facets", "schema"))
        '$.outputs[0].facets.schema'
    """
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
