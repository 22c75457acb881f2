"""Notifications, delivered: Slack, e-mail, PagerDuty, Microsoft Teams, any webhook. Only the standard library.

E-mail goes through the server that ``OLO_SMTP_HOST`` names (``OLO_SMTP_PORT``, ``OLO_SMTP_USER``, ``OLO_SMTP_FROM``;
the password is the secret ``smtp-password``; STARTTLS where the server offers it). ``OLO_SLACK_API`` and
``OLO_PAGERDUTY_API`` name other addresses than the services' own: a proxy, a test.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Literal

from olo_jobs.commands import SecretError
from olo_jobs.fields import SecretRef
from olo_jobs.notify import Notification, Notify, Slack
from olo_jobs.request import exchange

ATTEMPTS = 3
TIMEOUT = 10.0
"""Seconds that one request may take: a run doesn't wait long for a chat."""
LONGEST_WAIT = 10.0
Event = Literal["start", "success", "failure", "retry", "sla_miss"]
Secret = Callable[[SecretRef], str]
_WORDS: Mapping[Event, str] = {
    "start": "started",
    "success": "succeeded",
    "failure": "failed",
    "retry": "is tried again",
    "sla_miss": "is late",
}


@dataclass(frozen=True)
class Happened:
    """What happened to a run; this, as JSON, is what a webhook gets.

    Args:
        event: Which of the lists of ``notify`` it is for.
        run: The run's id.
        message: Why, in one or two sentences; never a secret.
        tasks: The failed tasks.
        url: Where the run can be looked at, '' where nowhere.
        at: When.
    """

    event: Event
    job: str
    target: str
    run: str
    at: datetime
    message: str = ""
    tasks: list[str] = field(default_factory=list)
    url: str = ""
    owner: str = ""

    @property
    def title(self) -> str:
        """One line that tells it.

        Example:
            >>> Happened("failure", "daily", "prod", "r1", datetime(2026, 1, 31), tasks=["score"]).title
            'daily failed in prod (score)'
        """
        tasks = f" ({', '.join(self.tasks)})" if self.tasks else ""
        return f"{self.job} {_WORDS[self.event]} in {self.target}{tasks}"

    @property
    def text(self) -> str:
        """The title, the reason and where to look."""
        return "\n".join(part for part in (self.title, self.message, self.url or f"run {self.run}") if part)


class DeliveryError(Exception):
    """A notification that didn't get through; the message names the channel and no secret."""


def deliver(notify: Notify, happened: Happened, secret: Secret, environ: Mapping[str, str]) -> list[str]:
    """Tell everybody who is to be told.

    Returns:
        What went wrong, a line a channel; [] when all were told. Telling never fails a run.
    """
    problems = []
    for notification in getattr(notify, f"on_{happened.event}"):
        try:
            send(notification, happened, secret, environ)
        except (DeliveryError, SecretError) as error:
            problems.append(str(error))
    return problems


def send(notification: Notification, happened: Happened, secret: Secret, environ: Mapping[str, str]) -> None:
    """Tell one channel.

    Raises:
        DeliveryError: It didn't take it.
        SecretError: Its credential isn't there.
    """
    if notification.email is not None:
        addresses = [notification.email] if isinstance(notification.email, str) else notification.email
        _mail(addresses, happened, secret, environ)
        return
    name, url, body, headers = _request(notification, happened, secret, environ)
    _post(name, url, body, headers)


