"""The identity provider's endpoints, by OpenID Connect discovery."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from olo_jupyter.backends.upstream.authority import certificates
from olo_jupyter.hub.settings import HubError


class Provider(BaseModel):
    """What the Hub needs of an issuer's published configuration."""

    model_config = ConfigDict(extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    end_session_endpoint: str = ""


def discover(issuer: str, ca_file: Path | None = None, *, patience: float = 60.0) -> Provider:
    """Ask an issuer where its endpoints are.

    Args:
        ca_file: Certificates of an authority of one's own.
        patience: Seconds to wait for one that is still starting.

    Raises:
        HubError: It can't be reached, or it isn't the issuer it is called.
        OloError: certificate-invalid: ``ca_file`` can't be read.
    """
    verify = certificates(ca_file)
    address, end = f"{issuer}/.well-known/openid-configuration", time.monotonic() + patience
    while True:
        try:
            response = httpx2.get(address, timeout=10, verify=verify, follow_redirects=False)
            if response.status_code == 200:
                break
            said = f"answered {response.status_code}"
        except httpx2.HTTPError as error:
            said = str(error) or type(error).__name__
        if time.monotonic() > end:
            hint = "Check OLO_HUB_ISSUER, and OLO_HUB_CA_FILE for certificates of your own."
            raise HubError(f"The identity provider can't be asked: {address} {said}.", hint=hint)
        time.sleep(1)
    try:
        found = Provider.model_validate_json(response.content)
    except ValidationError as error:
        raise HubError(f"{address} is no OpenID Connect configuration.", hint="Check OLO_HUB_ISSUER.") from error
    if found.issuer.rstrip("/") != issuer:
        raise HubError(f"{address} is the configuration of {found.issuer}.", hint=f"OLO_HUB_ISSUER={found.issuer}")
    for endpoint in (found.authorization_endpoint, found.token_endpoint, found.userinfo_endpoint):
        if urlsplit(endpoint).scheme != urlsplit(issuer).scheme:
            raise HubError(f"{endpoint} is less safe than {issuer}.", hint="The provider's public address isn't set.")
    return found
