"""Marquez as the lineage backend, by its published API (version 0.51)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2 as httpx

from olo_jupyter.backends.lineage.base import (
    LIMIT,
    MOST,
    ColumnGraph,
    ColumnLink,
    Count,
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
    not_found,
)
from olo_jupyter.backends.lineage.event import EventError, read_event
from olo_jupyter.backends.lineage.marquez_answers import (
    NEVER,
    count_of,
    dataset_name,
    dataset_of,
    field_dataset,
    list_of,
    node_id,
    object_of,
    read_count,
    read_dataset,
    read_job,
    read_run,
    text_of,
    time_of,
)
from olo_jupyter.backends.lineage.remote import API, Remote, connected, drawn, followed, reach
from olo_jupyter.backends.registry import Kind as BackendKind
from olo_jupyter.backends.upstream.client import json_object, segment
from olo_jupyter.config import Settings
from olo_jupyter.service_settings import BackendSettings

TESTED = 100
"""Datasets of a graph, the nearest first, whose tests are asked for: Marquez's graph doesn't tell them."""
SEARCHED = 1000
"""What a search asks for at least: Marquez gives hits in no order, so a page is cut here."""
_AT_ONCE = 8


class Marquez(Remote):
    """One Marquez; a LineageBackend."""

    product = "Marquez"
    away_hint = "Try again when it answers; the other panels work on."
    other_hint = "Is this address Marquez's API (port 5000), not its pages?"

    def add(self, events: Sequence[Any]) -> Receipt:
        """Post events one by one. Marquez takes an event that it knows again, so all that it took count as stored."""
        refused: list[Refusal] = []
        for index, value in enumerate(events):
            try:
                read_event(value)
                self._upstream.send("POST", f"{API}/lineage", body=value, repeatable=True)
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
        return drawn(start, nodes, edges, depth, direction, min(limit, MOST), self._tested)

    def columns(self, node: str, *, column: str = "", depth: int = 3) -> ColumnGraph:
        """What columns are made of, and what of them.

        Marquez follows a column down only where something made that column, too. So what is made of them is asked of
        the datasets that are written by what reads this one.
        """
        start = dataset_of(node)
        _, edges = self._around(start, depth + 1)
        below, truncated = reach(start, edges, 2 * depth, "downstream", LIMIT)
        links = set(self._made_of(start, column, depth))
        others = [name for name in below if name.kind == "dataset" and name != start]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for found in pool.map(lambda one: self._made_of(one, "", 1), others):
                links.update(found)
        ordered = sorted(followed(links, start, column, depth), key=lambda link: (link.target, link.source))
        places = sorted({place for link in ordered for place in (link.source, link.target)})
        return ColumnGraph(node, column, depth, places, ordered, truncated)

    def _around(self, start: NodeName, hops: int) -> tuple[dict[NodeName, Node], set[tuple[NodeName, NodeName]]]:
        """The nodes within so many hops from job to job, and what is between them."""
        told = self._get("lineage", start, nodeId=node_id(start), depth=hops)
        nodes: dict[NodeName, Node] = {}
        edges: set[tuple[NodeName, NodeName]] = set()
        for one in list_of(told, "graph"):
            data = one.get("data") or {}
            if one.get("type") == "JOB":
                name = NodeName("job", text_of(data, "namespace"), text_of(data, "name"))
                nodes[name] = read_job(name, data)
                edges |= {(dataset_name(of), name) for of in list_of(data, "inputs")}
                edges |= {(name, dataset_name(of)) for of in list_of(data, "outputs")}
            elif one.get("type") == "DATASET":
                name = NodeName("dataset", text_of(data, "namespace"), text_of(data, "name"))
                nodes[name] = read_dataset(name, data)
        if start not in nodes:
            raise not_found(start)
        return nodes, edges

    def _tested(self, datasets: Sequence[NodeName]) -> dict[NodeName, Count]:
        """The newest results of their tests, where there are any."""

        def counted(name: NodeName) -> Count | None:
            try:
                return read_count(
                    self._get(f"namespaces/{segment(name.namespace)}/datasets/{segment(name.name)}", name)
                )
            except LineageError as error:
                if error.code != "lineage-node-not-found":  # hidden since
                    raise
                return None

        nearest = datasets[:TESTED]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = zip(nearest, pool.map(counted, nearest), strict=True)
            return {name: count for name, count in found if count is not None}

    def _made_of(self, dataset: NodeName, column: str, depth: int) -> list[ColumnLink]:
        """What the columns of a dataset are made of; nothing where Marquez knows no columns of it."""
        try:
            told = self._get("column-lineage", dataset, nodeId=node_id(dataset, column), depth=depth)
        except LineageError as error:
            if error.code != "lineage-node-not-found":
                raise
            return []
        links = []
        for one in list_of(told, "graph"):
            data = one.get("data") or {}
            target = Place(field_dataset(data).id, text_of(data, "field"))
            for made_of in list_of(data, "inputFields"):
                kind = text_of(made_of, "transformationType").upper()
                known = kind in ("DIRECT", "INDIRECT")
                how = text_of(made_of, "transformationDescription") or ("" if known else kind)
                source = Place(field_dataset(made_of).id, text_of(made_of, "field"))
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
        for one in list_of(told, "results"):
            kind: Kind = "job" if one.get("type") == "JOB" else "dataset"
            name = NodeName(kind, text_of(one, "namespace"), text_of(one, "name"))
            if text in name.name.lower():  # its % and _ stand for anything
                found.append(Match(name.id, kind, name.namespace, name.name, None, 0, time_of(one, "updatedAt")))
        found.sort(key=lambda one: (not one.name.lower().startswith(text), one.name, one.namespace, one.kind))
        return Matches(found[wanted.offset : wanted.offset + wanted.limit], len(found))

    def namespaces(self) -> Sequence[Namespace]:
        """All namespaces."""
        names = sorted(text_of(one, "name") for one in list_of(self._get("namespaces", None, limit=1000), "namespaces"))
        return [
            Namespace(
                name,
                count_of(self._get(f"namespaces/{segment(name)}/jobs", None, limit=1), "totalCount"),
                count_of(self._get(f"namespaces/{segment(name)}/datasets", None, limit=1), "totalCount"),
            )
            for name in names
        ]

    def runs(self, node: str, *, limit: int = 50) -> Sequence[Run]:
        """Runs of a job, newest first."""
        job = NodeName.of(node)
        if job.kind != "job":
            raise LineageError("Only jobs have runs.", code="lineage-bad-node")
        path = f"namespaces/{segment(job.namespace)}/jobs/{segment(job.name)}/runs"
        found = [read_run(one, node) for one in list_of(self._get(path, job, limit=limit), "runs")]
        return sorted(found, key=lambda run: (run.started or NEVER, run.id), reverse=True)

    def tests(self, node: str) -> Sequence[Result]:
        """Tests of a dataset: those of its newest dataQualityAssertions facet."""
        name = dataset_of(node)
        told = self._get(f"namespaces/{segment(name.namespace)}/datasets/{segment(name.name)}", name)
        facet = object_of(object_of(told, "facets"), "dataQualityAssertions")
        at = time_of(told, "updatedAt") or NEVER
        found = [
            Result(
                text_of(one, "name") or text_of(one, "assertion"), text_of(one, "column"), one.get("success") is True,
                text_of(one, "severity").lower(), at, text_of(told, "currentRunId"),
            )
            for one in list_of(facet, "assertions")
        ]  # fmt: skip
        return sorted(found, key=lambda one: (one.success, one.assertion, one.column))

    def version(self) -> str:
        """That it answers: it doesn't tell its version."""
        self._get("namespaces", None, limit=1)
        return "Marquez"

    def good(self, response: httpx.Response) -> bool:
        """Whether it is what was asked for; what was posted is answered with nothing."""
        return response.is_success and (response.request.method == "POST" or json_object(response) is not None)


def connect(settings: Settings, name: str, options: BackendSettings) -> Marquez:
    """The Marquez of a project.

    Raises:
        SecretError: The token isn't where olo.yml says it is.
        LineageError: It has no url, or the certificates can't be read.
    """
    return connected(Marquez, settings, name, options)


KIND = BackendKind("lineage", connect)
