"""What the health routes and those of Trino's queries answer.

``GET /health`` → :class:`Health` (answers at once with what is known; services are looked at in the background, no
more often than every ten seconds however many people watch); ``GET /trino/queries?state=&user=`` →
:class:`TrinoQueries`; ``POST /trino/queries/{id}/cancel`` → :class:`QueryCancelled`; ``GET /trino/resource-groups`` →
:class:`ResourceGroups`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from olo_jupyter.server.models.base import Answer, Query

ServiceKind = Literal["catalog", "orchestrator", "experiments", "lineage", "engine", "git", "store"]
CircuitState = Literal["closed", "open", "half-open", ""]
ServiceState = Literal["up", "degraded", "down", "unknown"]
"""``degraded``: it answers, but slowly, or not all of it is well; ``unknown``: not looked at yet."""


class ServiceHealth(Answer):
    """A configured service."""

    name: str = Field(description="As olo.yml names it.")
    kind: ServiceKind
    type: str = Field(description="What it is, e.g. airflow, mlflow, marquez, trino, rest, sql, local.")
    state: ServiceState
    version: str = ""
    latency: float | None = Field(default=None, description="Milliseconds of the last look; None where it failed.")
    circuit: CircuitState = Field(
        default="", description="open: not asked for a while, since it failed several times in a row; '' for none."
    )
    message: str = ""
    hint: str = ""
    checked: datetime | None = Field(default=None, description="When it was looked at last.")
    since: datetime | None = Field(default=None, description="Since when it is in this state.")
    url: str = Field(default="", description="Its pages for people, '' for none.")


class HealthLink(Answer):
    """A link of the project, e.g. to Grafana."""

    title: str
    url: str


class RecentFailure(Answer):
    """A run that failed in the last seven days, or missed its SLA."""

    run: str
    job: str
    target: str
    at: datetime
    message: str


class Counts(Answer):
    """Of the project and its last 24 hours."""

    jobs: int
    running: int
    succeeded: int
    failed: int


class Health(Answer):
    """State of every service, what failed of late, and counts; services that are down come first."""

    services: list[ServiceHealth]
    failures: list[RecentFailure]
    sla_misses: list[RecentFailure]
    counts: Counts
    links: list[HealthLink]


class TrinoQuery(Answer):
    """A query that Trino knows of. Times are milliseconds, sizes bytes."""

    id: str
    state: str = Field(description="Trino's own: QUEUED, PLANNING, RUNNING, FINISHING, FINISHED, FAILED …")
    user: str
    source: str
    text: str = Field(description="At most 10,000 characters of it.")
    created: datetime
    ended: datetime | None
    elapsed: int
    queued: int
    cpu: int | None
    rows: int | None
    bytes: int | None
    peak_memory: int | None
    progress: float | None = Field(description="Per cent, None where Trino can't tell.")
    resource_group: str
    error: str
    mine: bool = Field(description="Of the person who asks: may be cancelled.")


class TrinoQueries(Answer):
    """Queries that the person may see, running ones first, then newest first."""

    queries: list[TrinoQuery]


class QueryCancelled(Answer):
    """The query that was told to stop."""

    id: str


class ResourceGroup(Answer):
    """A resource group with queries in it, counted from those that the person may see."""

    name: str
    running: int
    queued: int
    memory: int
    cpu: int


class ResourceGroups(Answer):
    """Resource groups by name."""

    groups: list[ResourceGroup]


class TrinoQueryQuery(Query):
    """Which queries: in a state, of a user; all by default."""

    state: str = ""
    user: str = ""
    limit: int = Field(default=200, ge=1, le=1000)
