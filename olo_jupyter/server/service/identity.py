"""Who asks: a token of JupyterHub, checked by the Hub, or of an OpenID Connect provider, checked by its keys.

Tokens come in the Authorization header only. There are no cookies, so there is nothing a page of another site could
make a browser send along.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2 as httpx

from olo_jupyter.backends.upstream.authority import authority_hint, certificates
from olo_jupyter.errors import OloError
from olo_jupyter.server.context import User
from olo_jupyter.server.roles import Right, rights_in, rights_of, roles_of
from olo_jupyter.service_settings import OidcSettings

KNOWN_FOR = 30.0
"""Seconds that a token's owner and rights are taken as known: what the Hub takes away is gone within this time."""
_KNOWN = 10_000
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_log = logging.getLogger(__name__)


class NotSignedIn(OloError):
    """There is no token, or it isn't good."""

    default_code = "not-signed-in"


@dataclass(frozen=True)
class Person:
    """Somebody with rights."""

    user: User
    rights: frozenset[Right]


class Identity(Protocol):
    """Checks tokens."""

    async def person(self, token: str) -> Person:
        """Whose a token is.

        Raises:
            NotSignedIn: It isn't good.
            OloError: identity-unavailable: who could tell can't be asked.
        """

    async def close(self) -> None:
        """Let go of connections."""


class Known:
    """Remembers for a while what another one found out. A token itself is never kept, its hash is."""

    def __init__(self, identity: Identity, seconds: float = KNOWN_FOR) -> None:
        self._identity = identity
        self._seconds = seconds
        self._found: OrderedDict[bytes, tuple[float, asyncio.Task[Person]]] = OrderedDict()

    async def person(self, token: str) -> Person:
        """As :class:`Identity`; those who ask at the same time wait for one answer."""
        key, now = hashlib.sha256(token.encode()).digest(), time.monotonic()
        until, task = self._found.get(key, (0.0, None))
        if task is None or now >= until:
            task = asyncio.get_running_loop().create_task(self._identity.person(token))
            self._found[key] = (now + self._seconds, task)
            self._found.move_to_end(key)
            if len(self._found) > _KNOWN:
                self._found.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except OloError as error:
            # A wrong token is remembered as long; a fault is not.
            if not isinstance(error, NotSignedIn) and self._found.get(key, (0.0, None))[1] is task:
                del self._found[key]
            raise

    async def close(self) -> None:
        """Let go of connections."""
        await self._identity.close()


class HubIdentity:
    """JupyterHub's own tokens: of people's servers, of services, of people.

    Args:
        api: The Hub's API, JUPYTERHUB_API_URL.
        access: Scopes that let somebody use the service at all; one of them is needed.
        verify: Certificates for the Hub.
    """

    def __init__(self, api: str, access: frozenset[str], verify: ssl.SSLContext | bool = True) -> None:
        self._access = access
        self._http = httpx.AsyncClient(
            base_url=api.rstrip("/") + "/", timeout=10, verify=verify, follow_redirects=False
        )

    async def person(self, token: str) -> Person:
        """As :class:`Identity`."""
        try:
            response = await self._http.get("user", headers={"Authorization": f"token {token}"})
        except httpx.HTTPError as error:
            _log.warning("The Hub can't be asked who somebody is: %s", type(error).__name__)
            raise _unavailable("The Hub") from error
        if response.status_code in (401, 403, 404):
            raise NotSignedIn("The Hub doesn't know this token.", hint="Sign in again, or restart your server.")
        try:
            model = response.json() if response.status_code == 200 else {}
            name, scopes = str(model["name"]), frozenset(map(str, model["scopes"]))
            groups = frozenset(map(str, model.get("groups") or ()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unavailable("The Hub") from error
        _check_name(name)
        if self._access and not self._access & scopes:
            raise NotSignedIn("This token is not for this service.", hint="Its scopes lack access to the service.")
        rights = rights_in(scopes)
        return Person(User(name, name, roles_of(rights), groups), rights)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()


class OidcIdentity:
    """Signed tokens (JWT) of an OpenID Connect provider; groups in them give roles.

    Args:
        groups: Group → role.
    """

    def __init__(self, settings: OidcSettings, groups: Mapping[str, str]) -> None:
        self._settings = settings
        self._groups = dict(groups)
        self._verify = certificates(settings.ca_file)
        self._keys: Any = None  # PyJWKClient, made when the provider was asked where its keys are

    async def person(self, token: str) -> Person:
        """As :class:`Identity`."""
        claims = await asyncio.get_running_loop().run_in_executor(None, self._claims, token)
        name, listed = claims.get(self._settings.name_claim), claims.get(self._settings.groups_claim, [])
        if not isinstance(name, str) or not name:
            raise NotSignedIn(f"The token has no claim {self._settings.name_claim}.")
        _check_name(name)
        listed = [group for group in listed if isinstance(group, str)] if isinstance(listed, list) else []
        roles = {self._groups[group] for group in listed if group in self._groups}
        rights = rights_of(roles)
        return Person(User(name, str(claims.get("name") or name), roles_of(rights), frozenset(listed)), rights)

    def _claims(self, token: str) -> dict[str, Any]:
        import jwt

        try:
            key = self._key_client().get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=_ALGORITHMS,
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=30,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise _unavailable("The identity provider", authority_hint(str(error), "service.oidc.ca_file")) from error
        except jwt.PyJWTError as error:
            raise NotSignedIn(f"The token isn't good: {type(error).__name__}.", hint="Get a new one.") from error
        return claims

    def _key_client(self) -> Any:
        import jwt

        if self._keys is None:
            address = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                response = httpx.get(address, timeout=10, verify=self._verify, follow_redirects=False)
                found = response.json() if response.status_code == 200 else {}
                keys, issuer = str(found["jwks_uri"]), str(found["issuer"])
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                hint = authority_hint(str(error), "service.oidc.ca_file")
                raise _unavailable("The identity provider", hint) from error
            if issuer != self._settings.issuer or urlsplit(keys).scheme != urlsplit(address).scheme:
                raise OloError(
                    f"{address} is the configuration of another issuer.",
                    code="identity-protocol",
                    hint="Check service.oidc.issuer.",
                )
            context = self._verify if isinstance(self._verify, ssl.SSLContext) else None
            self._keys = jwt.PyJWKClient(keys, cache_keys=True, lifespan=300, timeout=10, ssl_context=context)
        return self._keys

    async def close(self) -> None:
        """Nothing is held."""


def bearer(header: str) -> str:
    """The token of an Authorization header.

    Example:
        >>> bearer("token abc"), bearer("Bearer abc")
        ('abc', 'abc')

    Raises:
        NotSignedIn: There is none.
    """
    kind, _, token = header.partition(" ")
    if kind.lower() not in ("token", "bearer") or not token.strip():
        raise NotSignedIn("There is no token.", hint="Authorization: Bearer TOKEN")
    return token.strip()


def _check_name(name: str) -> None:
    """Names go into records, notes and commands.

    Raises:
        NotSignedIn: It holds what can't be seen.
    """
    if not name.isprintable():
        raise NotSignedIn("The name in the token holds characters that can't be printed.", hint="Ask an admin.")


def _unavailable(who: str, hint: str = "") -> OloError:
    hint = hint or "Try again in a moment."
    return OloError(f"{who} can't be asked who you are.", code="identity-unavailable", hint=hint)
