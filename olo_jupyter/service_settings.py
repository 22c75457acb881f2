"""What olo.yml says of the services beside the engines: lineage, experiments, the shared service, prices."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from olo_jupyter.engine_settings import ProjectPath, Secret


class BackendSettings(BaseModel):
    """A service beside the engines: lineage (Marquez, or the database of the own store), experiments (MLflow).

    Passwords and tokens stand in the environment, a file or the keyring, never here.
    """

    model_config = ConfigDict(extra="forbid")

    type: str = Field(
        default="", description="mlflow, marquez, openmetadata, store, or what an installed package serves."
    )
    url: str = Field(default="", description="Where it is, e.g. https://mlflow.example.org.")
    pages: str = Field(
        default="",
        description="Where people see its pages. Default: the url. A path, as /proxy/5000, counts from each person's"
        " Jupyter server: jupyter-server-proxy serves it there.",
    )
    token: Secret | None = Field(default=None, description="Where its bearer token is kept.")
    username: str = Field(default="", description="Who signs in, with a password.")
    password: Secret | None = Field(default=None, description="Where the password is kept.")
    ca_file: ProjectPath | None = Field(default=None, description="Certificates of an authority of one's own, PEM.")
    seconds: float = Field(default=10.0, gt=0, le=300, description="Limit of one request.")
    database: Secret | None = Field(
        default=None, description="Of a store: where its address postgresql://… is kept. Default: a file."
    )
    namespaces: dict[str, str] = Field(
        default_factory=dict,
        description="Of lineage: namespace of others' datasets → catalog of olo.yml; '' where names begin with it.",
    )

    @field_validator("url", "pages")
    @classmethod
    def _is_an_address(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        if info.field_name == "pages" and value.startswith("/") and not parts.netloc:
            return value.rstrip("/")
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("an address begins with http:// or https://")
        if parts.username or parts.password:
            raise ValueError("a secret never stands in the file: name user and password apart")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _secrets_travel_protected(self) -> BackendSettings:
        if self.password is not None and not self.username:
            raise ValueError("a password needs its username")
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        here = host in ("localhost", "::1") or host.startswith("127.")
        if (self.token or self.password) and parts.scheme == "http" and not here:
            raise ValueError("a token or password needs https: it would travel unprotected")
        return self


class OidcSettings(BaseModel):
    """Sign-in at the shared service by an OpenID Connect provider's tokens, where no Hub checks them."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(description="The provider: what comes before /.well-known/openid-configuration.")
    audience: str = Field(description="Whom a token must be meant for: its claim aud has it.")
    name_claim: str = Field(default="preferred_username", description="The claim that names the person.")
    groups_claim: str = Field(default="groups", description="The claim that lists the person's groups.")
    ca_file: ProjectPath | None = Field(default=None, description="Certificates of an authority of one's own, PEM.")


class ServiceSettings(BaseModel):
    """The shared service `olo serve`: where it is (for a person's server), and how it works (for itself)."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        default="", description="Where the service is, replicas with commas between; OLO_SERVICE_URL wins."
    )
    ca_file: ProjectPath | None = Field(
        default=None, description="Certificates of the service's authority, PEM; OLO_SERVICE_CA_FILE wins."
    )
    database: Secret | None = Field(
        default=None,
        description="Where the address of audit and events is kept: postgresql://… or sqlite:///…; "
        "OLO_SERVICE_DATABASE wins. Default: a file.",
    )
    oidc: OidcSettings | None = Field(default=None, description="Sign-in without a Hub.")
    groups: dict[str, str] = Field(
        default_factory=dict, description="Group → role, for OIDC; a Hub gives scopes instead (docs/security.md)."
    )
    requests_per_minute: int = Field(default=1200, ge=1, description="Limit of one person's requests.")
    seconds: float = Field(default=60.0, gt=0, description="Limit of one request's work.")

    @property
    def urls(self) -> tuple[str, ...]:
        """The service's replicas."""
        return tuple(url.strip().rstrip("/") for url in self.url.split(",") if url.strip())


class PriceSettings(BaseModel):
    """What the machine and the engines cost, for `olo costs` and the cost dashboard. No price: unknown."""

    model_config = ConfigDict(extra="forbid")

    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$", description="Three letters, e.g. EUR.")
    cpu_hour: float | None = Field(default=None, ge=0, description="Price of one core for an hour.")
    tib_scanned: float | None = Field(default=None, ge=0, description="Price of one TiB read from storage.")
