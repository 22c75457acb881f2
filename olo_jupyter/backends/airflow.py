"""Airflow's REST API, version 2: tokens, pages, errors in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx

from olo_jupyter.backends.upstream.authority import authority_hint
from olo_jupyter.backends.upstream.client import AWAY, Upstream
from olo_jupyter.errors import OloError

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
_VERSION_1 = "api/v1/version"


class AirflowError(OloError):
    """Airflow can't be reached, or refuses; the message holds no credential."""

    default_code = "airflow-unavailable"


class _TokenRefusedError(AirflowError):
    """The token isn't good, or not any more."""


class AirflowClient:
    """One Airflow.

    Args:
        url: Its address, e.g. ``https://airflow.example.org``.
        token: A token of one's own; '' to sign in with user and password.
        username: Who signs in.
        password: Gives the password when it is needed.
        seconds: Limit of one request.
        ca_file: Certificates of an authority of one's own, PEM.
        setting: The orchestrator's key in olo.yml, for hints.
        transport: For tests of faults.
        sleep: For tests of faults.

    Raises:
        OSError: The certificates can't be read.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        username: str = "",
        password: Callable[[], str] = str,
        seconds: float = 30.0,
        ca_file: Path | None = None,
        setting: str = "orchestrators.airflow",
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._given, self._username, self._password = token, username, password
        self._token, self._setting = token, setting
        self.server_time: datetime | None = None
        """Airflow's clock at its last answer, None before it."""
        self._upstream = Upstream(self.url, self, seconds=seconds, ca_file=ca_file, transport=transport, sleep=sleep)

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
            items, total = self.page(path, key, limit=min(PAGE, limit - seen), offset=seen, **parameters)
            yield from items
            seen += len(items)
            if not items or seen >= total:
                return

    def page(self, path: str, key: str, **parameters: Any) -> tuple[list[dict[str, Any]], int]:
        """One page of a list, and how many items there are in all.

        Raises:
            AirflowError: It can't be had, or is none.
        """
        return objects_in(self.get(path, **parameters), key)

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
        self._upstream.close()

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        renewed = self._sign_in() if not self._token else False
        while True:
            try:
                response = self._upstream.send(
                    method, f"api/v2/{path}", parameters=parameters, body=body, repeatable=repeatable,
                    headers={"Authorization": f"Bearer {self._token}"},
                )  # fmt: skip
            except _TokenRefusedError:
                if renewed or self._given:
                    raise
                renewed = self._sign_in()  # it has run out: sign in again, once
            else:
                self.server_time = _date(response) or self.server_time
                found = self._json(response)
                assert found is not None, "good() has looked"
                return found

    def good(self, response: httpx.Response) -> bool:
        """Whether it did what was asked: an Airflow that starts up may answer nothing with 200."""
        return response.is_success and self._json(response) is not None

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:
        """When a request may be sent again."""
        status = response.status_code
        given = response.headers.get("retry-after", "")
        if status == 429 or (status in AWAY and (repeatable or given)):
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

    def _sign_in(self) -> bool:
        """Get a new token for user and password."""
        if not self._username:
            raise AirflowError(
                f"There is no account for Airflow at {self.url}.",
                code="airflow-unauthorized",
                hint="Name the variable with a token or password: orchestrators.airflow.token_env or password_env.",
            )
        body = {"username": self._username, "password": self._password()}
        answer = self._json(self._upstream.send("POST", "auth/token", body=body, repeatable=True)) or {}
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise AirflowError(f"Airflow at {self.url} gave no token.", code="airflow-protocol")
        self._token = token
        return True

    def _version_2(self) -> AirflowError | None:
        """What to say where this is an Airflow of version 2: it has an API of version 1 only."""
        try:
            response = self._upstream.send("GET", _VERSION_1)
        except AirflowError:
            return None
        version = str((self._json(response) or {}).get("version", ""))
        if not version.startswith("2"):
            return None
        return AirflowError(
            f"Airflow at {self.url} is of version {version}: it has no API of version 2.",
            code="airflow-too-old",
            hint="Airflow 3.3 or newer is needed.",
        )

    def unreachable(self, why: str) -> AirflowError:
        """Airflow doesn't answer."""
        hint = authority_hint(why, f"{self._setting}.ca_file") or _HINTS["airflow-unavailable"]
        return AirflowError(f"Airflow at {self.url} can't be reached: {why}", hint=hint)

    def refused(self, response: httpx.Response, path: str) -> AirflowError:
        """What Airflow says of a request that it doesn't do."""
        status = response.status_code
        if response.is_success:
            return AirflowError(
                f"Airflow at {self.url} answered something that isn't JSON for {path}.",
                code="airflow-protocol",
                hint="Is this its address, and no sign-in page before it?",
            )
        if status == 404 and path != _VERSION_1 and (too_old := self._version_2()) is not None:
            return too_old
        code = _CODES.get(status, "airflow-unavailable" if status >= 500 else "airflow-invalid")
        said = _said(self._json(response))
        error = _TokenRefusedError if _token_refused(status, self._json(response)) else AirflowError
        return error(
            f"Airflow answered {status} for {path}{': ' + said if said else ''}", code=code, hint=_HINTS.get(code, "")
        )


def objects_in(answer: Mapping[str, Any], key: str) -> tuple[list[dict[str, Any]], int]:
    """The objects of a list in an answer, and how many there are in all.

    Example:
        >>> objects_in({"dags": [{"dag_id": "daily"}], "total_entries": 7}, "dags")
        ([{'dag_id': 'daily'}], 7)

    Raises:
        AirflowError: airflow-protocol: there is no such list.
    """
    items, total = answer.get(key), answer.get("total_entries")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise AirflowError(f"Airflow answered no list of {key}.", code="airflow-protocol")
    return items, total if isinstance(total, int) else len(items)


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
