"""What a lineage backend answers, and the names of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import unquote

from olo_jupyter.errors import OloError

Kind = Literal["job", "dataset"]
Direction = Literal["both", "upstream", "downstream"]
LIMIT = 500
"""Nodes of a graph, where nobody says how many."""
MOST = 2000
"""Nodes that a graph may have."""


class LineageError(OloError):
    """Lineage can't be told."""

    default_code = "lineage"


class NodeName(NamedTuple):
    """A job or dataset by its name.

    Its id has the name's own colons and percent signs encoded, so that no two nodes share one.

    Example:
        >>> NodeName("dataset", "s3://lake", "silver.flights").id
        'dataset:s3%3A//lake:silver.flights'
        >>> NodeName.of("dataset:s3%3A//lake:silver.flights").namespace
        's3://lake'
    """

    kind: Kind
    namespace: str
    name: str

    @property
    def id(self) -> str:
        """The id."""
        return f"{self.kind}:{_encoded(self.namespace)}:{_encoded(self.name)}"

    @classmethod
    def of(cls, id: str) -> NodeName:
        """The name that an id stands for.

        Raises:
            LineageError: It is no id.
        """
        kind, *rest = id.split(":")
        if kind not in ("job", "dataset") or len(rest) != 2 or not all(rest):
            raise LineageError(
                f"{id[:200]!r} is no id of a node.",
                code="lineage-bad-node",
                hint="Write job:NAMESPACE:NAME or dataset:NAMESPACE:NAME; colons of names as %3A.",
            )
        return cls("job" if kind == "job" else "dataset", unquote(rest[0]), unquote(rest[1]))


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace(":", "%3A")


@dataclass(frozen=True)
class Run:
    """A run of a job."""

    id: str
    job: str
    state: str
    started: datetime | None
    ended: datetime | None
    message: str = ""
    parent: str = ""


@dataclass(frozen=True)
class Count:
    """Newest results of tests; ``warned`` are failures that only warn."""

    passed: int = 0
    failed: int = 0
    warned: int = 0
    at: datetime | None = None


@dataclass(frozen=True)
class ColumnOf:
    """A column of a dataset."""

    name: str
    type: str = ""
    description: str = ""


@dataclass(frozen=True)
class Node:
    """A job or a dataset with what is known of it; see the routes' answers for the fields."""

    id: str
    kind: Kind
    namespace: str
    name: str
    description: str = ""
    owners: Sequence[str] = ()
    parent: str = ""
    upstream: int = 0
    downstream: int = 0
    distance: int = 0
    updated: datetime | None = None
    run: Run | None = None
    tests: Count | None = None
    columns: Sequence[ColumnOf] = ()
    version: str = ""
    rows: int | None = None


@dataclass(frozen=True)
class Edge:
    """Source is read by, or writes, the target."""

    source: str
    target: str


@dataclass(frozen=True)
class Graph:
    """What is within ``depth`` edges of a node."""

    node: str
    depth: int
    direction: Direction
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    truncated: bool = False


@dataclass(frozen=True, order=True)
class Place:
    """A column of a dataset; '' for what holds for all its columns."""

    node: str
    column: str


@dataclass(frozen=True)
class ColumnLink:
    """The target is made of the source."""

    source: Place
    target: Place
    kind: str = ""
    how: str = ""
    masking: bool = False


@dataclass(frozen=True)
class ColumnGraph:
    """Columns within ``depth`` steps."""

    node: str
    column: str
    depth: int
    columns: Sequence[Place]
    edges: Sequence[ColumnLink]
    truncated: bool = False


@dataclass(frozen=True)
class Match:
    """A node that a search found."""

    id: str
    kind: Kind
    namespace: str
    name: str
    state: str | None
    failing: int
    updated: datetime | None


@dataclass(frozen=True)
class Matches:
    """A page of them, and how many there are."""

    matches: Sequence[Match]
    total: int


@dataclass(frozen=True)
class Namespace:
    """A namespace."""

    name: str
    jobs: int
    datasets: int


@dataclass(frozen=True)
class Result:
    """A test of a dataset."""

    assertion: str
    column: str
    success: bool
    severity: str
    at: datetime
    run: str


@dataclass(frozen=True)
class Search:
    """What to look for: text anywhere in the name, in any case."""

    text: str = ""
    kind: Kind | None = None
    namespace: str = ""
    state: str = ""
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class Refusal:
    """An event that wasn't stored."""

    index: int
    place: str
    message: str


@dataclass(frozen=True)
class Receipt:
    """What became of events: ``stored`` are new ones."""

    received: int
    stored: int
    refused: Sequence[Refusal] = field(default_factory=tuple)


class LineageBackend(Protocol):
    """Takes OpenLineage events, answers graphs. Safe to use from several threads."""

    def add(self, events: Sequence[Any]) -> Receipt:
        """Store events (JSON values). What is known is stored once, what isn't valid not at all."""

    def graph(self, node: str, *, depth: int = 1, direction: Direction = "both", limit: int = LIMIT) -> Graph:
        """What is within ``depth`` edges of a node.

        Raises:
            LineageError: lineage-node-not-found: nobody told of it.
        """

    def columns(self, node: str, *, column: str = "", depth: int = 3) -> ColumnGraph:
        """What the columns of a dataset are made of, and what is made of them.

        Raises:
            LineageError: As graph.
        """

    def search(self, wanted: Search) -> Matches:
        """Nodes by name."""

    def namespaces(self) -> Sequence[Namespace]:
        """All namespaces, sorted."""

    def runs(self, node: str, *, limit: int = 50) -> Sequence[Run]:
        """Runs of a job, newest first.

        Raises:
            LineageError: As graph.
        """

    def tests(self, node: str) -> Sequence[Result]:
        """Tests of a dataset, failing ones first.

        Raises:
            LineageError: As graph.
        """

    def version(self) -> str:
        """What answers, by a look at it: the backend's health.

        Raises:
            OloError: It can't be reached.
        """

    def close(self) -> None:
        """Close the connections."""


def not_found(node: NodeName) -> LineageError:
    """Nobody told of this node."""
    return LineageError(
        f"There is no lineage of the {node.kind} {node.name} in {node.namespace}.",
        code="lineage-node-not-found",
        hint="It appears with the first run that reads or writes it, or by a search under another name.",
    )
