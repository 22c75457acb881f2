"""PyIceberg's REST catalog with what it lacks: time limits, a circuit, tables that are sent once, own authorities."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from pyiceberg.catalog.rest import SSL, RestCatalog
from requests import RequestException
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as Unreachable
from urllib3.util.retry import Retry

from olo_jupyter.backends.upstream.circuit import CircuitOpen, circuit_of
from olo_jupyter.backends.upstream.client import AWAY

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
"""Limits of a connection, and of each wait for more of an answer."""
_KEPT, _LARGEST = 64, 4_000_000
"""Tables that are kept, and bytes of one at most."""
_ONCE_MORE = Retry(
    connect=2, read=1, status=0, other=0, redirect=0, backoff_factor=0.25, allowed_methods={"GET", "HEAD"}
)


class RestTables(RestCatalog):
    """A REST catalog of olo.yml.

    Its ``ssl.cabundle`` holds whatever the environment says: in requests the variables REQUESTS_CA_BUNDLE and
    CURL_CA_BUNDLE win over a session's own file.
    """

    def _create_session(self) -> Session:
        session = super()._create_session()
        session.trust_env = SSL not in self.properties
        adapter = Careful(self.uri)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session


class Careful(HTTPAdapter):
    """How a catalog is asked.

    Args:
        uri: The catalog's address, for its circuit.
    """

    def __init__(self, uri: str) -> None:
        super().__init__(max_retries=_ONCE_MORE)
        self._circuit = circuit_of(uri)
        self._kept: OrderedDict[str, Response] = OrderedDict()

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """A request's answer; a table that hasn't changed since is the one of last time (304)."""
        options["timeout"] = options.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        try:
            with self._circuit.call() as outcome:
                try:
                    response = self._asked(request, *args, **options)
                except RequestException as error:
                    outcome.failed(str(error))
                    raise
                if response.status_code in AWAY:
                    outcome.failed(f"it answers {response.status_code}")
                return response
        except CircuitOpen as error:
            raise Unreachable(f"{error.failure}; it is asked again in {math.ceil(error.seconds)} s") from None

    def _asked(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        url = str(request.url)
        known = self._kept.get(url) if request.method == "GET" else None
        if known is not None:
            request.headers["If-None-Match"] = known.headers["ETag"]
        response = super().send(request, *args, **options)
        if known is not None and response.status_code == 304:
            response.close()
            return known
        self._kept.pop(url, None)
        if request.method == "GET" and response.ok and "ETag" in response.headers and _lasts(response):
            self._kept[url] = response
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return response


def _lasts(response: Response) -> bool:
    """Whether an answer may be used again: credentials for the storage, which it may hold, end by themselves."""
    if len(response.content) > _LARGEST:
        return False
    try:
        told = response.json()
    except ValueError:
        return False
    return isinstance(told, dict) and not told.get("config") and not told.get("storage-credentials")
