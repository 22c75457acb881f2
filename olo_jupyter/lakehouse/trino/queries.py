"""The queries that a Trino server knows of, as far as the person may see them: its REST interface, as the person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.errors import ON_THE_WAY, from_http

TEXT = 10_000
"""Characters of a query's text that are kept."""
ENDED = ("FINISHED", "FAILED")
_DURATION = re.compile(r"([\d.]+)(ns|us|ms|s|m|h|d)")
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}
_SIZE = re.compile(r"([\d.]+)([kMGTP]?)B")
_QUERY_ID = re.compile(r"[\w-]{1,100}")


@dataclass(frozen=True)
class KnownQuery:
    """A query. Times are milliseconds, sizes bytes; None where the server doesn't tell."""

    id: str
    state: str
    user: str
    source: str
    text: str
    created: datetime
    ended: datetime | None
    elapsed: int
    queued: int
    cpu: int | None
    rows: int | None
    bytes: int | None
    peak_memory: int | None
    progress: float | None
    resource_group: str
    error: str


@dataclass(frozen=True)
class Group:
    """A resource group, counted from the queries that the person may see."""

    name: str
    running: int
    queued: int
    memory: int
    cpu: int


def known_queries(connection: Connection) -> list[KnownQuery]:
    """Queries that the server still knows of: running ones first, then the newest.

    Raises:
        QueryError: The server can't be reached, or refuses.
    """
    told = _ask(connection, "GET", "/v1/query")
    if not isinstance(told, list):
        raise QueryError("Trino answered no list of queries.", code="trino-protocol")
    queries = [_query(one) for one in told]
    return sorted(queries, key=lambda one: (one.state in ENDED, -one.created.timestamp()))


def cancel(connection: Connection, id: str) -> None:
    """Tell a query to stop; one that has ended stays as it is.

    Raises:
        QueryError: query-not-found: no query's id; permission-denied: it is somebody else's.
    """
    if not _QUERY_ID.fullmatch(id):
        raise QueryError(f"{id[:100]!r} is no query's id.", code="query-not-found")
    _ask(connection, "DELETE", f"/v1/query/{quote(id, safe='')}")


def groups(queries: Sequence[KnownQuery]) -> list[Group]:
    """The resource groups of queries that haven't ended.

    Example:
        >>> groups([])
        []
    """
    alive = [one for one in queries if one.state not in ENDED]
    return [
        Group(
            name,
            running=sum(one.state != "QUEUED" for one in alive if one.resource_group == name),
            queued=sum(one.state == "QUEUED" for one in alive if one.resource_group == name),
            memory=sum(one.peak_memory or 0 for one in alive if one.resource_group == name),
            cpu=sum(one.cpu or 0 for one in alive if one.resource_group == name),
        )
        for name in sorted({one.resource_group for one in alive})
    ]


def _ask(connection: Connection, method: str, path: str) -> Any:
    request = connection.requests(connection.client(Where("", "")))
    address = f"{connection.address}{path}"
    try:
        response = request.get(address) if method == "GET" else request.delete(address)
    except ON_THE_WAY as error:
        raise from_http(error, connection.address, connection.user) from error
    if response.status_code in (404, 410):
        raise QueryError("Trino doesn't know this query (any more).", code="query-not-found")
    if response.status_code in (401, 403):
        raise QueryError(
            f"Trino doesn't let {connection.user} do this.",
            code="permission-denied",
            hint="A query can be stopped by its owner, or by whom Trino's access control names.",
        )
    if not response.ok:
        raise QueryError(f"Trino answered {response.status_code}.", code="trino-unavailable")
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError as error:
        raise QueryError("Trino answered something that isn't JSON.", code="trino-protocol") from error


def _query(told: Any) -> KnownQuery:
    try:
        session, stats = told["session"], told["queryStats"]
        error = told.get("errorCode") or {}
        return KnownQuery(
            id=told["queryId"],
            state=told["state"],
            user=session.get("user") or "",
            source=session.get("source") or "",
            text=(told.get("query") or "")[:TEXT],
            created=_moment(stats["createTime"]),
            ended=_moment(stats["endTime"]) if stats.get("endTime") else None,
            elapsed=_milliseconds(stats.get("elapsedTime")) or 0,
            queued=_milliseconds(stats.get("queuedTime")) or 0,
            cpu=_milliseconds(stats.get("totalCpuTime")),
            rows=stats.get("rawInputPositions"),
            bytes=_bytes(stats.get("rawInputDataSize")),
            peak_memory=_bytes(stats.get("peakUserMemoryReservation")),
            progress=stats.get("progressPercentage"),
            resource_group=".".join(told.get("resourceGroupId") or []),
            error=str(error.get("name") or ""),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise QueryError(
            "Trino told of a query in a way that this version can't read.", code="trino-protocol"
        ) from problem


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _milliseconds(text: str | None) -> int | None:
    """A duration as Trino writes it.

    Example:
        >>> _milliseconds("1.50s"), _milliseconds("2.00m"), _milliseconds(None)
        (1500, 120000, None)
    """
    found = _DURATION.fullmatch(text or "")
    return round(float(found[1]) * _MILLISECONDS[found[2]]) if found else None


def _bytes(text: str | None) -> int | None:
    """A size as Trino writes it, in powers of 1024.

    Example:
        >>> _bytes("1.5kB"), _bytes("12B"), _bytes(None)
        (1536, 12, None)
    """
    found = _SIZE.fullmatch(text or "")
    return round(float(found[1]) * 1024 ** " kMGTP".index(found[2] or " ")) if found else None
