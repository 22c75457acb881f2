"""What olo.yml says of the engines that are not embedded: ``engines: {trino: …, spark: …}``.

Secrets never stand in the file: a :class:`Secret` names where one is kept.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec as import_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from olo_jupyter.errors import OloError
from olo_jupyter.hub_token import OWN

ENCODINGS = ("json+zstd", "json+lz4", "json")


def _from_root(path: Path, info: ValidationInfo) -> Path:
    """``~`` and paths relative to the project's folder made absolute."""
    root: Path = (info.context or {}).get("root", Path.cwd())
    return (root / path.expanduser()).resolve()


ProjectPath = Annotated[Path, AfterValidator(_from_root)]
"""A path in olo.yml; a relative one counts from the folder that holds the file."""


_KEYRING_EXTRA = "pip install 'olo-jupyter[keyring]'"
_PLACES = "{env: NAME}, {file: PATH}, {keyring: SERVICE} or {hub: access_token}"


class SecretError(OloError):
    """A secret that isn't where olo.yml says it is."""

    default_code = "secret-not-found"


class Secret(BaseModel):
    """Where a secret is kept: an environment variable, a file that holds nothing else, the keyring, or the Hub.

    Example:
        >>> Secret(env="TRINO_PASSWORD").read("ana", {"TRINO_PASSWORD": "s3cret"})
        's3cret'
    """

    model_config = ConfigDict(extra="forbid")

    env: str | None = Field(default=None, description="Name of an environment variable.")
    file: ProjectPath | None = Field(default=None, description="A file; blanks and line breaks at its ends are cut.")
    keyring: str | None = Field(default=None, description="Name of a service in the keyring; the account is the user.")
    hub: Literal["access_token"] | None = Field(
        default=None, description="The person's own token from the identity provider, kept fresh by their JupyterHub."
    )

    @model_validator(mode="before")
    @classmethod
    def _never_the_secret_itself(cls, value: Any) -> Any:
        if isinstance(value, str):  # the message must not repeat it
            raise ValueError(f"a secret never stands in the file: write {_PLACES}")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Secret:
        if sum(place is not None for place in (self.env, self.file, self.keyring, self.hub)) != 1:
            raise ValueError(f"name one place: {_PLACES}")
        return self

    def read(self, account: str, environ: Mapping[str, str] = os.environ) -> str:
        """The secret, read anew at each call: a file may be renewed while a kernel runs.

        Raises:
            SecretError: It isn't there, or it is empty.
            HubTokenError: The Hub gives none.
        """
        if self.env is not None:
            where, found = f"the environment variable {self.env}", environ.get(self.env, "")
        elif self.file is not None:
            where = str(self.file)
            try:
                found = self.file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SecretError(f"{where} can't be read: {getattr(error, 'strerror', None) or error}.") from error
        elif self.hub is not None:
            return OWN.read(environ)
        else:
            assert self.keyring is not None
            where = f"the keyring ({self.keyring}, {account})"
            if import_spec("keyring") is None:
                raise SecretError("keyring isn't installed.", hint=f"{_KEYRING_EXTRA}, or name env or file.")
            found = from_keyring(self.keyring, account)
        if not found:
            raise SecretError(f"There is no secret in {where}.", hint="Put it there; olo.yml names the place only.")
        return found


def from_keyring(service: str, account: str) -> str:
    """A secret of the operating system's keyring; '' where it has none, or where there is no keyring.

    Raises:
        SecretError: The keyring is locked, or doesn't work.
    """
    if import_spec("keyring") is None:
        return ""
    keyring = import_module("keyring")
    errors = import_module("keyring.errors")
    try:
        return str(keyring.get_password(service, account) or "")
    except errors.NoKeyringError:
        return ""
    except errors.KeyringError as error:
        raise SecretError(
            f"The keyring can't be asked for {service}: {error}",
            code="keyring-locked",
            hint="Unlock it, or give the secret by an environment variable or a file.",
        ) from error


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoAuth(_Section):
    """No sign-in: Trino believes the user's name."""

    type: Literal["none"] = "none"


class BasicAuth(_Section):
    """User and password (password file, LDAP)."""

    type: Literal["basic"] = "basic"
    password: Secret


class JwtAuth(_Section):
    """A JSON Web Token; it is read again when Trino says that it has expired."""

    type: Literal["jwt"] = "jwt"
    token: Secret


class OAuth2Auth(_Section):
    """Sign-in in the browser; the token is kept for the length of the session."""

    type: Literal["oauth2"] = "oauth2"


