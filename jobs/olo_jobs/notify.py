"""Whom to tell of a run. Credentials are named, never written."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from olo_jobs.fields import SecretName, SpecModel, Text

CHANNELS = ("slack", "email", "pagerduty", "teams", "webhook")
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]
Channel = Annotated[str, StringConstraints(pattern=r"^#?[^\s#:/]+$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s{}]+$")]


class Slack(SpecModel):
    """A Slack channel, and the secret that holds a bot's token or the URL of an incoming webhook."""

    channel: Channel = Field(description="The channel's name.", examples=["data-alerts"])
    secret: SecretName = Field(default="slack", description="Name of the secret: a bot's token or a webhook's URL.")


class PagerDuty(SpecModel):
    """A PagerDuty service, by the secret that holds its Events API v2 integration key."""

    secret: SecretName = Field(description="Name of the secret: the integration (routing) key.", examples=["pagerduty"])
    severity: Literal["critical", "error", "warning", "info"] = Field(
        default="error", description="Severity of the event."
    )


class Teams(SpecModel):
    """A Microsoft Teams channel, by the secret that holds the URL of its workflow or incoming webhook."""

    secret: SecretName = Field(description="Name of the secret: the webhook's URL.", examples=["teams-webhook"])


class Webhook(SpecModel):
    """Any HTTP endpoint: the event is posted as JSON."""

    url: Annotated[Text, Field(description="Where to post to; a URL that is itself secret: {secret: NAME}.")]
    headers: dict[str, Text] = Field(
        default_factory=dict,
        description="HTTP headers; credentials as {secret: NAME}.",
        examples=[{"X-Key": {"secret": "key"}}],
    )

    @model_validator(mode="after")
    def _is_http(self) -> Webhook:
        if isinstance(self.url, str) and not self.url.startswith(("https://", "http://")):
            raise ValueError(f"{self.url!r} is not an http(s) URL")
        return self


def _short(value: object) -> str:
    return "short" if isinstance(value, str) else "long"


def _one_or_many(value: object) -> str:
    return "many" if isinstance(value, list) else "one"


_ONE: dict[str, Any] = {
    "oneOf": [{"required": [one], "properties": {one: {"not": {"type": "null"}}}} for one in CHANNELS]
}


class Notification(SpecModel, json_schema_extra=_ONE):
    """Where to tell: exactly one channel."""

    slack: Annotated[Annotated[Channel, Tag("short")] | Annotated[Slack, Tag("long")], Discriminator(_short)] | None = (
        Field(
            default=None,
            description="Slack channel; its credential is the secret `slack` or the one named.",
            examples=["data-alerts", {"channel": "data-alerts", "secret": "slack-team"}],
        )
    )
    email: (
        Annotated[
            Annotated[Address, Tag("one")] | Annotated[list[Address], Field(min_length=1), Tag("many")],
            Discriminator(_one_or_many),
        ]
        | None
    ) = Field(default=None, description="One address or several.", examples=["team@example.org"])
    pagerduty: PagerDuty | None = Field(default=None, description="PagerDuty service.")
    teams: Teams | None = Field(default=None, description="Microsoft Teams channel.")
    webhook: Webhook | None = Field(default=None, description="Any HTTP endpoint.")

    @model_validator(mode="after")
    def _one(self) -> Notification:
        given = [one for one in CHANNELS if getattr(self, one) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a notification has exactly one of {', '.join(CHANNELS)}; this one has {' and '.join(given) or 'none'}"
            )
        return self


class Notify(SpecModel):
    """Whom to tell, by what happened."""

    on_start: list[Notification] = Field(default_factory=list, description="A run starts.")
    on_success: list[Notification] = Field(default_factory=list, description="A run ends well.")
    on_failure: list[Notification] = Field(default_factory=list, description="A run fails.")
    on_retry: list[Notification] = Field(default_factory=list, description="A task failed and is tried again.")
    on_sla_miss: list[Notification] = Field(default_factory=list, description="A run is not done after its `sla`.")
