"""An Iceberg REST catalog that checks rights and pages, for what the reference server can't be made to show.

Every answer is checked against the published description (``iceberg_rest_description.json`` has the parts of it that
are used here) before it is sent, so that this server can't show what no catalog may.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jsonschema import Draft202012Validator

DESCRIBED = json.loads(Path(__file__).with_name("iceberg_rest_description.json").read_text(encoding="utf-8"))
CREDENTIAL = ("olo-client", "olo-secret")
Reply = tuple[int, dict[str, str], bytes]


class Catalog:
    """Answers requests; give it to ``tests.authority.serving``.

    Args:
        metadata: A table's metadata, which every table has.
        names: Tables of the namespace silver.
    """

    def __init__(self, metadata: dict[str, Any], names: list[str]) -> None:
        self.metadata, self.names = metadata, names
        self.tokens: list[str] = []
        self.good: set[str] = set()
        self.denied: set[str] = set()
        self.vended: dict[str, str] = {}
        self.sent: list[tuple[str, str, int]] = []
        self.grants: list[dict[str, list[str]]] = []
        self.fault: Callable[[], Reply] | None = None

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        status, more, answer = self._answer(method, path, headers, body)
        self.sent.append((method, unquote(urlsplit(path).path), status))
        return status, more, answer

    def expire(self) -> None:
        """No token that was given out is good any more."""
        self.good.clear()

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        place, query = unquote(urlsplit(path).path), parse_qs(urlsplit(path).query)
        if place == "/v1/oauth/tokens":
            return self._token(parse_qs(body.decode()))
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.good:
            return _error(401, "NotAuthorizedException", "The access token expired")
        if self.fault is not None and place != "/v1/config":
            return self.fault()
        if place == "/v1/config":
            return _described("CatalogConfig", {"defaults": {}, "overrides": {"prefix": "lake"}})
        if place == "/v1/lake/namespaces":
            return _described("ListNamespacesResponse", {"namespaces": [] if "parent" in query else [["silver"]]})
        if place == "/v1/lake/namespaces/silver":
            return _described("GetNamespaceResponse", {"namespace": ["silver"], "properties": {}})
        if place == "/v1/lake/namespaces/silver/tables":
            return self._tables(query)
        if place.startswith("/v1/lake/namespaces/silver/tables/"):
            return self._table(place.rpartition("/")[2], headers)
        return _error(404, "NoSuchNamespaceException", f"Namespace does not exist: {place}")

    def _token(self, asked: dict[str, list[str]]) -> Reply:
        self.grants.append(asked)
        if (asked.get("client_id"), asked.get("client_secret")) != tuple([one] for one in CREDENTIAL):
            told = {"error": "invalid_client", "error_description": "unknown client"}
            return _described("OAuthError", told, 401)
        self.tokens.append(f"token-{len(self.tokens)}")
        self.good.add(self.tokens[-1])
        told = {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 3600}
        return _described("OAuthTokenResponse", told)

    def _tables(self, query: dict[str, list[str]]) -> Reply:
        size = int(query.get("pageSize", [str(len(self.names))])[0])
        start = int(query.get("pageToken", ["0"])[0] or 0)
        page = [{"namespace": ["silver"], "name": name} for name in self.names[start : start + size]]
        told: dict[str, Any] = {"identifiers": page}
        if start + size < len(self.names):
            told["next-page-token"] = str(start + size)
        return _described("ListTablesResponse", told)

    def _table(self, name: str, headers: dict[str, str]) -> Reply:
        if name in self.denied:
            return _error(403, "ForbiddenException", f"Principal 'olo-client' is not authorized for {name}")
        if name not in self.names:
            return _error(404, "NoSuchTableException", f"Table does not exist: silver.{name}")
        tag = f'"{self.metadata["current-snapshot-id"]}"'
        if headers.get("if-none-match") == tag:
            return 304, {"ETag": tag}, b""
        told = {"metadata-location": "file:/nowhere/v1.metadata.json", "metadata": self.metadata, "config": self.vended}
        status, more, answer = _described("LoadTableResult", told)
        return status, {**more, "ETag": tag}, answer


def _described(schema: str, told: dict[str, Any], status: int = 200) -> Reply:
    Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": DESCRIBED}).validate(told)
    return status, {}, json.dumps(told).encode()


def _error(status: int, kind: str, message: str) -> Reply:
    return _described("IcebergErrorResponse", {"error": {"message": message, "type": kind, "code": status}}, status)
