"""How long things last at the tests' Hub, in seconds."""

from __future__ import annotations

IDLE = 75
"""After it an idle server is stopped: longer than a test leaves one alone."""
TOKEN = 25
"""An access token of Keycloak holds."""
REFRESH = 5
"""After it the Hub asks Keycloak again what groups somebody has."""
REMEMBERED = 30
"""The shared service and people's servers remember what somebody may do (docs/hub.md)."""
