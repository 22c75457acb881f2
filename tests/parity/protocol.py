"""Ask a Trino by its own HTTP protocol: exact type names and values as the server writes them, nothing converted."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CATALOG, SCHEMA = "memory", "tiny"
_HEADERS = {
    "X-Trino-User": "parity",
    "X-Trino-Time-Zone": "UTC",
    # Without them the server rounds all times to milliseconds, and shows newer types as text.
    "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME,NUMBER,VARIANT",
    "Content-Type": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Answer:
    """What Trino said to one statement: columns as (name, type) and rows, or the error's name and message."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    error: str = ""
    message: str = ""


def ask(uri: str, sql: str, *, catalog: str = CATALOG, schema: str = SCHEMA) -> Answer:
    """Run one statement to its end.

    Args:
        uri: The server, e.g. ``http://127.0.0.1:8080``.
        sql: One statement, no semicolon.
        catalog, schema: Where names without them count from.
    """
    page = _call(f"{uri}/v1/statement", sql.encode(), {"X-Trino-Catalog": catalog, "X-Trino-Schema": schema})
    columns: list[tuple[str, str]] = []
    rows: list[list[Any]] = []
    while True:
        if "error" in page:
            return Answer(error=page["error"]["errorName"], message=page["error"]["message"])
        columns = [(column["name"], _as_typeof(column["type"])) for column in page.get("columns", [])] or columns
        rows += page.get("data") or []
        if "nextUri" not in page:
            return Answer(columns, rows)
        page = _call(page["nextUri"])


def must(answer: Answer) -> Answer:
    """``answer``, which is no error.

    Raises:
        RuntimeError: It is one.
    """
    if answer.error:
        raise RuntimeError(f"{answer.error}: {answer.message}")
    return answer


def _as_typeof(name: str) -> str:
    """A type's name as ``typeof`` gives it; the protocol writes ``decimal(3, 2)`` and ``INTERVAL DAY TO SECOND``.

    Example:
        >>> _as_typeof("array(decimal(3, 2))")
        'array(decimal(3,2))'
    """
    name = re.sub(r"(\(\d+), (\d+\))", r"\1,\2", name)
    return re.sub(r"INTERVAL (DAY TO SECOND|YEAR TO MONTH)", lambda match: match.group(0).lower(), name)


def _call(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, data=body, headers={**_HEADERS, **(headers or {})})
    for attempt in range(50):
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                page: dict[str, Any] = json.load(response)
                return page
        except urllib.error.HTTPError as error:
            # The protocol's own way to say "again, a little later".
            if error.code not in (429, 502, 503, 504) or attempt == 49:
                raise
            time.sleep(0.1)
    raise AssertionError("unreachable")
