"""Airflow's REST API, version 2: tokens, time limits, retries that can't do a thing twice, pages, errors in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from olo_jupyter.errors import OloError

ATTEMPTS = 4
LONGEST_WAIT = 30.0
"""Seconds that one wait may take; an Airflow that asks for more is reported instead."""
PAGE = 100
_CODES = {
    401: "airflow-unauthorized",
    403: "airflow-forbidden",
    404: "airflow-not-found",
    409: "airflow-conflict",
    422: "airflow-invalid",
    429: "airflow-rate-limited",
}
_HINTS = {
    "airflow-unauthorized": "The user, password or token is wrong: see `orchestrators` in olo.yml.",
    "airflow-forbidden": "The account may not do this: ask whoever runs Airflow.",
    "airflow-rate-limited": "Wait, then do the same again: nothing is done twice.",
    "airflow-unavailable": "Do the same again when Airflow answers: nothing is done twice.",
}
_AWAY = (502, 503, 504)


class AirflowError(OloError):
    """Airflow can't be reached, or refuses; the message holds no credential."""

    default_code = "airflow-unavailable"


class AirflowClient:
    """One Airflow.

    Args:
        url: Its address, e.g. ``https://airflow.example.org``.
        token: A token of one's own; '' to sign in with user and password.
        username: Who signs in.
        password: Gives the password when it is needed.
        seconds: Limit of one request.
        transport: For tests of faults.
        sleep: For tests of faults.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        username: str = "",
        password: Callable[[], str] = str,
        seconds: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self._given, self._username, self._password = token, username, password
        self._token = token
        self._sleep = sleep
        self.server_time: datetime | None = None
        """Airflow's clock at its last answer, None before it."""
        self._http = httpx.Client(
            base_url=self.url + "/",
            headers={"User-Agent": "olo-jupyter", "Accept": "application/json"},
            timeout=seconds,
            transport=transport,
            # A redirect to another host would carry the token along.
            follow_redirects=False,
        )

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """The JSON object at ``path``, below ``/api/v2``.

        Raises:
            AirflowError: It can't be had.
        """
        return self._send(
            "GET", path, parameters={key: value for key, value in parameters.items() if value is not None}
        )

    def pages(self, path: str, key: str, *, limit: int, **parameters: Any) -> Iterator[dict[str, Any]]:
        """At most ``limit`` items of a list, page after page.

        Raises:
            AirflowError: A page can't be had.
        """
        seen = 0
        while seen < limit:
            answer = self.get(path, limit=min(PAGE, limit - seen), offset=seen, **parameters)
            items = answer.get(key)
            if not isinstance(items, list):
                raise AirflowError(f"Airflow answered no list of {key}.", code="airflow-protocol")
            yield from items
            seen += len(items)
            if not items or seen >= int(answer.get("total_entries") or 0):
                return

    def send(self, method: str, path: str, body: Mapping[str, Any], *, repeatable: bool = False) -> dict[str, Any]:
        """Send JSON; the JSON of the answer.

        Args:
            repeatable: Whether sending it twice does no more than once; PUT, PATCH and DELETE always are.

        Raises:
            AirflowError: It was refused, or there is no telling whether it was done.
        """
        return self._send(method, path, body=body, repeatable=repeatable or method != "POST")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        renewed = False
        for attempt in range(1, ATTEMPTS + 1):
            wait = 0.25 * 2.0**attempt
            if not self._token:
                self._token = self._sign_in()
                renewed = True
            try:
                response = self._http.request(
                    method, f"api/v2/{path}", params=parameters, json=body,
                    headers={"Authorization": f"Bearer {self._token}"},
                )  # fmt: skip
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                problem = self._unreachable(error)
            except httpx.TransportError as error:
                problem = self._unreachable(error)
                if not repeatable:
                    raise problem from None
            else:
                self.server_time = _date(response) or self.server_time
                if not renewed and not self._given and _token_refused(response.status_code, self._json(response)):
                    self._token = ""  # it has run out: sign in again, once
                    continue
                found = self._json(response) if response.is_success else None
                if found is not None:
                    return found
                problem = self._refused(response, path)
                again = self._again(response, repeatable=repeatable)
                if again is None:
                    raise problem
                wait = again or wait
            if attempt == ATTEMPTS or wait > LONGEST_WAIT:
                raise problem
            self._sleep(wait)
        raise AssertionError("unreachable")

    @staticmethod
    def _again(response: httpx.Response, *, repeatable: bool) -> float | None:
        """Seconds until the request may be sent again, 0 for the usual wait, None where it may not."""
        status = response.status_code
        given = response.headers.get("retry-after", "")
        if status == 429 or (status in _AWAY and (repeatable or given)):
            return float(given) if given.isdigit() else 0.0
        if (status == 500 or response.is_success) and repeatable:  # success: an empty answer of one that starts up
            return 0.0
        return None

    @staticmethod
    def _json(response: httpx.Response) -> dict[str, Any] | None:
        if response.status_code == 204:
            return {}
        try:
            found = response.json()
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _sign_in(self) -> str:
        """A new token for user and password."""
        if not self._username:
            raise AirflowError(
                f"There is no account for Airflow at {self.url}.",
                code="airflow-unauthorized",
                hint="Name the variable with a token or password: orchestrators.airflow.token_env or password_env.",
            )
        body = {"username": self._username, "password": self._password()}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._http.post("auth/token", json=body)
            except httpx.TransportError as error:
                problem = self._unreachable(error)
            else:
                token = (self._json(response) or {}).get("access_token") if response.is_success else None
                if isinstance(token, str) and token:
                    return token
                problem = self._refused(response, "auth/token")
                if response.status_code not in (*_AWAY, 429, 500) and not response.is_success:
                    raise self._version_2() or problem
            if attempt == ATTEMPTS:
                raise problem
            self._sleep(0.25 * 2.0**attempt)
        raise AssertionError("unreachable")

    def _version_2(self) -> AirflowError | None:
        """What to say where this is an Airflow of version 2: it has an API of version 1 only."""
        try:
            response = self._http.get("api/v1/version")
        except httpx.TransportError:
            return None
        version = str((self._json(response) or {}).get("version", "")) if response.is_success else ""
        if not version.startswith("2"):
            return None
        return AirflowError(
            f"Airflow at {self.url} is of version {version}: it has no API of version 2.",
            code="airflow-too-old",
            hint="Airflow 3.3 or newer is needed.",
        )

    def _unreachable(self, error: httpx.TransportError) -> AirflowError:
        said = str(error) or type(error).__name__
        return AirflowError(f"Airflow at {self.url} can't be reached: {said}", hint=_HINTS["airflow-unavailable"])

    def _refused(self, response: httpx.Response, path: str) -> AirflowError:
        status = response.status_code
        if response.is_success:
            return AirflowError(
                f"Airflow at {self.url} answered something that isn't JSON for {path}.",
                code="airflow-protocol",
                hint="Is this its address, and no sign-in page before it?",
            )
        if status == 404 and (too_old := self._version_2()) is not None:
            return too_old
        code = _CODES.get(status, "airflow-unavailable" if status >= 500 else "airflow-invalid")
        said = _said(self._json(response))
        return AirflowError(
            f"Airflow answered {status} for {path}{': ' + said if said else ''}", code=code, hint=_HINTS.get(code, "")
        )


def segment(text: str) -> str:
    """A name as one segment of a path: run ids hold ``+`` and ``:``, names of others may hold anything.

    Example:
        >>> segment("manual__2026-01-31T06:00:00+00:00")
        'manual__2026-01-31T06%3A00%3A00%2B00%3A00'
    """
    return quote(text, safe="")


def _date(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return None


def _token_refused(status: int, body: dict[str, Any] | None) -> bool:
    """Whether the token itself is at fault: Airflow answers 401 where it ran out, 403 where its key was changed."""
    return status == 401 or (status == 403 and "token" in _said(body).lower())


def _said(body: dict[str, Any] | None) -> str:
    """Airflow's own words, short."""
    detail = (body or {}).get("detail")
    if isinstance(detail, dict):
        detail = detail.get("reason") or detail.get("message") or detail
    if isinstance(detail, list):  # of pydantic: what is wrong with a request; never the values
        detail = "; ".join(f"{'.'.join(map(str, item.get('loc', [])))}: {item.get('msg')}" for item in detail[:3])
    return str(detail or (body or {}).get("title") or "")[:500]
