"""HTTP to a host's API: pages, rate limits, errors in words."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2 as httpx

from olo_jupyter.backends.hosts.base import HostError
from olo_jupyter.backends.upstream.authority import authority_hint
from olo_jupyter.backends.upstream.client import AWAY, Upstream, retry_after

_CODES = {401: "host-unauthorized", 403: "host-forbidden", 404: "host-not-found", 409: "host-exists"}
_HINTS = {
    "host-unauthorized": "The token is wrong or has expired: give another one (see `olo doctor`).",
    "host-forbidden": "The token lacks the right for this, or you may not write to the repository. Fork it, or ask.",
    "host-not-found": "The repository isn't there, or the token can't see it.",
    "host-rate-limited": "Wait, then do the same again: nothing is done twice.",
    "host-unavailable": "Do the same again when the host answers: nothing is done twice.",
}


class HostClient:
    """A host's API.

    Args:
        api: The API's address, e.g. ``https://git.example.org/api/v1``.
        name: The host's name, for messages.
        headers: Sent with every request: the authorization, the version of the API.
        ca_file: Certificates of an authority of one's own, PEM.
        seconds: Limit of one request.
        transport: For tests of faults.
    """

    def __init__(
        self,
        api: str,
        name: str,
        headers: Mapping[str, str],
        *,
        ca_file: Path | None = None,
        seconds: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._name = name
        try:
            self._upstream = Upstream(api, self, headers=headers, ca_file=ca_file, seconds=seconds, transport=transport)
        except OSError as error:
            raise HostError(f"{ca_file} holds no certificates: {error}", code="host-invalid") from error

    def get(self, path: str, **parameters: str | int) -> Any:
        """The JSON at ``path``."""
        return self._json(self._upstream.send("GET", path, parameters=parameters))

    def pages(self, path: str, **parameters: str | int) -> Iterator[Any]:
        """The items of a list, page after page (RFC 8288 links, which all these hosts send)."""
        address: str | None = path
        while address:
            response = self._upstream.send("GET", address, parameters=parameters)
            found = self._json(response)
            if not isinstance(found, list):
                raise HostError(f"{self._name} answered no list for {path}.", code="host-protocol")
            yield from found
            address, parameters = response.links.get("next", {}).get("url"), {}
            if address and httpx.URL(address).host not in ("", self._upstream.host):
                raise HostError(f"{self._name} names another host for its next page.", code="host-protocol")

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Send JSON; the JSON of the answer, None where there is none."""
        response = self._upstream.send(method, path, body=body)
        return self._json(response) if response.content else None

    def close(self) -> None:
        """Close the connections."""
        self._upstream.close()

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise HostError(
                f"{self._name} answered something that isn't JSON at {response.url.path}.",
                code="host-protocol",
                hint="Is this address the host's API, and no sign-in page stands before it?",
            ) from error

    def good(self, response: httpx.Response) -> bool:
        """Whether it did what was asked."""
        return response.is_success

    def unreachable(self, why: str) -> HostError:
        """The host doesn't answer."""
        if hint := authority_hint(why, "git.ca_file"):
            return HostError(f"The certificate of {self._name} can't be verified: {why}", hint=hint)
        return HostError(f"{self._name} can't be reached: {why}", hint=_HINTS["host-unavailable"])

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:
        """When a refused request may be sent again: after a rate limit, or when the host is away for a moment."""
        unavailable = response.status_code in AWAY
        if unavailable and not repeatable and "retry-after" not in response.headers:
            return None
        if not unavailable and not is_rate_limit(response):
            return None
        if (given := retry_after(response)) is not None:
            return given
        reset = response.headers.get("x-ratelimit-reset", "")
        if is_rate_limit(response) and reset.isdigit():
            return max(0.0, int(reset) - time.time())
        return 0.0

    def refused(self, response: httpx.Response, path: str) -> HostError:
        """What the host says of a request that it doesn't do."""
        status = response.status_code
        code = _CODES.get(status, "host-unavailable" if status >= 500 else "host-invalid")
        if is_rate_limit(response):
            code = "host-rate-limited"
        if response.is_redirect:
            return HostError(
                f"{self._name} sends {path} elsewhere: {response.headers.get('location', '')}",
                code="host-not-found",
                hint="The repository has moved: set the remote's URL to the new one (git remote set-url origin …).",
            )
        said = _said(response)
        return HostError(
            f"{self._name} answered {status} for {path}{': ' + said if said else ''}",
            code=code,
            hint=_HINTS.get(code, ""),
        )


def is_rate_limit(response: httpx.Response) -> bool:
    """Whether a refusal is about the number of requests: 429, or GitHub's 403 with nothing remaining."""
    if response.status_code == 429:
        return True
    limited = response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
    return response.status_code == 403 and limited


def _said(response: httpx.Response) -> str:
    """The host's own words, all of them short; never the request's."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    parts = [body.get("message"), body.get("error_description"), body.get("error")]
    for error in body.get("errors") or []:
        parts.append(error.get("message") or error.get("code") if isinstance(error, dict) else error)
    words = [", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts if part]
    return "; ".join(dict.fromkeys(words))[:500]
