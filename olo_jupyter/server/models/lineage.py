"""What the lineage routes answer.

``GET /lineage/graph?node=ID&depth=1&direction=both`` → :class:`LineageGraph` (expand a node: ask for the graph around
it); ``GET /lineage/columns?node=ID&column=NAME&depth=3`` → :class:`ColumnGraph`; ``GET
/lineage/search?text=&kind=&namespace=&state=&limit=&offset=`` → :class:`LineageSearch`; ``GET /lineage/namespaces`` →
:class:`NamespaceCounts`; ``GET /lineage/runs?node=JOB`` → :class:`LineageRuns`; ``GET /lineage/tests?node=DATASET`` →
:class:`LineageTests`; ``POST /v1/lineage`` and ``/v1/lineage/batch`` take events.

A node's id is ``job:NAMESPACE:NAME`` or ``dataset:NAMESPACE:NAME``; in names ``%`` is written %25 and ``:`` %3A. The
dataset of the table ``lake.silver.flights`` is ``dataset:lake:silver.flights``; a job's is ``job:PROJECT:JOB``, a
task's ``job:PROJECT:JOB.TASK``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from olo_jupyter.server.models.base import Answer, Body, Query

NodeKind = Literal["job", "dataset"]
RunState = Literal["running", "success", "failed", "cancelled", "unknown"]
"""``cancelled`` is OpenLineage's ABORT, ``unknown`` a run that told no state."""


class LineageRun(Answer):
    """A run of a job, as its events tell."""

    id: str
    job: str = Field(description="Node id of the job.")
    state: RunState
    started: datetime | None
    ended: datetime | None
    message: str = Field(default="", description="Of a failure.")
    parent: str = Field(default="", description="Id of the run that it is a part of, '' for none.")


class TestCount(Answer):
    """The newest results of a dataset's tests."""

    passed: int = 0
    failed: int = 0
    warned: int = Field(default=0, description="Failures that only warn.")
    at: datetime | None = None


class LineageColumn(Answer):
    """A column, as a run told it."""

    name: str
    type: str = ""
    description: str = ""


class LineageTable(Answer):
    """The table of this project that a dataset is, for links to the catalog panel."""

    catalog: str
    namespace: str
    name: str


class LineageNode(Answer):
    """A job or a dataset.

    ``upstream`` and ``downstream`` count all its neighbours, shown or not: where that is more than the graph's edges
    show, the node can be expanded.
    """

    id: str
    kind: NodeKind
    namespace: str
    name: str
    description: str = ""
    owners: list[str] = Field(default_factory=list)
    parent: str = Field(default="", description="Node id of the job that this task is a part of, '' for none.")
    upstream: int = 0
    downstream: int = 0
    distance: int = Field(default=0, description="Edges from the node that was asked for.")
    updated: datetime | None = Field(default=None, description="Dataset: last written; job: its newest event.")
    run: LineageRun | None = Field(
        default=None, description="Job: its newest run. Dataset: the run that wrote it last."
    )
    tests: TestCount | None = Field(default=None, description="Dataset: None where it has no tests.")
    columns: list[LineageColumn] = Field(default_factory=list, description="Dataset.")
    version: str = Field(default="", description="Dataset: snapshot id that was written last.")
    rows: int | None = Field(default=None, description="Dataset: rows that the last run wrote.")
    table: LineageTable | None = Field(default=None, description="Dataset: where it is a table of this project.")


class LineageEdge(Answer):
    """The source is read by, or writes, the target."""

    source: str
    target: str


class LineageGraph(Answer):
    """The nodes within ``depth`` edges of ``node``; ``truncated`` where there are more than the bound allows."""

    node: str
    depth: int
    direction: Literal["both", "upstream", "downstream"]
    nodes: list[LineageNode]
    edges: list[LineageEdge]
    truncated: bool = False


class ColumnPlace(Answer):
    """A column of a dataset."""

    node: str
    column: str