class CertificateAuth(_Section):
    """A client certificate and its key, PEM."""

    type: Literal["certificate"] = "certificate"
    cert: ProjectPath
    key: ProjectPath


Auth = Annotated[NoAuth | BasicAuth | JwtAuth | OAuth2Auth | CertificateAuth, Field(discriminator="type")]


class TrinoSettings(_Section):
    """How Trino is reached, and as whom.

    ``catalogs`` maps a catalog of olo.yml to its name in Trino, where the two differ.
    """

    host: str
    port: int | None = Field(default=None, ge=1, le=65535, description="Default: 443 by https, 8080 by http.")
    http_scheme: Literal["http", "https"] = Field(default="http", description="Default: https with any auth but none.")
    user: str = Field(default="", description="Default: the person's own name (user of olo.yml).")
    auth: Auth = Field(default_factory=NoAuth)
    ca_file: ProjectPath | None = Field(default=None, description="Certificates of an authority of one's own, PEM.")
    session_properties: dict[str, str] = Field(default_factory=dict, description="E.g. query_max_run_time: 10m.")
    roles: dict[str, str] = Field(default_factory=dict, description="Catalog (or system) → role.")
    client_tags: list[str] = Field(default_factory=list, description="Added to those for notebook and cell.")
    catalogs: dict[str, str] = Field(default_factory=dict, description="Catalog of olo.yml → its name in Trino.")
    encoding: list[Literal["json+zstd", "json+lz4", "json"]] | None = Field(
        default=None, description="Encodings of the spooling protocol, best first; [] for none. Default: all."
    )
    compression: bool | None = Field(
        default=None,
        description="Compress what travels. Default: not from this machine, where it costs more than it saves.",
    )
    request_timeout: float = Field(default=30.0, gt=0, description="Seconds that one HTTP request may take.")

    @field_validator("auth", mode="before")
    @classmethod
    def _auth_by_name(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @field_validator("session_properties", mode="before")
    @classmethod
    def _properties_are_text(cls, value: Any) -> Any:
        return {key: _as_text(item) for key, item in value.items()} if isinstance(value, dict) else value

    @field_validator("catalogs")
    @classmethod
    def _one_name_each(cls, value: dict[str, str]) -> dict[str, str]:
        if len(set(value.values())) < len(value):
            raise ValueError("two catalogs of olo.yml have one name in Trino: a pin couldn't tell them apart")
        return value

    @model_validator(mode="after")
    def _signed_in_by_https(self) -> TrinoSettings:
        if self.auth.type != "none":
            if "http_scheme" in self.model_fields_set and self.http_scheme == "http":
                raise ValueError(f"auth {self.auth.type} needs http_scheme https: the secret would travel unprotected")
            self.http_scheme = "https"
        if self.port is None:
            self.port = 443 if self.http_scheme == "https" else 8080
        return self

    @property
    def compressed(self) -> bool:
        """Whether answers are to be compressed."""
        if self.compression is not None:
            return self.compression
        return not (self.host == "localhost" or self.host.startswith("127.") or self.host == "::1")


class SparkSettings(_Section):
    """Where Spark runs: ``remote`` is a Spark Connect server, else a session is made with ``master`` and ``conf``."""

    remote: str | None = Field(default=None, description="sc://host:port of a Spark Connect server.")
    token: Secret | None = Field(default=None, description="Bearer token for the Spark Connect server.")
    master: str | None = Field(default=None, description="E.g. local[2], spark://host:7077. Default: local[*].")
    conf: dict[str, str] = Field(default_factory=dict, description="Spark's own settings, for a session made here.")
    catalogs: dict[str, str] = Field(default_factory=dict, description="Catalog of olo.yml → its name in Spark.")

    @field_validator("conf", mode="before")
    @classmethod
    def _conf_is_text(cls, value: Any) -> Any:
        return {key: _as_text(item) for key, item in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _remote_or_master(self) -> SparkSettings:
        if self.remote is not None and self.master is not None:
            raise ValueError("remote and master are given: a session has one of the two")
        if self.remote is not None and not self.remote.startswith("sc://"):
            raise ValueError("remote must begin with sc://")
        return self


class EngineSettings(_Section):
    """The engines besides the embedded one; those that aren't named here can't be used."""

    trino: TrinoSettings | None = None
    spark: SparkSettings | None = None


def _as_text(value: Any) -> Any:
    """YAML's true, 1 and 1.5 as the engines spell them."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
