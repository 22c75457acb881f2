"""When an access token ends."""

from __future__ import annotations

import base64
import json

_ASSUMED = 30.0
"""Seconds that a token is taken to hold where it doesn't say."""


def expires_at(token: str, now: float) -> float:
    """When a token ends, as it says itself (a JWT), else soon.

    Example:
        >>> expires_at("opaque", 1000.0)
        1030.0
    """
    parts = token.split(".")
    if len(parts) == 3:
        try:
            body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            return float(body["exp"])
        except (ValueError, KeyError, TypeError):
            return now + _ASSUMED
    return now + _ASSUMED
