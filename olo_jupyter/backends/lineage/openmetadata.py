"""OpenMetadata as the lineage backend, by its published API (1.12): events in, tables and what made them out.

It has tables by their full name SERVICE.DATABASE.SCHEMA.TABLE and pipelines on the edges between them. A node's
namespace is the service, its name the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from olo_jupyter.backends.lineage.base import (
    LIMIT,
    ColumnGraph,
    ColumnLink,
    Direction,
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
)
from olo_jupyter.backends.lineage.event import EventError, RunEvent, read_event
from olo_jupyter.backends.lineage.remote import API, Remote, connected, drawn, followed, object_in, objects_in
from olo_jupyter.backends.registry import Kind as BackendKind
from olo_jupyter.backends.upstream.client import json_object, segment
from olo_jupyter.config import Settings
from olo_jupyter.service_settings import BackendSettings

DEEPEST = 3
"""Tables from one to the next: more isn't answered at once."""
_INDEXES: Mapping[Kind, str] = {"dataset": "table_search_index", "job": "pipeline_search_index"}
_KEYS = frozenset({"eventTime", "producer", "schemaURL", "eventType", "run", "job", "inputs", "outputs"})
_PARTS = re.compile(r'"(?:[^"]|"")*"|[^.]+')


class OpenMetadata(Remote):
    """One OpenMetadata; a LineageBackend."""

    product = "OpenMetadata"
    away_hint = "Try again when it answers."
    other_hint = "Is this its address, and no sign-in page before it?"

    def add(self, events: Sequence[Any]) -> Receipt:
        """Post events. It makes edges of those that completed and whose tables it knows, and passes over the others."""
        refused: list[Refusal] = []
        good: list[int] = []
        for index, value in enumerate(events):
            try:
                event = read_event(value)
            except EventError as error:
                refused.append(Refusal(index, error.place, error.problem))
                continue
            if isinstance(event, RunEvent):
                good.append(index)
            else:
                refused.append(Refusal(index, "$", "OpenMetadata takes events of runs only"))
        stored = 0
        if good:
            body = {"events": [_taken(events[index]) for index in good]}
            answer = self._upstream.send("POST", f"{API}/openlineage/lineage/batch", body=body, repeatable=True)
            told = json_object(answer) or {}
            stored = _successful(told, len(good))
            for one in _list(told, "failedEvents"):
                refused.append(Refusal(_sent(one, good), "$", str(one.get("reason") or "")[:500]))
        return Receipt(len(events), stored, tuple(sorted(refused, key=lambda one: one.index)))

    def graph(self, node: str, *, depth: int = 1, direction: Direction = "both", limit: int = LIMIT) -> Graph:
        """What is within ``depth`` edges of a table: a table, its pipeline and the next table are two."""
        start = _table(node)
        tables = min(-(-depth // 2), DEEPEST)
        told = self._lineage(start, tables, direction)
        nodes, links = _read(told)
        edges: set[tuple[NodeName, NodeName]] = set()
        for source, target, details in links:
            pipeline = details.get("pipeline")
            job = _node(pipeline) if isinstance(pipeline, dict) and pipeline.get("fullyQualifiedName") else None
            if job is None:
                edges.add((source, target))
            else:
                named = NodeName.of(job.id)
                nodes[named] = job
                edges |= {(source, named), (named, target)}
        found = drawn(start, nodes, edges, depth, direction, limit)
        return replace(found, truncated=found.truncated or depth > 2 * DEEPEST)

    def columns(self, node: str, *, column: str = "", depth: int = 3) -> ColumnGraph:
        """What the columns of a table are made of, and what of them, as far as the edges tell."""
        start = _table(node)
        _, told = _read(self._lineage(start, min(depth, DEEPEST), "both"))
        links = {
            ColumnLink(_column(source), _column(str(one.get("toColumn"))), "", str(one.get("function") or ""))
            for _, _, details in told
            for one in _list(details, "columnsLineage")
            for source in map(str, one.get("fromColumns") or [])
            if one.get("toColumn")
        }
        ordered = sorted(followed(links, start, column, depth), key=lambda link: (link.target, link.source))
        places = sorted({place for link in ordered for place in (link.source, link.target)})
        return ColumnGraph(node, column, depth, places, ordered, depth > DEEPEST)

    def search(self, wanted: Search) -> Matches:
        """Tables and pipelines by name.

        Raises:
            LineageError: lineage-not-supported: a search by state.
        """
        if wanted.state:
            raise _unsupported("search by state")
        found: list[Match] = []
        total = 0
        for kind, index in _INDEXES.items():
            if wanted.kind not in (None, kind):
                continue
            query = f"*{_escaped(wanted.text)}*" if wanted.text else "*"
            told = self._get(
                "search/query", None, q=query, index=index, size=wanted.offset + wanted.limit, **{"from": 0}
            )
            hits = _object(told, "hits")
            count = _object(hits, "total").get("value")
            total += count if isinstance(count, int) else 0
            for hit in _list(hits, "hits"):
                source = _object(hit, "_source")
                name = _named(kind, str(source.get("fullyQualifiedName") or ""))
                if name is None or (wanted.namespace and name.namespace != wanted.namespace):
                    continue
                at = source.get("updatedAt")
                updated = datetime.fromtimestamp(at / 1000, UTC) if isinstance(at, int) else None
                found.append(Match(name.id, kind, name.namespace, name.name, None, 0, updated))
        found.sort(key=lambda one: (one.name, one.namespace, one.kind))
        return Matches(found[wanted.offset : wanted.offset + wanted.limit], total)

    def namespaces(self) -> Sequence[Namespace]:
        """It counts nothing by service.

        Raises:
            LineageError: lineage-not-supported.
        """
        raise _unsupported("list namespaces with counts")

    def runs(self, node: str, *, limit: int = 50) -> Sequence[Run]:  # noqa: ARG002 - a backend's own
        """It keeps no runs of what posts OpenLineage.

        Raises:
            LineageError: lineage-not-supported.
        """
        raise _unsupported("tell the runs of a job")

    def tests(self, node: str) -> Sequence[Result]:  # noqa: ARG002 - a backend's own
        """Its tests are its own, not those of the events.

        Raises:
            LineageError: lineage-not-supported.
        """
        raise _unsupported("tell the tests that events told")

    def version(self) -> str:
        """Its version."""
        return f"OpenMetadata {self._get('system/version', None).get('version') or ''}".strip()

    def _lineage(self, start: NodeName, tables: int, direction: Direction) -> dict[str, Any]:
        up, down = (0 if direction == one else tables for one in ("downstream", "upstream"))
        path = f"lineage/table/name/{segment(f'{start.namespace}.{start.name}')}"
        return self._get(path, start, upstreamDepth=up, downstreamDepth=down)


def _successful(told: dict[str, Any], sent: int) -> int:
    """How many events it says that it took."""
    summary = told.get("summary")
    count = summary.get("successful") if isinstance(summary, dict) else None
    if not isinstance(count, int) or not 0 <= count <= sent:
        raise _unread("summary")
    return count


def _sent(failed: dict[str, Any], good: Sequence[int]) -> int:
    """Which event failed, counted among all."""
    index = failed.get("index")
    if not isinstance(index, int) or not 0 <= index < len(good):
        raise _unread("failedEvents")
    return good[index]


def _unread(what: str) -> LineageError:
    return LineageError(f"OpenMetadata answered what this version can't read: {what}.", code="lineage-protocol")


def _taken(event: Any) -> dict[str, Any]:
    """An event without keys that OpenMetadata's description lacks: for one such it refuses the whole batch."""
    return {key: value for key, value in event.items() if key in _KEYS}


def _escaped(text: str) -> str:
    """A text that stands for itself in the search's query language."""
    return re.sub(r"([^0-9A-Za-z_])", r"\\\1", text)


def _unsupported(what: str) -> LineageError:
    hint = "The own lineage store and Marquez can."
    return LineageError(f"OpenMetadata can't {what}.", code="lineage-not-supported", hint=hint)


def _table(node: str) -> NodeName:
    name = NodeName.of(node)
    if name.kind != "dataset":
        raise _unsupported("begin at a pipeline: it stands on the edges between tables")
    return name


def _named(kind: Kind, full: str) -> NodeName | None:
    """A full name as a node's: the service, and the rest.

    Example:
        >>> _named("dataset", '"my.trino".lake.silver.flights')
        NodeName(kind='dataset', namespace='"my.trino"', name='lake.silver.flights')
    """
    first = _PARTS.match(full)
    if first is None or not full[first.end() + 1 :]:
        return None
    return NodeName(kind, first[0], full[first.end() + 1 :])


def _column(full: str) -> Place:
    parts = _PARTS.findall(full)
    name = _named("dataset", ".".join(parts[:-1]))
    if name is None:
        raise _unread("a column")
    return Place(name.id, parts[-1].strip('"'))


def _node(told: dict[str, Any]) -> Node | None:
    kind: Kind = "job" if told.get("type") == "pipeline" else "dataset"
    name = _named(kind, str(told.get("fullyQualifiedName") or ""))
    if name is None:
        return None
    return Node(name.id, kind, name.namespace, name.name, str(told.get("description") or ""))


def _read(told: dict[str, Any]) -> tuple[dict[NodeName, Node], list[tuple[NodeName, NodeName, dict[str, Any]]]]:
    """The nodes by their names here, and the edges between them with their details."""
    entity = told.get("entity")
    if not isinstance(entity, dict):
        raise _unread("entity")
    by_uuid = {str(one.get("id")): node for one in (entity, *_list(told, "nodes")) if (node := _node(one)) is not None}
    links = []
    for one in (*_list(told, "upstreamEdges"), *_list(told, "downstreamEdges")):
        source, target = by_uuid.get(str(one.get("fromEntity"))), by_uuid.get(str(one.get("toEntity")))
        if source is not None and target is not None:
            links.append((NodeName.of(source.id), NodeName.of(target.id), _object(one, "lineageDetails")))
    return {NodeName.of(node.id): node for node in by_uuid.values()}, links


def _object(told: dict[str, Any], key: str) -> dict[str, Any]:
    return object_in(told, key, "OpenMetadata")


def _list(told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return objects_in(told, key, "OpenMetadata")


def connect(settings: Settings, name: str, options: BackendSettings) -> OpenMetadata:
    """The OpenMetadata of a project.

    Raises:
        SecretError: The token isn't where olo.yml says it is.
        LineageError: It has no url, or the certificates can't be read.
    """
    return connected(OpenMetadata, settings, name, options)


KIND = BackendKind("lineage", connect)
