"""The person's own access token, fresh, from the Hub: a server asks for it, and never holds what renews it."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from olo_jupyter.errors import OloError

_EARLY = 30.0
"""Seconds before its end in which a token is asked for again."""


class HubTokenError(OloError):
    """The Hub gives no token."""

    default_code = "hub-token"


class HubToken:
    """The access token of the person whose server this is, kept in memory until shortly before it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def read(self, environ: Mapping[str, str] = os.environ) -> str:
        """A token that is still good.

        Raises:
            HubTokenError: This is no server of a Hub that is set up for it, or the person has to sign in again.
        """
        with self._lock:
            if time.time() > self._until - _EARLY:
                self._token, self._until = _ask(environ)
            return self._token


def _ask(environ: Mapping[str, str]) -> tuple[str, float]:
    address, own = environ.get("OLO_HUB_TOKENS", ""), environ.get("JUPYTERHUB_API_TOKEN", "")
    if not address or not own:
        raise HubTokenError("No Hub gives tokens here.", hint="It works in a server of a JupyterHub: docs/hub.md.")
    request = urllib.request.Request(f"{address}/token", headers={"Authorization": f"token {own}"})  # noqa: S310 - of the Hub's operator
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=20) as response:
            answer: Any = json.loads(response.read(100_000))
        return str(answer["access_token"]), float(answer["expires_at"])
    except urllib.error.HTTPError as error:
        said = "Sign in to the Hub again." if error.code in (401, 403) else f"The Hub's log says why ({error.code})."
        raise HubTokenError("The Hub gives no token.", hint=said) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HubTokenError("The Hub's token service gave no answer.", hint=type(error).__name__) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No token goes where the Hub didn't say."""


OWN = HubToken()
