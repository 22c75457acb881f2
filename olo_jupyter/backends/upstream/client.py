"""HTTP to one service: time limits, bounded retries that can't do a thing twice, no redirects, bounded answers."""

from __future__ import annotations

import base64
import contextlib
import math
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx2 as httpx

from olo_jupyter.backends.upstream.authority import DISTRUSTED
from olo_jupyter.backends.upstream.circuit import Circuit, CircuitOpen, circuit_of
from olo_jupyter.errors import OloError
from olo_jupyter.measures import upstream

ATTEMPTS = 4
LONGEST_WAIT = 30.0
"""Seconds that one wait may take; a service that asks for more is reported instead."""
LARGEST = 64_000_000
"""Bytes that an answer may have."""
AWAY = (502, 503, 504)
"""What a service, or a proxy before it, answers while it is away."""

_SECRET_HEADERS = ("authorization", "private-token", "x-api-key")
_SHORTEST = 8
"""Letters of what is taken for a secret at least: a scheme, as Bearer, has fewer."""
_OF_TRANSFER = ("content-encoding", "content-length", "transfer-encoding")


class Manner(Protocol):
    """What is a service's own: its words for errors, and when it may be asked again."""

    def unreachable(self, why: str) -> OloError:
        """The error of a service that can't be reached."""

    def refused(self, response: httpx.Response, path: str) -> OloError:
        """The error of an answer that isn't what was asked for."""

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:
        """Seconds until a request may be sent again after this answer, 0 for the usual wait, None where it may not."""

    def good(self, response: httpx.Response) -> bool:
        """Whether this is the answer to what was asked."""


class Upstream:
    """One service.

    Args:
        url: Its address.
        manner: Its own ways.
        headers: Sent with every request.
        ca_file: Certificates of an authority of one's own, PEM.
        seconds: Limit of one request.
        attempts: How often a request is sent at most.
        patience: Seconds after which nothing is tried again.
        transport: For tests of faults: the circuit is then its own, too.
        sleep: For tests of faults.

    Raises:
        OSError: The certificates can't be read.
    """

    def __init__(
        self,
        url: str,
        manner: Manner,
        *,
        headers: Mapping[str, str] | None = None,
        ca_file: Path | None = None,
        seconds: float = 30.0,
        attempts: int = ATTEMPTS,
        patience: float = math.inf,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._manner, self._attempts, self._patience = manner, attempts, patience
        self._sleep = sleep or (lambda wait: time.sleep(wait))
        self.circuit = Circuit() if transport is not None else circuit_of(url)
        self._http = httpx.Client(
            base_url=url.rstrip("/") + "/",
            headers={"User-Agent": "olo-jupyter", "Accept": "application/json", **(headers or {})},
            timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0)),
            verify=True if ca_file is None else ssl.create_default_context(cafile=str(ca_file)),
            transport=transport,
            # A redirect to another host would carry the token along.
            follow_redirects=False,
        )

    @property
    def host(self) -> str:
        """The host of the address."""
        return self._http.base_url.host

    def send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> httpx.Response:
        """A good answer.

        Args:
            path: Below the address; or a whole one that the service itself named.
            body: Sent as JSON.
            repeatable: Whether sending it twice does no more than once; default: all but POST.

        Raises:
            OloError: The manner's errors.
        """
        repeatable = method != "POST" if repeatable is None else repeatable
        request = self._http.build_request(
            method, path, params=dict(parameters) if parameters else None, json=body, headers=headers
        )
        try:
            with self.circuit.call() as outcome:
                try:
                    return self._send(request, path, repeatable=repeatable)
                except _Away as away:
                    outcome.failed(str(away))
                    raise away.problem from away.__cause__
        except CircuitOpen as error:
            why = f"{error.failure}; it is asked again in {math.ceil(error.seconds)} s"
            raise self._manner.unreachable(why) from None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, request: httpx.Request, path: str, *, repeatable: bool) -> httpx.Response:
        begun = time.monotonic()
        for attempt in range(1, self._attempts + 1):
            wait: float | None = 0.25 * 2.0**attempt
            away, cause = "", None
            try:
                with upstream(self.host):
                    response = self._once(request)
            except (httpx.TransportError, httpx.DecodingError) as error:
                away, cause = _without_secrets(str(error) or type(error).__name__, request), error
                problem = self._manner.unreachable(away)
                if not repeatable and not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    wait = None  # it may have been done: the caller looks before it tries again
                if DISTRUSTED in away.upper():
                    wait = None  # it will be the same certificate
            else:
                if self._manner.good(response):
                    return response
                problem = self._manner.refused(response, path)
                problem.message = _without_secrets(problem.message, request)
                problem.args = (problem.message,)  # what a log shows
                away = problem.message if response.status_code in AWAY else ""
                again = self._manner.again(response, repeatable=repeatable)
                wait = None if again is None else again or wait
            tired = time.monotonic() - begun + (wait or 0.0) > self._patience
            if attempt == self._attempts or wait is None or wait > LONGEST_WAIT or tired:
                raise _Away(away, problem) if away else problem from cause
            self._sleep(wait)
        raise AssertionError("unreachable")

    def _once(self, request: httpx.Request) -> httpx.Response:
        """One request; its answer is read whole, up to the bound."""
        response = self._http.send(request, stream=True)
        try:
            parts, size = [], 0
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > LARGEST:
                    raise httpx.RemoteProtocolError(f"it answered more than {LARGEST:,} bytes")
        finally:
            response.close()
        headers = [item for item in response.headers.multi_items() if item[0] not in _OF_TRANSFER]
        return httpx.Response(response.status_code, headers=headers, content=b"".join(parts), request=request)


class _Away(Exception):
    """The service didn't answer, or says that it can't: what the circuit counts."""

    def __init__(self, why: str, problem: OloError) -> None:
        super().__init__(why)
        self.problem = problem


def _without_secrets(text: str, request: httpx.Request) -> str:
    """What a service says, without the secret that it was asked with: some repeat it in their errors."""
    given = [value for name, value in request.headers.items() if name in _SECRET_HEADERS]
    words = {word for value in given for word in (value, *value.split()) if len(word) >= _SHORTEST}
    for word in list(words):
        with contextlib.suppress(ValueError):  # a user and password
            words |= set(base64.b64decode(word, validate=True).decode().split(":", 1)[1:])
    for word in sorted(filter(None, words), key=len, reverse=True):
        text = text.replace(word, "•••")
    return text


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the answer's Retry-After asks for, None where it has none."""
    given = response.headers.get("retry-after")
    if given is None:
        return None
    if given.isdigit():
        return float(given)
    try:
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 1.0


def plain_again(response: httpx.Response, *, repeatable: bool) -> float | None:
    """Seconds after which a request may be sent again where a service has no rules of its own, None for never.

    It may after a rate limit, and while the service is away if doing it twice does no harm.
    """
    if response.status_code == 429 or (response.status_code in AWAY and repeatable):
        return retry_after(response) or 0.0
    return None


def json_object(response: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer, None where it is none."""
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def segment(text: str) -> str:
    """A name as one segment of a path: names of others may hold anything.

    Example:
        >>> segment("manual__2026-01-31T06:00:00+00:00")
        'manual__2026-01-31T06%3A00%3A00%2B00%3A00'
    """
    return quote(text, safe="")
