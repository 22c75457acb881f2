"""The facets of OpenLineage events (specification 2-0-2) that the graph is made of, typed.

What the specification leaves open stays open: unknown facets and keys pass, if they are well-formed; null counts as
left out.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]  # PostgreSQL's texts hold no NUL
Name = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


def _run_id(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("not a UUID") from None


RunId = Annotated[str, AfterValidator(_run_id)]


class Open(BaseModel):
    """A part of an event: what isn't known here passes."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Facet(Open):
    """What every facet has."""

    producer: str = Field(alias="_producer")
    schema_url: str = Field(alias="_schemaURL")


class _Facets(Open):
    """Named facets; those without a type of their own must be facets all the same."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, Facet]


class SchemaField(Open):
    """A column."""

    name: Name
    type: Text | None = None
    description: Text | None = None
    fields: list[SchemaField] = Field(default_factory=list)


class SchemaFacet(Facet):
    """The columns of a dataset."""

    fields: list[SchemaField] = Field(default_factory=list)


class Transformation(Open):
    """How a column is made of another."""

    type: Text
    subtype: Text | None = None
    masking: bool | None = None


class InputField(Open):
    """A column that another one is made of."""

    namespace: Name
    name: Name
    field: Name
    transformations: list[Transformation] = Field(default_factory=list)


class ColumnInputs(Open):
    """What a column is made of."""

    inputs: list[InputField] = Field(alias="inputFields")
    how: Text | None = Field(default=None, alias="transformationType")


class ColumnLineageFacet(Facet):
    """What the columns of a dataset are made of; ``dataset``: columns that all of them depend on."""

    fields: dict[Name, ColumnInputs]
    dataset: list[InputField] = Field(default_factory=list)


class Assertion(Open):
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


class Identifier(Open):
    """Another name of a dataset."""

    namespace: Name
    name: Name


class SymlinksFacet(Facet):
    """Other names of a dataset: Spark gives the folder of the files as its name, and the table's here."""

    identifiers: list[Identifier] = Field(default_factory=list)


class Owner(Open):
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


class _Parent(Open):
    run: RunReference
    job: JobReference


class RunReference(Open):
    """A run by its id."""

    id: RunId = Field(alias="runId")


class JobReference(Open):
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
