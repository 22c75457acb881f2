"""What lineage backends on a server of their own have in common: asking it, its faults, and how they are set up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import httpx2 as httpx

from olo_jupyter.backends.lineage.base import (
    ColumnLink,
    Count,
    Direction,
    Edge,
    Graph,
    LineageError,
    Node,
    NodeName,
    not_found,
)
from olo_jupyter.backends.upstream.authority import authority_hint
from olo_jupyter.backends.upstream.client import Upstream, json_object, plain_again
from olo_jupyter.config import Settings
from olo_jupyter.service_settings import BackendSettings

ATTEMPTS = 2
API = "api/v1"
_CODES = {400: "lineage-invalid", 401: "lineage-unauthorized", 403: "lineage-forbidden", 404: "lineage-node-not-found"}


class Remote:
    """One server.

    Args:
        url: Its address.
        headers: The authorization, where it wants one.
        setting: Its name under backends in olo.yml, for hints; '' for the product's.
        options: Of :class:`Upstream`: ca_file, transport.
    """

    product: ClassVar[str]
    away_hint: ClassVar[str]
    """What to do while it doesn't answer."""
    other_hint: ClassVar[str]
    """What to do where something else answers."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = 10.0,
        setting: str = "",
        **options: Any,
    ) -> None:
        self._setting = setting or self.product.lower()
        self._upstream = Upstream(
            url, self, headers=headers, seconds=seconds, attempts=ATTEMPTS, patience=seconds, **options
        )

    def close(self) -> None:
        """Close the connections."""
        self._upstream.close()

    def good(self, response: httpx.Response) -> bool:
        """Whether it is what was asked for."""
        return response.is_success and json_object(response) is not None

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:
        """When a request may be sent again."""
        return plain_again(response, repeatable=repeatable)

    def unreachable(self, why: str) -> LineageError:
        """It doesn't answer."""
        hint = authority_hint(why, f"backends.{self._setting}.ca_file") or self.away_hint
        return LineageError(f"{self.product} can't be reached: {why}", code="lineage-unavailable", hint=hint)

    def refused(self, response: httpx.Response, path: str) -> LineageError:
        """What it says of a request that it doesn't do."""
        status = response.status_code
        if response.is_success or response.is_redirect:
            message = f"{self.product} answered something that isn't its API's at {path}."
            return LineageError(message, code="lineage-protocol", hint=self.other_hint)
        code = _CODES.get(status, "lineage-unavailable" if status >= 500 else "lineage-invalid")
        said = str((json_object(response) or {}).get("message") or "")[:500]
        return LineageError(f"{self.product} answered {status}{': ' + said if said else ''}.", code=code)

    def _get(self, path: str, node: NodeName | None, /, **parameters: Any) -> dict[str, Any]:
        try:
            return json_object(self._upstream.send("GET", f"{API}/{path}", parameters=parameters)) or {}
        except LineageError as error:
            if node is not None and error.code == "lineage-node-not-found":
                raise not_found(node) from error
            raise


_Server = TypeVar("_Server", bound=Remote)


def connected(kind: type[_Server], settings: Settings, name: str, options: BackendSettings) -> _Server:
    """The server of a project.

    Raises:
        SecretError: The token isn't where olo.yml says it is.
        LineageError: It has no url, or the certificates can't be read.
    """
    if not options.url:
        raise LineageError(f"backends.{name} in olo.yml has no url.", code="config")
    headers = {"Authorization": f"Bearer {options.token.read(settings.user)}"} if options.token else {}
    try:
        return kind(options.url, headers=headers, seconds=options.seconds, ca_file=options.ca_file, setting=name)
    except OSError as error:
        message = f"backends.{name}.ca_file: {options.ca_file} holds no certificates that can be read."
        raise LineageError(message, code="config") from error


def object_in(told: dict[str, Any], key: str, product: str) -> dict[str, Any]:
    """An object of an answer, {} where it isn't there.

    Raises:
        LineageError: lineage-protocol: it is none.
    """
    found = told.get(key) or {}
    if not isinstance(found, dict):
        raise LineageError(f"{product} answered what this version can't read: {key}.", code="lineage-protocol")
    return found


def objects_in(told: dict[str, Any], key: str, product: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer.

    Raises:
        LineageError: lineage-protocol: it is none.
    """
    found = told.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise LineageError(f"{product} answered what this version can't read: {key}.", code="lineage-protocol")
    return found


def drawn(
    start: NodeName,
    nodes: Mapping[NodeName, Node],
    edges: set[tuple[NodeName, NodeName]],
    depth: int,
    direction: Direction,
    limit: int,
    tested: Callable[[Sequence[NodeName]], Mapping[NodeName, Count]] = lambda _: {},
) -> Graph:
    """What is within ``depth`` edges of a node, of all that a server told.

    Args:
        nodes: What is known of nodes; of one that isn't in it, its name is.
        tested: Gives the newest results of the tests of datasets.
    """
    distance, truncated = reach(start, edges, depth, direction, limit)
    counts = tested([name for name in distance if name.kind == "dataset"])
    shown = [
        replace(
            nodes.get(name) or Node(name.id, name.kind, name.namespace, name.name),
            distance=far,
            upstream=sum(target == name for _, target in edges),
            downstream=sum(source == name for source, _ in edges),
            tests=counts.get(name),
        )
        for name, far in distance.items()
    ]
    between = (Edge(a.id, b.id) for a, b in edges if a in distance and b in distance)
    return Graph(
        start.id, depth, direction,
        sorted(shown, key=lambda one: (one.distance, one.kind, one.namespace, one.name)),
        sorted(between, key=lambda edge: (edge.source, edge.target)), truncated,
    )  # fmt: skip


def reach(
    start: NodeName, edges: set[tuple[NodeName, NodeName]], depth: int, direction: Direction, limit: int
) -> tuple[dict[NodeName, int], bool]:
    """The nodes within ``depth`` edges, the nearest first, with how far they are; and whether there were more."""
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


def followed(links: Iterable[ColumnLink], start: NodeName, column: str, depth: int) -> set[ColumnLink]:
    """The links that lead to the columns asked for, or away from them, in so many steps."""
    kept = list(links)
    found: set[ColumnLink] = set()
    for up in (True, False):
        ends = [(link, *((link.target, link.source) if up else (link.source, link.target))) for link in kept]
        border = {here for _, here, _ in ends if here.node == start.id and column in ("", here.column)}
        for _ in range(depth):
            taken = {(link, there) for link, here, there in ends if here in border}
            found |= {link for link, _ in taken}
            border = {there for _, there in taken}
    return found