def _request(
    notification: Notification, happened: Happened, secret: Secret, environ: Mapping[str, str]
) -> tuple[str, str, dict[str, Any], dict[str, str]]:
    """Name, URL, body and headers of the request that tells a channel."""
    if notification.slack is not None:
        slack = notification.slack if isinstance(notification.slack, Slack) else Slack(channel=notification.slack)
        credential = secret(SecretRef(secret=slack.secret))
        if credential.startswith(("https://", "http://")):
            return "Slack", credential, {"text": happened.text}, {}
        api = environ.get("OLO_SLACK_API", "https://slack.com/api").rstrip("/")
        told = {"channel": slack.channel, "text": happened.text}
        return "Slack", f"{api}/chat.postMessage", told, {"Authorization": f"Bearer {credential}"}
    if notification.pagerduty is not None:
        key = secret(SecretRef(secret=notification.pagerduty.secret))
        incident: dict[str, Any] = {
            "routing_key": key,
            "event_action": "resolve" if happened.event == "success" else "trigger",
            # One incident a job and target: a later success resolves it.
            "dedup_key": f"olo/{happened.target}/{happened.job}",
            "payload": {
                "summary": happened.title,
                "source": happened.job,
                "severity": notification.pagerduty.severity,
                "timestamp": happened.at.isoformat(),
                "custom_details": _as_json(happened),
            },
        }
        return "PagerDuty", environ.get("OLO_PAGERDUTY_API", "https://events.pagerduty.com/v2/enqueue"), incident, {}
    if notification.teams is not None:
        return "Teams", secret(SecretRef(secret=notification.teams.secret)), _card(happened), {}
    assert notification.webhook is not None
    url = notification.webhook.url
    headers = {
        name: secret(value) if isinstance(value, SecretRef) else value
        for name, value in notification.webhook.headers.items()
    }
    return "The webhook", secret(url) if isinstance(url, SecretRef) else url, _as_json(happened), headers


def _as_json(happened: Happened) -> dict[str, Any]:
    return {**asdict(happened), "at": happened.at.isoformat(), "title": happened.title}


def _card(happened: Happened) -> dict[str, Any]:
    """An Adaptive Card, as Teams' workflows take it."""
    blocks: list[dict[str, Any]] = [{"type": "TextBlock", "text": happened.title, "weight": "bolder", "wrap": True}]
    if happened.message:
        blocks.append({"type": "TextBlock", "text": happened.message, "wrap": True})
    facts = {"Job": happened.job, "Target": happened.target, "Run": happened.run, "Owner": happened.owner}
    blocks.append(
        {"type": "FactSet", "facts": [{"title": key, "value": value} for key, value in facts.items() if value]}
    )
    actions = [{"type": "Action.OpenUrl", "title": "Open the run", "url": happened.url}] if happened.url else []
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard", "version": "1.4", "body": blocks, "actions": actions,
    }  # fmt: skip
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _post(name: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """POST JSON; tried again when the service is busy or away."""
    told = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "olo-jobs", **headers}
    for attempt in range(1, ATTEMPTS + 1):
        wait = float(attempt)
        try:
            request = urllib.request.Request(url, json.dumps(body).encode(), told, method="POST")  # noqa: S310 - http(s)
            status, answered, text = exchange(request, TIMEOUT)
        except (OSError, ValueError) as error:
            # The reason's kind only: an address may be a credential.
            problem = f"{name} can't be reached ({type(getattr(error, 'reason', error)).__name__})"
        else:
            if status < 300:
                _check_slack(name, text)
                return
            problem = f"{name} answered {status}"
            if status != 429 and status < 500:
                raise DeliveryError(f"{problem}; not told.")
            given = answered.get("Retry-After", "")
            wait = float(given) if given.isdigit() else wait
        if attempt == ATTEMPTS or wait > LONGEST_WAIT:
            raise DeliveryError(f"{problem}; not told after {attempt} tries.")
        time.sleep(wait)


def _check_slack(name: str, answer: bytes) -> None:
    """Slack's API answers 200 with ``"ok": false`` when it refuses."""
    if name != "Slack" or not answer.startswith(b"{"):
        return
    said = json.loads(answer)
    if said.get("ok") is False:
        raise DeliveryError(f"Slack refused: {said.get('error', 'no reason given')}; not told.")


def _mail(addresses: Iterable[str], happened: Happened, secret: Secret, environ: Mapping[str, str]) -> None:
    host = environ.get("OLO_SMTP_HOST")
    if not host:
        raise DeliveryError("No mail server is named: set OLO_SMTP_HOST; not told.")
    message = EmailMessage()
    message["Subject"] = happened.title
    message["From"] = environ.get("OLO_SMTP_FROM") or environ.get("OLO_SMTP_USER") or "olo@localhost"
    message["To"] = ", ".join(addresses)
    message.set_content(happened.text)
    user = environ.get("OLO_SMTP_USER")
    try:
        with smtplib.SMTP(host, int(environ.get("OLO_SMTP_PORT", "25")), timeout=TIMEOUT) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if user:
                server.login(user, secret(SecretRef(secret="smtp-password")))  # noqa: S106 - a name
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryError(f"The mail server {host} didn't take it ({type(error).__name__}); not told.") from None
