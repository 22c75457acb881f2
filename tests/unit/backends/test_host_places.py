"""Hosts below a path, with a certificate of an authority of one's own, and lists of several pages: each kind alike."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import httpx2 as httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from olo_jupyter.backends.hosts.base import HostError
from olo_jupyter.backends.hosts.discover import Kind, Remote, connect, kind_of, parse_remote
from olo_jupyter.errors import OloError

from .test_host_faults import KINDS, PULL

APIS = {"github": "/git/api/v3/", "gitlab": "/git/api/v4/", "gitea": "/git/api/v1/"}
VERSIONS: dict[str, tuple[str, dict[str, str]]] = {
    "/api/v1/version": ('{"version": "1.26.0"}', {}),
    "/api/v3/meta": ("{}", {"x-github-request-id": "1"}),
    "/api/v4/version": ('{"message": "401 Unauthorized"}', {"x-gitlab-meta": "{}"}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "url", ["https://example.org/git/ana/flights.git", "ssh://git@ssh.example.org:2222/ana/flights.git"]
)
def test_below_a_path(kind: Kind, url: str) -> None:
    """The API and the pages lie where ``git.url`` says, also where the remote is reached by SSH on another host."""
    asked: list[httpx.URL] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json=[PULL[kind]])

    remote = parse_remote(url, web="https://example.org/git/")
    assert remote == Remote("example.org", "ana/flights", "https://example.org/git")
    with closing(connect(remote, kind, "t", transport=httpx.MockTransport(handler))) as host:
        found = host.find("olo/ana/delays", "main")
        page = host.file_url("models/a b.sql", "main", 3)
    assert found is not None
    assert {(each.host, each.path.startswith(APIS[kind])) for each in asked} == {("example.org", True)}
    assert page.startswith("https://example.org/git/ana/flights/")
    assert "a%20b.sql" in page


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_a_list_is_read(kind: Kind) -> None:
    """The reviews of 250 people, by 100 at most: the last page counts, too."""
    pages: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        if request.url.path.endswith("/approvals"):
            return httpx.Response(200, json={"approved_by": []})
        pages.append(page)
        verdict = {"github": "APPROVED", "gitea": "APPROVED", "gitlab": "requested_changes"}[kind]
        told = [
            {"user": {"id": number, "login": f"u{number}", "username": f"u{number}"}, "state": verdict}
            for number in range((page - 1) * 100, min(page * 100, 250))
        ]
        following = str(request.url.copy_set_param("page", str(page + 1)))
        links = f'<{following}>; rel="next", <{request.url}>; rel="first"' if page < 3 else ""
        return httpx.Response(200, json=told, headers={"link": links} if links else {})

    remote = Remote("git.example.org", "ana/flights", "https://git.example.org")
    with closing(connect(remote, kind, "t", transport=httpx.MockTransport(handler))) as host:
        assert {review.user for review in host.reviews(7)} == {f"u{number}" for number in range(250)}
    assert pages == [1, 2, 3]


def _signed(folder: Path) -> tuple[Path, Path]:
    """An authority's certificate, and one for 127.0.0.1 that it signed, with its key, in PEM."""
    now = datetime.now(UTC)

    def certificate(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "our authority")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(hours=1))
        )

    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = certificate("our authority", root).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    known = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    leaf = certificate("127.0.0.1", own).add_extension(known, False)
    authority, server = folder / "authority.pem", folder / "server.pem"
    pem = serialization.Encoding.PEM
    authority.write_bytes(issuer.sign(root, hashes.SHA256()).public_bytes(pem))
    secret = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server.write_bytes(leaf.sign(root, hashes.SHA256()).public_bytes(pem) + secret)
    return authority, server


@contextmanager
def _serving(certificate: Path, kind: Kind) -> Iterator[str]:
    """A host's address that answers with one pull request by HTTPS, and to the question which kind of host it is."""
    own = next(path for path in VERSIONS if APIS[kind].startswith(f"/git{path[:8]}"))

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text, headers = VERSIONS[own] if self.path == own else (httpx.Response(200, json=[PULL[kind]]).text, {})
            self.send_response(404 if self.path in VERSIONS and self.path != own else 200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_authority_of_one_s_own(kind: Kind, tmp_path: Path) -> None:
    """With ``git.ca_file`` the host is known and answers; without it the refusal says what to set."""
    authority, certificate = _signed(tmp_path)
    with _serving(certificate, kind) as url:
        remote = parse_remote(f"{url}/ana/flights.git")
        assert remote is not None
        assert kind_of(remote, authority) == kind
        with closing(connect(remote, kind, "t", ca_file=authority)) as host:
            found = host.find("olo/ana/delays", "main")
            assert found is not None
            assert found.number == 7
        with closing(connect(remote, kind, "t")) as stranger, pytest.raises(HostError) as refused:
            stranger.find("olo/ana/delays", "main")
        with pytest.raises(HostError) as unknown:
            kind_of(remote)
    assert "git.ca_file in olo.yml" in refused.value.hint
    assert "git.ca_file in olo.yml" in unknown.value.hint
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(OloError) as unreadable:
        connect(remote, kind, "t", ca_file=tmp_path / "empty.pem")
    with pytest.raises(OloError) as missing:
        kind_of(remote, tmp_path / "missing.pem")
    assert {unreadable.value.code, missing.value.code} == {"host-invalid", "certificate-invalid"}
