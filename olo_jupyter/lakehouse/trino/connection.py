"""Sign-in at a Trino server, and the requests of one statement: the trino client's own, with our settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import requests
import trino
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from trino.client import ClientSession, TrinoRequest

from olo_jupyter.backends.upstream.authority import certificates
from olo_jupyter.engine_settings import (
    ENCODINGS,
    BasicAuth,
    CertificateAuth,
    JwtAuth,
    OAuth2Auth,
    TrinoSettings,
)
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.errors import QueryError

SOURCE = "olo-jupyter"
_POOL = 8
_TAG = re.compile(r"[^A-Za-z0-9._=@:/ -]")


@dataclass(frozen=True)
class Where:
    """Where a statement's unqualified names count from, in Trino's own names, and the tags that it carries."""

    catalog: str
    namespace: str
    tags: tuple[str, ...] = ()


class Connection:
    """One server, one person. Safe to use from several threads; connections are kept open between statements.

    What ``SET SESSION`` and ``SET ROLE`` change holds for later statements, as in every client of Trino.

    Args:
        settings: ``engines.trino`` of olo.yml.
        user: Name where the settings give none.

    Raises:
        QueryError: A secret isn't where it is said to be, or a file isn't there.
        OloError: certificate-invalid: ``ca_file`` can't be read.
    """

    def __init__(self, settings: TrinoSettings, user: str) -> None:
        self.settings = settings
        self.user = settings.user or user
        self._last: ClientSession | None = None
        self._adapter = HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL)
        self._authentication = self._sign_in()
        if settings.ca_file is not None and settings.ca_file.is_file():
            certificates(settings.ca_file)  # can they be read? requests tells that badly
        for path in (settings.ca_file, getattr(settings.auth, "cert", None), getattr(settings.auth, "key", None)):
            if path is not None and not path.is_file():
                raise QueryError(
                    f"There is no file {path}, which engines.trino of olo.yml names.",
                    code="config",
                    hint="Correct ca_file, or cert and key of auth; relative paths count from olo.yml's folder.",
                )

    @property
    def address(self) -> str:
        """E.g. ``https://trino.example.org:8443``."""
        return f"{self.settings.http_scheme}://{self.settings.host}:{self.settings.port}"

    def client(self, where: Where) -> ClientSession:
        """What one statement's requests say about it."""
        encoding = self.settings.encoding
        made = ClientSession(
            user=self.user,
            catalog=where.catalog or None,
            schema=where.namespace or None,
            source=SOURCE,
            properties=self.settings.session_properties,
            roles=self.settings.roles,
            client_tags=[*self.settings.client_tags, *where.tags],
            timezone="UTC",
            encoding=list(ENCODINGS if encoding is None else encoding) or None,
        )
        if self._last is not None:
            made.properties = dict(self._last.properties)
            made.roles = dict(self._last.roles)
        return made

    def keep(self, client: ClientSession) -> None:
        """Let what a statement that is through has set hold for those that follow."""
        self._last = client

    def requests(self, client: ClientSession) -> TrinoRequest:
        """The requests of one statement; for one thread."""
        return self._requests(client, self._authentication())

    def unsigned(self, client: ClientSession) -> TrinoRequest:
        """Requests that carry no sign-in: those for a result's parts, which a storage of its own may keep."""
        return self._requests(client, None)

    def _requests(self, client: ClientSession, sign_in: trino.auth.Authentication | None) -> TrinoRequest:
        settings = self.settings
        http = requests.Session()
        http.verify = str(settings.ca_file) if settings.ca_file else True
        http.trust_env = settings.ca_file is None  # else REQUESTS_CA_BUNDLE would win over the file
        if not settings.compressed:
            http.headers["Accept-Encoding"] = "identity"
        http.mount("https://", self._adapter)
        http.mount("http://", self._adapter)
        return TrinoRequest(
            host=settings.host,
            port=settings.port or 0,
            client_session=client,
            http_session=http,
            http_scheme=settings.http_scheme,
            auth=sign_in,
            request_timeout=settings.request_timeout,
        )

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._adapter.close()

    def _sign_in(self) -> Callable[[], trino.auth.Authentication | None]:
        """What gives each statement its sign-in; a password is read for each, a token for each request."""
        match self.settings.auth:
            case BasicAuth(password=password):
                return lambda: trino.auth.BasicAuthentication(self.user, _secret(lambda: password.read(self.user)))
            case JwtAuth(token=token):
                return lambda: _FreshToken(lambda: _secret(lambda: token.read(self.user)))
            case OAuth2Auth():
                once = trino.auth.OAuth2Authentication()  # it keeps the token
                return lambda: once
            case CertificateAuth(cert=cert, key=key):
                return lambda: trino.auth.CertificateAuthentication(str(cert), str(key))
        return lambda: None


class _FreshToken(trino.auth.Authentication):
    """A bearer token that is read for each request: one that is renewed while a statement runs is taken at once."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    def set_http_session(self, http_session: requests.Session) -> requests.Session:
        http_session.auth = _Bearer(self._read)
        return http_session

    def get_exceptions(self) -> tuple[type[Exception], ...]:
        return ()


class _Bearer(AuthBase):
    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._read()}"
        return request


def _secret(read: Callable[[], str]) -> str:
    try:
        return read()
    except OloError as error:
        raise QueryError(error.message, code=error.code, hint=error.hint) from error


def tags(notebook: str, cell: str) -> tuple[str, ...]:
    """Client tags that name a notebook and a cell; a tag is of letters, digits and few signs.

    Example:
        >>> tags("Übersicht, 1.ipynb", "a1b2")
        ('notebook=%C3%9Cbersicht%2C 1.ipynb', 'cell=a1b2')
    """
    named = (("notebook", notebook), ("cell", cell))
    return tuple(f"{kind}={_TAG.sub(lambda sign: quote(sign[0], safe=''), name)}" for kind, name in named if name)
