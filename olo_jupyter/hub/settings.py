"""What a Hub's operator decides, from the environment of the Hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from olo_jobs.explain import message_of
from olo_jupyter.errors import OloError
from olo_jupyter.server.roles import ROLES

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class HubError(OloError):
    """The Hub's environment doesn't say what it must."""

    default_code = "hub"


class HubSettings(BaseSettings):
    """Variables ``OLO_HUB_<NAME>``.

    Example:
        >>> settings = HubSettings(issuer="https://id.example.org/realms/olo", client_secret="x")
        >>> settings.groups["olo-viewer"]
        'viewer'
    """

    model_config = SettingsConfigDict(env_prefix="OLO_HUB_", extra="ignore", hide_input_in_errors=True)

    url: str = Field(default="http://127.0.0.1:8000", description="Where people reach the Hub.")
    issuer: str = Field(description="The identity provider: what comes before /.well-known/openid-configuration.")
    client_id: str = Field(default="jupyterhub", description="The Hub's name at the identity provider.")
    client_secret: SecretStr = Field(default=SecretStr(""), description="Its secret; better: client_secret_file.")
    client_secret_file: Path | None = Field(default=None, description="A file that holds the secret and nothing else.")
    ca_file: Path | None = Field(default=None, description="Certificates of an authority of one's own, PEM.")
    username_claim: str = Field(default="preferred_username", description="The claim that names the person.")
    groups_claim: str = Field(default="groups", description="The claim that lists the person's groups.")
    groups: dict[str, str] = Field(
        default_factory=lambda: {f"olo-{role}": role for role in ROLES},
        description="Group → role, as JSON. Who is in none of these groups can't sign in.",
    )
    project: str = Field(default="", description="Git URL or path of the project that each person gets a clone of.")
    state: Path = Field(default=Path(), description="Folder of the Hub's database, cookie secret and proxy's file.")
    database: str = Field(default="", description="The Hub's database, as SQLAlchemy writes it; default: SQLite.")
    service_project: str = Field(default="", description="Folder of the project that the shared service follows.")
    tokens_url: str = Field(
        default="http://127.0.0.1:8082", description="Where people's servers reach the service that renews tokens."
    )
    service_url: str = Field(default="http://127.0.0.1:8083", description="Where the proxy reaches the shared service.")
    service_keep: list[str] = Field(
        default_factory=list,
        description="Names of variables that the shared service gets as the Hub has them, as JSON.",
    )
    spawner: str = Field(
        default="local", description="local (a Unix account a person), or a Spawner class or entry point."
    )
    python: str = Field(default="", description="Python of people's servers; default: the Hub's own.")
    code_server: str = Field(default="", description="The program code-server; default: the one on the PATH, if any.")
    idle_seconds: int = Field(default=3600, ge=30, description="A server is stopped after so long without a person.")
    cull_every: int = Field(default=300, ge=5, description="How often it is looked for idle servers, in seconds.")
    refresh_seconds: int = Field(default=60, ge=5, description="How often the identity provider is asked again.")
    environment: dict[str, str] = Field(
        default_factory=dict,
        description="Variables for every person's server, as JSON; nothing secret: they can read it.",
    )

    @field_validator("groups")
    @classmethod
    def _roles_are_known(cls, value: dict[str, str]) -> dict[str, str]:
        for group, role in value.items():
            if role not in ROLES:
                raise ValueError(f"the group {group} has the role {role!r}; there are: {', '.join(ROLES)}")
        if not value:
            raise ValueError("no group may sign in: name at least one")
        return value

    @field_validator("environment")
    @classmethod
    def _nothing_secret(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if re.search(r"(?i)secret|password|token|credential|api_?key", name):
                raise ValueError(f"{name} would be readable by everybody: give it to the shared service instead")
        return value

    @field_validator("issuer", "url")
    @classmethod
    def _tls_beyond_this_machine(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{value!r} is no http(s) address")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError(f"{value} would carry sign-ins unencrypted: use https")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_secret(self) -> HubSettings:
        if bool(self.client_secret.get_secret_value()) == (self.client_secret_file is not None):
            raise ValueError("give the client's secret once: OLO_HUB_CLIENT_SECRET_FILE or OLO_HUB_CLIENT_SECRET")
        return self

    @property
    def secret(self) -> str:
        """The client's secret.

        Raises:
            HubError: Its file can't be read, or holds nothing.
        """
        if self.client_secret_file is None:
            return self.client_secret.get_secret_value()
        try:
            found = self.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise HubError(f"{self.client_secret_file} can't be read: {error}.") from error
        if not found:
            raise HubError(f"{self.client_secret_file} is empty.")
        return found


def from_environment(**given: Any) -> HubSettings:
    """The settings that hold for this process.

    Raises:
        HubError: All that is wrong, by the variables' names and without their values.
    """
    try:
        return HubSettings(**given)
    except ValidationError as error:
        lines = []
        for item in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in item["loc"][:1])
            where = f"OLO_HUB_{name.upper()}: " if name else ""
            lines.append(where + message_of(item))
        raise HubError("\n".join(lines), hint="docs/hub.md has them all.") from error
