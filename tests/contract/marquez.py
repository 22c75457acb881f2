"""Marquez's published API (of 0.51, with the shapes and the limits that its answers have), in memory: for the contract.

What its source does and its description doesn't say: the graph's datasets have no facets; columns are followed from
those that something made only, and are known only where a run's inputs have known columns; hits of a search are in no
order.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any
from urllib.parse import unquote

import httpx2 as httpx

_STATES = {"START": "RUNNING", "RUNNING": "RUNNING", "COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED"}


class Marquez:
    """Answers requests as Marquez does; give :meth:`handle` to a MockTransport."""

    def __init__(self) -> None:
        self.jobs: dict[tuple[str, str], dict[str, Any]] = {}
        self.datasets: dict[tuple[str, str], dict[str, Any]] = {}
        self.runs: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
        self.fields: dict[tuple[str, str, str], list[dict[str, Any]]] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request."""
        path = request.url.raw_path.decode().partition("?")[0].removeprefix("/api/v1/")
        query = dict(request.url.params)
        if request.method == "POST":
            self._take(json.loads(request.content))
            return httpx.Response(201)
        parts = [unquote(part) for part in path.split("/")]
        if parts == ["lineage"]:
            return self._lineage(query["nodeId"], int(query["depth"]))
        if parts == ["column-lineage"]:
            return self._columns(query["nodeId"], int(query["depth"]))
        if parts == ["search"]:
            return self._search(query)
        if parts == ["namespaces"]:
            names = sorted({key[0] for key in [*self.jobs, *self.datasets]})
            return httpx.Response(
                200, json={"namespaces": [{"name": name, "ownerName": "anonymous"} for name in names]}
            )
        namespace, kind = parts[1], parts[2]
        known = self.jobs if kind == "jobs" else self.datasets
        if len(parts) == 3:
            found = [one for (space, _), one in known.items() if space == namespace]
            return httpx.Response(200, json={kind: found[: int(query["limit"])], "totalCount": len(found)})
        if (namespace, parts[3]) not in known:
            return httpx.Response(404, json={"code": 404, "message": f"{kind[:-1].title()} '{parts[3]}' not found."})
        if len(parts) == 5:
            return httpx.Response(200, json={"runs": list(self.runs[namespace, parts[3]].values())})
        return httpx.Response(200, json=known[namespace, parts[3]])

    def _take(self, event: dict[str, Any]) -> None:
        key = (event["job"]["namespace"], event["job"]["name"])
        job = self.jobs.setdefault(
            key,
            {"namespace": key[0], "name": key[1], "type": "BATCH", "inputs": [], "outputs": [], "description": None},
        )
        job["updatedAt"] = event["eventTime"]
        facets = event["run"].get("facets", {})
        run = self.runs[key].setdefault(event["run"]["runId"], {"id": event["run"]["runId"], "facets": {}})
        run["state"], run["facets"] = _STATES[event["eventType"]], {**run["facets"], **facets}
        run["startedAt" if event["eventType"] == "START" else "endedAt"] = event["eventTime"]
        job["latestRun"] = run
        for side in ("inputs", "outputs"):
            for dataset in event[side]:
                self._dataset(dataset, event["eventTime"], event["inputs"])
                name = {"namespace": dataset["namespace"], "name": dataset["name"]}
                if name not in job[side]:
                    job[side].append(name)

    def _dataset(self, told: dict[str, Any], at: str, inputs: list[dict[str, Any]]) -> None:
        key = (told["namespace"], told["name"])
        one = self.datasets.setdefault(
            key,
            {"type": "DB_TABLE", "namespace": key[0], "name": key[1], "fields": [], "facets": {}, "description": None},
        )
        one["updatedAt"] = at
        one["facets"].update(told.get("facets", {}))
        for field in told.get("facets", {}).get("schema", {}).get("fields", []):
            one["fields"] = [
                *[known for known in one["fields"] if known["name"] != field["name"]],
                {**field, "tags": []},
            ]
        read = {
            (one["namespace"], one["name"], field["name"])
            for one in inputs
            for field in self.datasets[one["namespace"], one["name"]]["fields"]
        }
        for column, made in told.get("facets", {}).get("columnLineage", {}).get("fields", {}).items():
            self.fields[(*key, column)] = [
                {
                    "namespace": source["namespace"], "dataset": source["name"], "field": source["field"],
                    "transformationType": None, "transformationDescription": None,
                }
                for source in made["inputFields"]
                if (source["namespace"], source["name"], source["field"]) in read
            ]  # fmt: skip

    def _lineage(self, node: str, depth: int) -> httpx.Response:
        ids = {f"job:{a}:{b}": (a, b) for a, b in self.jobs} | {f"dataset:{a}:{b}": (a, b) for a, b in self.datasets}
        if node not in ids:
            return httpx.Response(404, json={"code": 404, "message": f"Node '{node}' not found."})
        if node.startswith("job:"):
            jobs = {ids[node]}
        else:  # Marquez begins at one of the dataset's jobs
            jobs = {key for key, one in self.jobs.items() if ids[node] in _names(one)}
            jobs = set(sorted(jobs)[:1])
        for _ in range(depth):
            near = {name for key in jobs for name in _names(self.jobs[key])}
            jobs |= {key for key, one in self.jobs.items() if near & _names(one)}
        datasets = {name for key in jobs for name in _names(self.jobs[key])} | ({ids[node]} & self.datasets.keys())
        graph = [
            {"id": f"job:{key[0]}:{key[1]}", "type": "JOB", "data": self.jobs[key], "inEdges": [], "outEdges": []}
            for key in sorted(jobs)
        ] + [
            {
                "id": f"dataset:{key[0]}:{key[1]}",
                "type": "DATASET",
                "data": {name: value for name, value in self.datasets[key].items() if name != "facets"},
            }
            for key in sorted(datasets)
        ]
        return httpx.Response(200, json={"graph": graph})

    def _columns(self, node: str, depth: int) -> httpx.Response:
        kind, _, name = node.partition(":")
        known = [(*key, field["name"]) for key, one in self.datasets.items() for field in one["fields"]]
        border = [key for key in known if name == ":".join(key[:2] if kind == "dataset" else key)]
        if not border:  # of a dataset without known columns, too
            return httpx.Response(404, json={"code": 404, "message": "Could not find node"})
        found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        for _ in range(depth):
            found |= {key: self.fields[key] for key in border if self.fields.get(key)}
            border = [
                (one["namespace"], one["dataset"], one["field"]) for key in border for one in self.fields.get(key, [])
            ]
        found |= {key: [] for key in border if key not in found}
        graph = [
            {
                "id": f"datasetField:{':'.join(key)}", "type": "DATASET_FIELD",
                "data": {"namespace": key[0], "dataset": key[1], "field": key[2], "inputFields": sources},
            }
            for key, sources in found.items()
        ]  # fmt: skip
        return httpx.Response(200, json={"graph": graph if any(found.values()) else []})

    def _search(self, query: dict[str, str]) -> httpx.Response:
        text, wanted = query["q"].lower().strip("%"), query.get("filter")
        found = [
            {"type": kind, "namespace": key[0], "name": key[1], "updatedAt": one["updatedAt"], "nodeId": ""}
            for kind, known in (("JOB", self.jobs), ("DATASET", self.datasets))
            for key, one in reversed(known.items())
            if re.search(text.replace("_", "."), key[1].lower())
            and wanted in (None, kind)
            and query.get("namespace") in (None, key[0])
        ][: int(query["limit"])]
        return httpx.Response(200, json={"totalCount": len(found), "results": found})


def _names(job: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["namespace"], one["name"]) for one in [*job["inputs"], *job["outputs"]]}
