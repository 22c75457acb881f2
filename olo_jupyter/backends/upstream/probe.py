"""A look at a service: one short request, for its health and version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2 as httpx

from olo_jupyter.backends.upstream.authority import authority_hint
from olo_jupyter.backends.upstream.client import AWAY, Upstream, json_object
from olo_jupyter.errors import OloError

SECONDS = 3.0


class ProbeError(OloError):
    """A service doesn't answer, or not as it should."""

    default_code = "service-unavailable"


class _Manner:
    def good(self, response: httpx.Response) -> bool:
        return response.is_success and json_object(response) is not None

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:  # noqa: ARG002 - once is enough
        return None

    def unreachable(self, why: str) -> OloError:
        return ProbeError(f"It can't be reached: {why}", hint=authority_hint(why, "its ca_file"))

    def refused(self, response: httpx.Response, path: str) -> OloError:
        status = response.status_code
        if response.is_success or response.is_redirect:
            return ProbeError(f"It answers something else at {path}.", hint="Is this its address?")
        return ProbeError(f"It answers {status}{' (it is away)' if status in AWAY else ''}.")


def look(url: str, path: str, *, ca_file: Path | None = None, transport: httpx.BaseTransport | None = None) -> Any:
    """The JSON object at a path of a service that needs no sign-in.

    Raises:
        ProbeError: It can't be had.
    """
    try:
        upstream = Upstream(url, _Manner(), ca_file=ca_file, seconds=SECONDS, attempts=1, transport=transport)
    except OSError as error:
        raise ProbeError(f"{ca_file} holds no certificates: {error}") from error
    try:
        return json_object(upstream.send("GET", path))
    finally:
        upstream.close()
