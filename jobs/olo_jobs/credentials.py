"""Credentials in a spec are refused: what looks like one, by its form or by the name of its key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from olo_jobs.problem import Location

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY")),
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})")),
    ("a GitLab token", re.compile(r"\bgl(pat|dt|rt|cbt|ptt|soat)-[\w-]{20,}")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[\w-]{10,}")),
    ("a Slack webhook", re.compile(r"hooks\.slack\.com/(services|workflows|triggers)/\w+")),
    (
        "a Teams webhook",
        re.compile(r"webhook\.office\.com/webhook|logic\.azure\.com[^\s]*[?&]sig=|powerplatform\.com[^\s]*[?&]sig="),
    ),
    ("a Discord webhook", re.compile(r"discord(app)?\.com/api/webhooks/\d+")),
    ("a Google API key", re.compile(r"\bAIza[\w-]{35}")),
    ("a Stripe key", re.compile(r"\b[rs]k_live_\w{20,}")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@{}$]*:[^\s/@{}$]+@")),
    ("an Authorization header", re.compile(r"^(Bearer|Basic|Token)\s+[\w.~+/=-]{8,}$", re.IGNORECASE)),
    (
        "a signed URL",
        re.compile(r"[?&](X-Amz-Signature|sig|sv|access_token|api_?key|token)=[\w%.~-]{8,}", re.IGNORECASE),
    ),
)
_KEY = re.compile(
    r"(^|[_\-.])(password|passwd|passphrase|pwd|secret|secret_?key|token|api_?key|access_?key|private_?key|auth_?key|"
    r"routing_?key|integration_?key|account_?key|client_?secret|credentials?|authorization|sas)$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HARMLESS = re.compile(r"\s*|.*\{\{.*\}\}.*|.*\$\{.*\}.*|(true|false|none|null)", re.IGNORECASE | re.DOTALL)


def credentials(value: Any, at: Location = ()) -> Iterator[tuple[Location, str]]:
    """Everything inside ``value`` that looks like a credential: its place, and what it looks like.

    ``{secret: NAME}`` and the key ``secret`` hold names, which are welcome; a template holds none.

    Example:
        >>> list(credentials({"env": {"API_TOKEN": "s3cr3t-value", "OK": {"secret": "api-token"}}}))
        [(('env', 'API_TOKEN'), 'API_TOKEN')]
    """
    if isinstance(value, dict):
        for key, item in value.items():
            here = (*at, key)
            if (
                isinstance(item, str | int)
                and not isinstance(item, bool)
                and _names_one(str(key))
                and not _is_name(here)
            ):
                if not _HARMLESS.fullmatch(str(item)):
                    yield here, str(key)
            else:
                yield from credentials(item, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from credentials(item, (*at, index))
    elif isinstance(value, str):
        for what, form in _FORMS:
            if form.search(value):
                yield at, what
                return


def _names_one(key: str) -> bool:
    return _KEY.search(_CAMEL.sub("_", key)) is not None


def _is_name(at: Location) -> bool:
    """Whether the key ``secret`` stands where a spec names a secret: its form is checked there."""
    return at[-1] == "secret" and at[-2:-1] not in (("env",), ("arguments",), ("vars",), ("parameters",), ("conf",))
