"""Polaris' management API as its own Python client knows it, from PyPI, in the cache: its server isn't to be had."""

from __future__ import annotations

import importlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.services.cache import installed
from tests.services.pypi import pip_install

_CLIENT = "apache-polaris==1.4.0"
"""The earliest that is published; docker-compose.yml runs 1.3.0."""
_API = "/api/management/v1"
_SDK = "apache_polaris.sdk.management"


@cache
def client(module: str) -> Any:
    """A module of the client, e.g. ``models.create_catalog_request``."""
    folder = str(installed("apache-polaris", _CLIENT, lambda target: pip_install([_CLIENT], target / "packages")))
    if f"{folder}/packages" not in sys.path:
        sys.path.append(f"{folder}/packages")
    return importlib.import_module(f"{_SDK}.{module}")


@cache
def operations() -> list[tuple[str, re.Pattern[str]]]:
    """Method and path of everything that the client can ask."""
    source = Path(client("api.polaris_default_api").__file__).read_text(encoding="utf-8")
    found = re.findall(r"method='(\w+)',\s+resource_path='([^']+)'", source)
    return [(method, re.compile(_API + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))) for method, path in found]


def understood(model: str, sent: Any) -> bool:
    """Whether the client's own class for a body makes the same body of it: no field is unknown.

    Raises:
        pydantic.ValidationError: A field is wrong or missing.
    """
    module = client(f"models.{re.sub(r'(?<!^)(?=[A-Z])', '_', model).lower()}")
    made = json.loads(json.dumps(getattr(module, model).from_dict(sent).to_dict()))
    return bool(made == sent)


@dataclass
class Heard:
    """What a stand-in was asked: method, path, body."""

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    there: set[str] = field(default_factory=set)
    url: str = ""


@contextmanager
def listening(client_id: str, secret: str) -> Iterator[Heard]:
    """A stand-in that writes down what it is asked; it answers as the description says: 201, 409 where it is there."""
    heard = Heard()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/api/catalog/v1/oauth/tokens":
                right = f"client_id={client_id}&client_secret={secret}".encode() in body
                self._answer(200 if right else 401, {"access_token": "t", "token_type": "bearer"} if right else {})
                return
            if self.headers["Authorization"] != "Bearer t":
                self._answer(401, {})
                return
            value = json.loads(body)
            heard.asked.append((self.command, self.path, value))
            name = f"{self.path} {value.get('catalog', {}).get('name', '')}"
            self._answer(409 if name in heard.there and self.command == "POST" else 201, {})
            heard.there.add(name)

        do_PUT = do_POST  # noqa: N815 - as http.server calls it

        def _answer(self, status: int, value: Any) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
