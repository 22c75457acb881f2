"""Marquez as the lineage backend, by its published API (version 0.51)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx

from olo_jupyter.backends.lineage.base import (
    LIMIT,
    MOST,
    ColumnGraph,
    ColumnLink,
    ColumnOf,
    Count,
    Direction,
    Edge,
    Graph,
    Kind,
    LineageError,
    Match,
    Matches,
    Namespace,
    Node,
    NodeName,
    Place,
    Receipt,
    Refusal,
    Result,
    Run,
    Search,
    not_found,
)
from olo_jupyter.backends.lineage.event import EventError, read_event
from olo_jupyter.backends.registry import Kind as BackendKind
from olo_jupyter.backends.upstream.authority import authority_hint
from olo_jupyter.backends.upstream.client import AWAY, Upstream, json_object, retry_after, segment
from olo_jupyter.config import Settings
from olo_jupyter.service_settings import BackendSettings

ATTEMPTS = 2
TESTED = 100
"""Datasets of a graph, the nearest first, whose tests are asked for: Marquez's graph doesn't tell them."""
SEARCHED = 1000
"""What a search asks for at least: Marquez gives hits in no order, so a page is cut here."""
_AT_ONCE = 8
_API = "api/v1"
_AWAY_HINT = "Try again when it answers; the other panels work on."
_STATES = {"NEW": "unknown", "RUNNING": "running", "COMPLETED": "success", "FAILED": "failed", "ABORTED": "cancelled"}
_CODES = {400: "lineage-invalid", 401: "lineage-unauthorized", 403: "lineage-forbidden", 404: "lineage-node-not-found"}


class Marquez:
    """One Marquez; a LineageBackend.

    Args:
        url: Its address.
        headers: The authorization, where a proxy before it wants one.
        setting: Its name under backends in olo.yml, for hints.
        options: Of :class:`Upstream`: ca_file, transport.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = 10.0,
        setting: str = "marquez",
        **options: Any,
    ) -> None:
        self._setting = setting
        self._upstream = Upstream(
            url, self, headers=headers, seconds=seconds, attempts=ATTEMPTS, patience=seconds, **options
        )

    def add(self, events: Sequence[Any]) -> Receipt:
        """Post events one by one. Marquez takes an event that it knows again, so all that it took count as stored."""
        refused: list[Refusal] = []
        for index, value in enumerate(events):
            try:
                read_event(value)
                self._upstream.send("POST", f"{_API}/lineage", body=value, repeatable=True)
            except EventError as error:
                refused.append(Refusal(index, error.place, error.problem))
            except LineageError as error:
                if error.code != "lineage-invalid":
                    raise
                refused.append(Refusal(index, "$", error.message))
        return Receipt(len(events), len(events) - len(refused), tuple(refused))

    def graph(self, node: str, *, depth: int = 1, direction: Direction = "both", limit: int = LIMIT) -> Graph:
        """What is within ``depth`` edges.

        Marquez counts hops from job to job, beginning at one of a dataset's jobs: two more than half our depth hold all
        of it, and the neighbours of the outermost nodes.
        """
        start = NodeName.of(node)
        nodes, edges = self._around(start, depth // 2 + 2)
        distance, truncated = _reach(start, edges, depth, direction, min(limit, MOST))
        tested = self._tested([name for name in distance if name.kind == "dataset"][:TESTED])
        shown = [
            replace(
                nodes.get(name) or Node(name.id, name.kind, name.namespace, name.name),
                distance=far,
                upstream=sum(target == name for _, target in edges),
                downstream=sum(source == name for source, _ in edges),
                tests=tested.get(name),
            )
            for name, far in distance.items()
        ]
        return Graph(
            node, depth, direction,
            sorted(shown, key=lambda one: (one.distance, one.kind, one.namespace, one.name)),
            sorted(
                (Edge(a.id, b.id) for a, b in edges if a in distance and b in distance),
                key=lambda edge: (edge.source, edge.target),
            ),
            truncated,
        )  # fmt: skip

    def columns(self, node: str, *, column: str = "", depth: int = 3) -> ColumnGraph:
        """What columns are made of, and what of them.

        Marquez follows a column down only where something made that column, too. So what is made of them is asked of
        the datasets that are written by what reads this one.
        """
        start = _dataset_of(node)
        _, edges = self._around(start, depth + 1)
        below, truncated = _reach(start, edges, 2 * depth, "downstream", LIMIT)
        links = set(self._made_of(start, column, depth))
        others = [name for name in below if name.kind == "dataset" and name != start]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for found in pool.map(lambda one: self._made_of(one, "", 1), others):
                links.update(found)
        ordered = sorted(_followed(links, start, column, depth), key=lambda link: (link.target, link.source))
        places = sorted({place for link in ordered for place in (link.source, link.target)})
        return ColumnGraph(node, column, depth, places, ordered, truncated)

    def _around(self, start: NodeName, hops: int) -> tuple[dict[NodeName, Node], set[tuple[NodeName, NodeName]]]:
        """The nodes within so many hops from job to job, and what is between them."""
        told = self._get("lineage", start, nodeId=_id(start), depth=hops)
        nodes: dict[NodeName, Node] = {}
        edges: set[tuple[NodeName, NodeName]] = set()
        for one in _list(told, "graph"):
            data = one.get("data") or {}
            if one.get("type") == "JOB":
                name = NodeName("job", _text(data, "namespace"), _text(data, "name"))
                nodes[name] = _job(name, data)
                edges |= {(_dataset_name(of), name) for of in _list(data, "inputs")}
                edges |= {(name, _dataset_name(of)) for of in _list(data, "outputs")}
            elif one.get("type") == "DATASET":
                name = NodeName("dataset", _text(data, "namespace"), _text(data, "name"))
                nodes[name] = _dataset(name, data)
        if start not in nodes:
            raise not_found(start)
        return nodes, edges

    def _tested(self, datasets: Sequence[NodeName]) -> dict[NodeName, Count]:
        """The newest results of their tests, where there are any."""

        def counted(name: NodeName) -> Count | None:
            try:
                return _count(self._get(f"namespaces/{segment(name.namespace)}/datasets/{segment(name.name)}", name))
            except LineageError as error:
                if error.code != "lineage-node-not-found":  # hidden since
                    raise
                return None

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = zip(datasets, pool.map(counted, datasets), strict=True)
            return {name: count for name, count in found if count is not None}

    def _made_of(self, dataset: NodeName, column: str, depth: int) -> list[ColumnLink]:
        """What the columns of a dataset are made of; nothing where Marquez knows no columns of it."""
        try:
            told = self._get("column-lineage", dataset, nodeId=_id(dataset, column), depth=depth)
        except LineageError as error:
            if error.code != "lineage-node-not-found":
                raise
            return []
        links = []
        for one in _list(told, "graph"):
            data = one.get("data") or {}
            target = Place(_field_dataset(data).id, _text(data, "field"))
            for made_of in _list(data, "inputFields"):
                kind = _text(made_of, "transformationType").upper()
                known = kind in ("DIRECT", "INDIRECT")
                how = _text(made_of, "transformationDescription") or ("" if known else kind)
                source = Place(_field_dataset(made_of).id, _text(made_of, "field"))
                links.append(ColumnLink(source, target, kind if known else "", how))
        return links

    def search(self, wanted: Search) -> Matches:
        """Nodes by name; Marquez can't search by state.

        Raises:
            LineageError: lineage-not-supported: a search by state.
        """
        if wanted.state:
            raise LineageError("Marquez can't search by state.", code="lineage-not-supported", hint="Search by name.")
        most = max(SEARCHED, wanted.offset + wanted.limit + 1)
        parameters: dict[str, Any] = {"q": wanted.text or "%", "limit": most}
        if wanted.kind:
            parameters["filter"] = wanted.kind.upper()
        if wanted.namespace:
            parameters["namespace"] = wanted.namespace
        told = self._get("search", None, **parameters)
        text, found = wanted.text.lower(), []
        for one in _list(told, "results"):
            kind: Kind = "job" if one.get("type") == "JOB" else "dataset"
            name = NodeName(kind, _text(one, "namespace"), _text(one, "name"))
            if text in name.name.lower():  # its % and _ stand for anything
                found.append(Match(name.id, kind, name.namespace, name.name, None, 0, _time(one, "updatedAt")))
        found.sort(key=lambda one: (not one.name.lower().startswith(text), one.name, one.namespace, one.kind))
        return Matches(found[wanted.offset : wanted.offset + wanted.limit], len(found))

    def namespaces(self) -> Sequence[Namespace]:
        """All namespaces."""
        names = sorted(_text(one, "name") for one in _list(self._get("namespaces", None, limit=1000), "namespaces"))
        return [
            Namespace(
                name,
                int(self._get(f"namespaces/{segment(name)}/jobs", None, limit=1).get("totalCount") or 0),
                int(self._get(f"namespaces/{segment(name)}/datasets", None, limit=1).get("totalCount") or 0),
            )
            for name in names
        ]

    def runs(self, node: str, *, limit: int = 50) -> Sequence[Run]:
        """Runs of a job, newest first."""
        job = NodeName.of(node)
        if job.kind != "job":
            raise LineageError("Only jobs have runs.", code="lineage-bad-node")
        path = f"namespaces/{segment(job.namespace)}/jobs/{segment(job.name)}/runs"
        found = [_run(one, node) for one in _list(self._get(path, job, limit=limit), "runs")]
        return sorted(found, key=lambda run: (run.started or _NEVER, run.id), reverse=True)

    def tests(self, node: str) -> Sequence[Result]:
        """Tests of a dataset: those of its newest dataQualityAssertions facet."""
        name = _dataset_of(node)
        told = self._get(f"namespaces/{segment(name.namespace)}/datasets/{segment(name.name)}", name)
        facet = (told.get("facets") or {}).get("dataQualityAssertions") or {}
        at = _time(told, "updatedAt") or _NEVER
        found = [
            Result(
                _text(one, "name") or _text(one, "assertion"), _text(one, "column"), one.get("success") is True,
                _text(one, "severity").lower(), at, _text(told, "currentRunId"),
            )
            for one in _list(facet, "assertions")
        ]  # fmt: skip
        return sorted(found, key=lambda one: (one.success, one.assertion, one.column))

    def version(self) -> str:
        """That it answers: it doesn't tell its version."""
        self._get("namespaces", None, limit=1)
        return "Marquez"

    def close(self) -> None:
        """Close the connections."""
        self._upstream.close()

    def good(self, response: httpx.Response) -> bool:
        """Whether it is what was asked for; what was posted is answered with nothing."""
        return response.is_success and (response.request.method == "POST" or json_object(response) is not None)

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:
        """When a request may be sent again."""
        if response.status_code == 429 or (response.status_code in AWAY and repeatable):
            return retry_after(response) or 0.0
        return None

    def unreachable(self, why: str) -> LineageError:
        """Marquez doesn't answer."""
        hint = authority_hint(why, f"backends.{self._setting}.ca_file") or _AWAY_HINT
        return LineageError(f"Marquez can't be reached: {why}", code="lineage-unavailable", hint=hint)

    def refused(self, response: httpx.Response, path: str) -> LineageError:
        """What Marquez says of a request that it doesn't do."""
        status = response.status_code
        if response.is_success or response.is_redirect:
            return LineageError(
                f"Marquez answered something that isn't its API's at {path}.",
                code="lineage-protocol",
                hint="Is this address Marquez's API (port 5000), not its pages?",
            )
        code = _CODES.get(status, "lineage-unavailable" if status >= 500 else "lineage-invalid")
        said = str((json_object(response) or {}).get("message") or "")[:500]
        return LineageError(f"Marquez answered {status}{': ' + said if said else ''}.", code=code)

    def _get(self, path: str, node: NodeName | None, /, **parameters: Any) -> dict[str, Any]:
        try:
            return json_object(self._upstream.send("GET", f"{_API}/{path}", parameters=parameters)) or {}
        except LineageError as error:
            if node is not None and error.code == "lineage-node-not-found":
                raise not_found(node) from error
            raise


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _id(name: NodeName, column: str = "") -> str:
    """Marquez's id: its names' colons aren't encoded, so it reads some names as others.

    Raises:
        LineageError: lineage-not-supported: this is such a name.
    """
    parts = [name.kind, name.namespace, name.name]
    if column:
        parts = ["datasetField", name.namespace, name.name, column]
    id = ":".join(parts)
    if "#" in id or (id.count(":") >= len(parts) and re.split(r":(?!//|\d)", id, maxsplit=len(parts) - 1) != parts):
        raise LineageError(
            f"Marquez can't be asked for {name.name} in {name.namespace}: its ids don't tell such names apart.",
            code="lineage-not-supported",
            hint="Use the own lineage store, or a namespace without colons.",
        )
    return id


def _dataset_of(node: str) -> NodeName:
    name = NodeName.of(node)
    if name.kind != "dataset":
        raise LineageError("Only datasets have columns and tests.", code="lineage-bad-node")
    return name


def _dataset_name(told: dict[str, Any]) -> NodeName:
    return NodeName("dataset", _text(told, "namespace"), _text(told, "name"))


def _field_dataset(told: dict[str, Any]) -> NodeName:
    return NodeName("dataset", _text(told, "namespace"), _text(told, "dataset"))


def _reach(
    start: NodeName, edges: set[tuple[NodeName, NodeName]], depth: int, direction: Direction, limit: int
) -> tuple[dict[NodeName, int], bool]:
    """The nodes within ``depth`` edges, with how far they are, and whether there were more than the limit."""
    distance, border = {start: 0}, {start}
    for step in range(1, depth + 1):
        up = {a for a, b in edges if b in border} if direction != "downstream" else set()
        down = {b for a, b in edges if a in border} if direction != "upstream" else set()
        found = sorted((up | down) - distance.keys())
        room = limit - len(distance)
        border = set(found[:room])
        distance |= dict.fromkeys(found[:room], step)
        if len(found) > room:
            return distance, True
    return distance, False


def _job(name: NodeName, told: dict[str, Any]) -> Node:
    latest = told.get("latestRun")
    parent = _text(told, "parentJobName")
    return Node(
        name.id, "job", name.namespace, name.name, _text(told, "description"),
        parent=NodeName("job", name.namespace, parent).id if parent else "", updated=_time(told, "updatedAt"),
        run=_run(latest, name.id) if isinstance(latest, dict) else None,
    )  # fmt: skip


def _followed(links: Iterable[ColumnLink], start: NodeName, column: str, depth: int) -> set[ColumnLink]:
    """The links that lead to the columns asked for, or away from them, in so many steps."""
    followed: set[ColumnLink] = set()
    for up in (True, False):
        ends = [(link, *((link.target, link.source) if up else (link.source, link.target))) for link in links]
        border = {here for _, here, _ in ends if here.node == start.id and column in ("", here.column)}
        for _ in range(depth):
            taken = {(link, there) for link, here, there in ends if here in border}
            followed |= {link for link, _ in taken}
            border = {there for _, there in taken}
    return followed


def _count(told: dict[str, Any]) -> Count | None:
    assertions = _list((told.get("facets") or {}).get("dataQualityAssertions") or {}, "assertions")
    if not assertions:
        return None
    failed = [one for one in assertions if one.get("success") is not True]
    warned = sum(_text(one, "severity").lower() == "warn" for one in failed)
    at = _time(told, "lastModifiedAt") or _time(told, "updatedAt")
    return Count(len(assertions) - len(failed), len(failed) - warned, warned, at)


def _dataset(name: NodeName, told: dict[str, Any]) -> Node:
    at = _time(told, "lastModifiedAt") or _time(told, "updatedAt")
    return Node(
        name.id, "dataset", name.namespace, name.name, _text(told, "description"), updated=at,
        columns=[
            ColumnOf(_text(one, "name"), _text(one, "type"), _text(one, "description")) for one in _list(told, "fields")
        ],
    )  # fmt: skip


def _run(told: dict[str, Any], job: str) -> Run:
    facets = told.get("facets") or {}
    message = _text(facets.get("errorMessage") or {}, "message")
    parent = (facets.get("parent") or {}).get("run") or {}
    return Run(
        _text(told, "id"), job, _STATES.get(_text(told, "state"), "unknown"), _time(told, "startedAt"),
        _time(told, "endedAt"), message, _text(parent, "runId"),
    )  # fmt: skip


def _text(told: dict[str, Any], key: str) -> str:
    return str(told.get(key) or "")


def _time(told: dict[str, Any], key: str) -> datetime | None:
    value = told.get(key)
    if not value:
        return None
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        raise LineageError(f"Marquez answered what this version can't read: {key}.", code="lineage-protocol") from None


def _list(told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = told.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise LineageError(f"Marquez answered what this version can't read: {key}.", code="lineage-protocol")
    return found


def connect(settings: Settings, name: str, options: BackendSettings) -> Marquez:
    """The Marquez of a project.

    Raises:
        SecretError: The token isn't where olo.yml says it is.
        LineageError: It has no url, or the certificates can't be read.
    """
    if not options.url:
        raise LineageError(f"backends.{name} in olo.yml has no url.", code="config")
    headers = {"Authorization": f"Bearer {options.token.read(settings.user)}"} if options.token else {}
    try:
        return Marquez(options.url, headers=headers, seconds=options.seconds, ca_file=options.ca_file, setting=name)
    except OSError as error:
        message = f"backends.{name}.ca_file: {options.ca_file} holds no certificates that can be read."
        raise LineageError(message, code="config") from error


KIND = BackendKind("lineage", connect)
