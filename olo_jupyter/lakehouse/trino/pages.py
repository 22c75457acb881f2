"""One answer of the statement protocol: what is said about the query, and the rows as they are, unread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests
from trino.client import TrinoRequest, TrinoStatus

from olo_jupyter.lakehouse.errors import QueryError

_DATA, _STATS = b'"data":', b'"stats":'


@dataclass(frozen=True)
class Page:
    """What an answer brings.

    Args:
        status: All but the rows, as the trino client reads it.
        rows: JSON of the rows, ``[[…],…]``; b'' for none.
        segments: Parts of the result that are fetched apart (spooling), and their ``encoding``.
    """

    status: TrinoStatus
    rows: bytes = b""
    segments: Sequence[dict[str, Any]] = ()
    encoding: str = ""


def read_page(request: TrinoRequest, answer: requests.Response) -> Page:
    """Read an answer; the rows are cut out before JSON is parsed, which is where the client spends its time.

    Raises:
        trino.exceptions.Error: What the client raises: HTTP errors, errors of the query.
        QueryError: connection-failed: no answer of Trino's, or not the whole of one.
    """
    try:
        return _read(request, answer)
    except (ValueError, KeyError) as error:
        raise QueryError(
            f"The answer from {answer.url.partition('?')[0]} isn't one of Trino's, or it was cut short.",
            code="connection-failed",
            hint="Run it again. If it happens again: is something else at engines.trino.host, or a proxy between?",
        ) from error


def _read(request: TrinoRequest, answer: requests.Response) -> Page:
    body = answer.content
    cut = _rows_of(body) if answer.ok else None
    if cut is None:
        status = request.process(answer)
        if isinstance(status.rows, dict):
            return Page(status, segments=status.rows["segments"], encoding=status.rows["encoding"])
        rows = json.dumps(status.rows, separators=(",", ":"), ensure_ascii=False).encode() if status.rows else b""
        return Page(status, rows)
    start, end = cut
    head = requests.Response()
    head.status_code, head.headers = answer.status_code, answer.headers
    head._content = body[:start] + b"null" + body[end:]
    return Page(request.process(head), body[start:end])


def _rows_of(body: bytes) -> tuple[int, int] | None:
    """Where the rows begin and end in an answer; None where there are none, or where that isn't plain to see.

    A quotation mark inside a JSON string has a backslash before it, so the first ``"data":`` is the answer's own key:
    what stands before it (ids, addresses, columns) has no such key. So is the last ``"stats":``, as none follows it.

    Example:
        >>> _rows_of(b'{"id":"q","data":[[1,"]"]],"stats":{}}')
        (17, 26)
    """
    key = body.find(_DATA)
    if key < 0:
        return None
    start = key + len(_DATA)
    end = body.rfind(_STATS) - 1
    if not body.startswith(b"[[", start) or body[end - 2 : end + 1] != b"]],":
        return None
    return start, end
