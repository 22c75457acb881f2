"""An OpenID Connect issuer in a thread: a configuration, keys, and tokens signed by them. For tests."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

AUDIENCE = "olo"


class Issuer:
    """Answers on 127.0.0.1 until it is stopped."""

    def __init__(self) -> None:
        self._key = generate_private_key(65537, 2048)
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers: dict[str, Any] = {
                    "/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"},
                    "/keys": {"keys": [issuer.public_key()]},
                }
                found = answers.get(self.path)
                self.send_response(200 if found else 404)
                self.end_headers()
                self.wfile.write(json.dumps(found or {}).encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def public_key(self) -> dict[str, Any]:
        """The key as JWKS has it."""
        return {**jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True), "kid": "1", "use": "sig"}

    def token(self, name: str, *groups: str, key: Any = None, **claims: Any) -> str:
        """A token of a person in groups; ``claims`` win."""
        given = {
            "iss": self.url, "aud": AUDIENCE, "exp": int(time.time()) + 300, "preferred_username": name,
            "groups": list(groups), **claims,
        }  # fmt: skip
        return jwt.encode(given, key or self._key, algorithm="RS256", headers={"kid": "1"})

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
