"""Keycloak's realm for this platform: the Hub's client with its secret and addresses, OpenMetadata's, a first person.

It is jupyterhub_config/keycloak/realm.json, filled in. Keycloak reads it at its first start only.
Environment: REALM (the source), REALM_OUT, HUB_URL, OPENMETADATA_URL, HUB_CLIENT_SECRET, FIRST_PASSWORD;
REALM_OWNER, a user id.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def of_openmetadata(url: str) -> dict[str, Any]:
    """The client of OpenMetadata's pages: they run in browsers, so it has no secret, and only this address is allowed.

    Its documentation wants the standard and the implicit flow.
    """
    return {
        "clientId": "openmetadata",
        "name": "OpenMetadata",
        "protocol": "openid-connect",
        "enabled": True,
        "publicClient": True,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": True,
        "directAccessGrantsEnabled": False,
        "redirectUris": [f"{url}/callback", f"{url}/silent-callback"],
        "webOrigins": [url],
        "attributes": {"post.logout.redirect.uris": f"{url}/*"},
        "defaultClientScopes": ["basic", "profile", "email"],
    }


def filled_in(realm: dict[str, Any], hub: str, openmetadata: str, secret: str, password: str) -> dict[str, Any]:
    """The realm with everything that only an installation knows."""
    (client,) = realm["clients"]
    client["secret"] = secret
    client["redirectUris"] = [f"{hub}/hub/oauth_callback"]
    client["attributes"]["post.logout.redirect.uris"] = f"{hub}/*"
    first = {
        "username": "admin",
        "enabled": True,
        "email": "admin@example.org",
        "emailVerified": True,
        "firstName": "First",
        "lastName": "Administrator",
        "groups": ["/olo-platform-admin"],
        "credentials": [{"type": "password", "value": password, "temporary": False}],
    }
    return {**realm, "clients": [client, of_openmetadata(openmetadata)], "users": [first]}


def main(environ: Mapping[str, str] = os.environ) -> None:
    """Write it, readable by Keycloak's account only."""
    realm = json.loads(Path(environ["REALM"]).read_text(encoding="utf-8"))
    urls = environ["HUB_URL"], environ["OPENMETADATA_URL"]
    made = filled_in(realm, *urls, environ["HUB_CLIENT_SECRET"], environ["FIRST_PASSWORD"])
    out = Path(environ["REALM_OUT"])
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        json.dump(made, stream)
    if owner := environ.get("REALM_OWNER"):
        os.chown(out, int(owner), -1)


if __name__ == "__main__":
    main()
