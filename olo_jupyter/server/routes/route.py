"""A route as data: one table is mounted in Jupyter Server and in `olo serve`, and gives the OpenAPI description."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from olo_jupyter.server.models.base import Answer, Body, Query

Method = Literal["GET", "POST", "PUT", "DELETE"]
Area = Literal[
    "catalog", "jobs", "runs", "lineage", "experiments", "queries", "promote", "health", "workspaces", "audit"
]
Action = Literal["read", "write", "trigger", "deploy", "admin"]

API = "/olo/api"
"""Where the routes are, below the server's base URL."""

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Route:
    """One method of one path.

    Args:
        path: Below :data:`API`; ``{name}`` stands for one percent-encoded part and is given to ``work`` decoded.
        area: What it is part of: its ``auth_resource`` is ``olo-<area>``.
        action: What a person must be allowed to do there: the Hub's scope is ``custom:olo:<area>:<action>``.
        work: ``work(context, *, <path names>, query=…, body=…)``: a plain function, run in a thread; raises OloError.
        answer: The model that ``work`` answers with.
        query: The model of the query string; without one there is none.
        body: The model of the JSON body; without one there is none.
        summary: One line for the API's description.
        local: Answered by the person's own server even where a shared service answers the rest: work on their
            checkout, their kernels' results, with their own credentials.
        apart: Done in a process apart (:mod:`olo_jupyter.server.apart`) by a person's own server: it needs an engine,
            Arrow or the SQL parser.
        largest: Limit of the body in bytes.

    Example:
        >>> Route("GET", "/jobs/{name}", "jobs", "read", lambda context, name: Answer(), Answer).names
        ('name',)
    """

    method: Method
    path: str
    area: Area
    action: Action
    work: Callable[..., BaseModel]
    answer: type[Answer]
    query: type[Query] | None = None
    body: type[Body] | None = None
    summary: str = ""
    local: bool = False
    apart: bool = False
    largest: int = 1_000_000

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the path, in order."""
        return tuple(_NAME.findall(self.path))

    @property
    def pattern(self) -> str:
        """The path as a regular expression with one group a name; the server gives the groups decoded."""
        parts = _NAME.split(self.path)
        literal = [re.escape(part) for part in parts[::2]]
        return API + "([^/]+)".join(literal)

    @property
    def scope(self) -> str:
        """The Hub's scope that allows it."""
        return f"custom:olo:{self.area}:{self.action}"

    def call(self, context: Any, path: dict[str, str], query: Query | None, body: Body | None) -> BaseModel:
        """Do the work.

        Raises:
            OloError: Whatever it refuses.
        """
        given: dict[str, Any] = dict(path)
        if self.query is not None:
            given["query"] = query
        if self.body is not None:
            given["body"] = body
        return self.work(context, **given)
