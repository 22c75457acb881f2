"""A second Trino 483, as one runs it in earnest: TLS, sign-in by password, token and certificate, results put aside.

It has its own authority, made when it starts, and no other catalog than ``tpch``. No registry has Trino's own plugins
for the password file and for spooling: ``TrinoDoors.java`` stands in their place, behind the server's own protocols.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.cache import installed
from tests.services.debian import ensure_command
from tests.services.java import compile_class, java
from tests.services.process import Process, ServiceError, free_port
from tests.services.trino import JAVA, VERSION, install, launch, make_plugin, write_properties

USER, PASSWORD = "ana", "it's a secret"
_SOURCE = (Path(__file__).parent / "TrinoDoors.java").read_text(encoding="utf-8")


@dataclass
class SecureTrino:
    """A running Trino; ``folder`` holds ``ca.pem``, ``client.pem`` and ``client.key``."""

    port: int
    process: Process
    folder: Path
    token_key: bytes

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"TRINO_SECURE_URL": f"https://localhost:{self.port}", "ca": str(self.folder / "ca.pem")}

    def token(self, user: str = USER, seconds: float = 600) -> str:
        """A token that is good for so long; negative: that has expired."""
        parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": user, "exp": int(time.time() + seconds)})
        text = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        return f"{text}.{_base64url(hmac.digest(self.token_key, text.encode(), 'sha256'))}"

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def install_doors() -> Path:
    """The plugin for sign-in and spooling in the cache."""

    def build(target: Path) -> None:
        home = install()
        place = target / "doors"
        place.mkdir()
        compile_class("TrinoDoors", _SOURCE, java(JAVA), home / "compiler", home / "lib", place / "doors.jar")
        make_plugin(place, "TrinoDoors")

    return installed(f"trino-doors-{VERSION}", _SOURCE, build)


def start(folder: Path, *, sign_in: Mapping[str, str] | None = None, https_port: int = 0) -> SecureTrino:
    """Start the server with files in ``folder``; segments that it puts aside are files in ``folder/spooled``.

    Args:
        sign_in: Properties of another way to sign in than by password, token and certificate.
        https_port: Where it listens; default: a free port.

    Raises:
        ServiceError: It didn't come up in time, or openssl is missing.
    """
    plugins = folder / "plugin"
    plugins.mkdir(parents=True)
    (folder / "spooled").mkdir()
    for place in (install() / "plugin" / "tpch", install_doors() / "doors"):
        (plugins / place.name).symlink_to(place)
    http, https, token_key = free_port(), https_port or free_port(), secrets.token_bytes(32)
    make_certificates(folder)
    (folder / "token.key").write_text(base64.b64encode(token_key).decode())
    (folder / "etc").mkdir()
    write_properties(
        folder / "etc" / "password-authenticator.properties",
        {"password-authenticator.name": "one", "one.user": USER, "one.password": PASSWORD},
    )
    write_properties(
        folder / "etc" / "spooling-manager.properties",
        {"spooling-manager.name": "folder", "folder.path": str(folder / "spooled")},
    )
    own = {
        "http-server.authentication.type": "PASSWORD,JWT,CERTIFICATE",
        "http-server.authentication.jwt.key-file": str(folder / "token.key"),
        "http-server.authentication.certificate.user-mapping.pattern": "CN=(.*)",
    }
    config = {
        "http-server.http.port": str(http),
        "http-server.https.enabled": "true",
        "http-server.https.port": str(https),
        "http-server.https.keystore.path": str(folder / "server.pem"),
        "http-server.https.truststore.path": str(folder / "ca.pem"),
        "internal-communication.shared-secret": secrets.token_hex(16),
        "protocol.spooling.enabled": "true",
        "protocol.spooling.retrieval-mode": "COORDINATOR_PROXY",
        "protocol.spooling.shared-secret-key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "protocol.spooling.initial-segment-size": "1MB",
        "protocol.spooling.max-segment-size": "2MB",
        **(sign_in or own),
    }
    tpch = {"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL"}
    process = launch(folder, http, config, {"tpch": tpch}, plugins=plugins)
    return SecureTrino(https, process, folder, token_key)


def make_certificates(folder: Path) -> None:
    """An authority (ca.pem), a server of it (server.pem), an expired one (expired.pem) and a client (client.pem)."""
    openssl = ensure_command("openssl", "openssl")

    def run(*arguments: str) -> None:
        done = subprocess.run([openssl, *arguments], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(f"openssl {arguments[0]} failed:\n{done.stderr[-1000:]}")

    key = ("-newkey", "rsa:2048", "-nodes")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Authority of a test")
    (folder / "names.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names.ext")
    for name, subject, days in (("server", "localhost", "30"), ("client", USER, "30"), ("expired", "localhost", "-1")):
        run("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
        run("x509", "-req", "-in", f"{name}.csr", *signed, "-out", f"{name}.pem", "-days", days)
    server = folder / "server.pem"
    server.write_text((folder / "server.key").read_text() + server.read_text())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