class ColumnEdge(Answer):
    """The target column is made of the source column; a target column '' stands for all columns of the dataset.

    ``kind`` is OpenLineage's: DIRECT (the value) or INDIRECT (a filter, join, group, sort, window or condition), ''
    where the event doesn't say; ``how`` names the transformation, e.g. IDENTITY, AGGREGATION, FILTER.
    """

    source: ColumnPlace
    target: ColumnPlace
    kind: Literal["DIRECT", "INDIRECT", ""] = ""
    how: str = ""
    masking: bool = False


class ColumnGraph(Answer):
    """The columns within ``depth`` steps of those of ``node`` (of its ``column``, where one is named)."""

    node: str
    column: str
    depth: int
    columns: list[ColumnPlace]
    edges: list[ColumnEdge]
    truncated: bool = False


class LineageMatch(Answer):
    """A node that a search found."""

    id: str
    kind: NodeKind
    namespace: str
    name: str
    state: RunState | None = Field(description="Of the newest run of a job, of the last writer of a dataset.")
    failing: int = Field(description="Failing tests of a dataset.")
    updated: datetime | None


class LineageSearch(Answer):
    """Matches, those whose name begins with the text first; ``total`` counts all."""

    matches: list[LineageMatch]
    total: int


class NamespaceCount(Answer):
    """A namespace, with how many jobs and datasets it has."""

    name: str
    jobs: int
    datasets: int


class NamespaceCounts(Answer):
    """All namespaces, sorted."""

    namespaces: list[NamespaceCount]


class LineageRuns(Answer):
    """Runs of a job, newest first."""

    runs: list[LineageRun]


class TestResult(Answer):
    """A test of a dataset, as the newest run told it."""

    assertion: str = Field(description="What is tested, e.g. not_null.")
    column: str = Field(description="'' where it is of the whole dataset.")
    success: bool
    severity: str = Field(description="error, warn or ''.")
    at: datetime
    run: str = Field(description="Id of the run that told it.")


class LineageTests(Answer):
    """Tests of a dataset, failing ones first."""

    tests: list[TestResult]


class EventSummary(Answer):
    """How many events came, and what became of them."""

    received: int
    successful: int
    failed: int


class FailedEvent(Answer):
    """An event that wasn't stored; ``reason`` names the place in it."""

    index: int
    reason: str
    retriable: bool = False


class EventReceipt(Answer):
    """What became of posted events, as OpenLineage's API says it; ``stored`` counts the new ones among them."""

    status: Literal["success", "partial_success"]
    summary: EventSummary
    failed_events: list[FailedEvent]
    stored: int


class PostedEvent(Body):
    """An OpenLineage event: of a run, a job or a dataset."""

    model_config = ConfigDict(extra="allow", frozen=True)


class PostedEvents(Body):
    """A list of OpenLineage events."""

    events: list[Any]

    @model_validator(mode="before")
    @classmethod
    def _is_a_list(cls, value: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError("a batch is a list of events")
        return {"events": value}


class GraphQuery(Query):
    """Which graph."""

    node: str
    depth: int = Field(default=1, ge=0, le=10)
    direction: Literal["both", "upstream", "downstream"] = "both"
    limit: int = Field(default=500, ge=1, le=2000, description="Nodes at most.")


class ColumnQuery(Query):
    """Which columns: those of a dataset, or one of them."""

    node: str
    column: str = ""
    depth: int = Field(default=3, ge=1, le=10)


class NodeQuery(Query):
    """Which node."""

    node: str
    limit: int = Field(default=50, ge=1, le=1000)


class SearchQuery(Query):
    """What to look for: text anywhere in the name, in any case; all of them by default."""

    text: str = ""
    kind: NodeKind | None = None
    namespace: str = ""
    state: RunState | None = None
    limit: int = Field(default=50, ge=1, le=500)
    offset: int = Field(default=0, ge=0)
