"""olo.yml and the environment, as one typed Settings.

Precedence, highest first: environment (``OLO_*``), olo.yml, defaults. ``${NAME}`` and ``${NAME:-default}`` in values of
olo.yml are taken from the environment; relative paths count from the folder that holds olo.yml.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from olo_jobs.explain import message_of
from olo_jupyter.config_file import ConfigError, invalid, read
from olo_jupyter.engine_settings import EngineSettings, ProjectPath, Secret
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.service_settings import BackendSettings, PriceSettings, ServiceSettings

CONFIG_FILE = "olo.yml"
_LIMITS = {"OLO_THREADS": "threads", "OLO_MEMORY_LIMIT": "memory_limit", "OLO_SPILL": "spill"}
_SIZE = r"(\d+(?:\.\d+)?)\s*([KMGTP]?B)"


class CatalogSettings(BaseModel):
    """One Iceberg catalog, defined once for all engines.

    ``properties`` are PyIceberg's own (uri, warehouse, credential …). ``guarded_by`` says who decides which rows and
    columns a person may see: Trino's own rules, or an OPA that Trino asks. ``access: trino`` marks a governed catalog
    that the embedded engine refuses; it is the default of a guarded one.
    """

    model_config = ConfigDict(extra="forbid")

    type: Literal["sql", "rest", "hive", "glue", "dynamodb", "in-memory"] = "sql"
    properties: dict[str, str] = Field(default_factory=dict)
    ca_file: ProjectPath | None = Field(
        default=None, description="Of a REST catalog: certificates of an authority of one's own, PEM."
    )
    guarded_by: Literal["trino", "opa"] | None = None
    access: Literal["direct", "trino"] = "direct"

    @model_validator(mode="after")
    def _guarded_means_governed(self) -> CatalogSettings:
        if self.guarded_by is not None and "access" not in self.model_fields_set:
            self.access = "trino"
        return self


class EmbeddedSettings(BaseModel):
    """Limits of the embedded engine: threads, memory (``4GB``, ``512MiB``) and the folder it spills to.

    Without them: a thread a core, 80 % of the machine's memory, a temporary folder.
    """

    model_config = ConfigDict(extra="forbid")

    threads: int | None = Field(default=None, ge=1)
    memory_limit: str | None = None
    spill: Path | None = None

    @field_validator("memory_limit")
    @classmethod
    def _memory_is_a_size(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", value.strip(), re.IGNORECASE):
            raise ValueError(f"{value!r} is no size such as 4GB or 512MiB")
        return value


class VariableSettings(BaseModel):
    """A variable of the project, ``${var.NAME}`` in job and target files."""

    model_config = ConfigDict(extra="forbid")

    default: str | int | float | bool | None = Field(
        default=None, description="Its value where neither the target, OLO_VAR_NAME nor --var gives one."
    )
    description: str = Field(default="", description="What it is for.")


class OrchestratorSettings(BaseModel):
    """Where jobs of some targets run. Passwords and tokens stand in the environment, never here."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(default="", description="local, airflow, or what an installed package serves; default: its name.")
    targets: list[str] = Field(default_factory=list, description="Targets whose jobs it runs.")
    url: str = Field(default="", description="Where it is, e.g. https://airflow.example.org.")
    username: str = Field(default="", description="Who signs in.")
    password_env: str = Field(default="OLO_AIRFLOW_PASSWORD", description="Environment variable with the password.")
    token_env: str = Field(default="OLO_AIRFLOW_TOKEN", description="Environment variable with a token, instead.")
    prefix: str = Field(default="", description="What comes before a job's name in its DAG's id: load_dags(prefix=…).")
    ca_file: ProjectPath | None = Field(default=None, description="Certificates of an authority of one's own, PEM.")
    seconds: float = Field(default=30.0, gt=0, description="Limit of one request.")


class Settings(BaseModel):
    """All configuration of one project for one person, resolved."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    name: str = "olo"
    root: Path = Field(description="The folder that holds olo.yml; the working directory where there is none.")
    user: str = Field(description="Short name of the person, as used in sandbox and branch names.")
    state: Path = Field(
        description="Folder for what is not in Git: run records, lineage events, query history. Outside the checkout."
    )
    package: str = Field(default="", description="Python package under src/ that promoted modules go to.")
    catalogs: dict[str, CatalogSettings] = Field(default_factory=dict)
    orchestrators: dict[str, OrchestratorSettings] = Field(default_factory=dict)
    backends: dict[str, BackendSettings] = Field(
        default_factory=dict, description="Services by a name of one's own; it is their type, unless that is given."
    )
    links: dict[str, str] = Field(default_factory=dict, description="Title → address, e.g. of dashboards in Grafana.")
    table_links: dict[str, str] = Field(
        default_factory=dict,
        description="Title → address of other programs' pages about a table, e.g. in Superset or the dbt docs, with"
        " {catalog}, {namespace} and {table} in it.",
    )
    default_catalog: str = "dev"
    default_engine: Literal["embedded", "trino", "spark"] = "embedded"
    embedded: EmbeddedSettings = Field(default_factory=EmbeddedSettings)
    engines: EngineSettings = Field(default_factory=EngineSettings)
    git: GitSettings = Field(default_factory=GitSettings)
    service: ServiceSettings = Field(default_factory=ServiceSettings)
    prices: PriceSettings = Field(default_factory=PriceSettings)
    variables: dict[str, VariableSettings] = Field(
        default_factory=dict, description="Variables that job and target files name as ${var.NAME}."
    )
    max_scan: str | None = Field(
        default=None,
        description="Refuse statements that would read more than this, e.g. 10GB; --max-scan of a cell comes first.",
    )

    @field_validator("max_scan", mode="before")
    @classmethod
    def _max_scan_is_a_size(cls, value: Any) -> Any:
        if value is not None and not (isinstance(value, str) and re.fullmatch(_SIZE, value.strip(), re.IGNORECASE)):
            raise ValueError(f"{value!r} is no size such as 10GB or 500MB")
        return value

    @field_validator("links", "table_links")
    @classmethod
    def _links_are_addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for title, address in value.items():
            if urlsplit(address).scheme not in ("http", "https"):
                raise ValueError(f"the link {title!r} must begin with http:// or https://")
        return value

    @field_validator("table_links")
    @classmethod
    def _table_links_name_tables(cls, value: dict[str, str]) -> dict[str, str]:
        for title, address in value.items():
            if unknown := set(re.findall(r"\{(\w*)\}", address)) - {"catalog", "namespace", "table"}:
                raise ValueError(
                    f"the link {title!r} has {{{unknown.pop()}}} in it: there are {{catalog}}, {{namespace}}, {{table}}"
                )
        return value

    @property
    def max_scan_bytes(self) -> int | None:
        """``max_scan`` in bytes, in powers of a thousand; None for no bound."""
        match = re.fullmatch(_SIZE, (self.max_scan or "").strip(), re.IGNORECASE)
        return int(float(match.group(1)) * 1000 ** "BKMGTP".index(match.group(2)[0].upper())) if match else None

    @field_validator("user")
    @classmethod
    def _user_is_a_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", value):
            raise ValueError(f"user {value!r} must be a lower-case identifier: letters, digits, underscore")
        return value

    @property
    def sandbox_catalog(self) -> str:
        """The person's own catalog, ``<user>_sandbox``."""
        return f"{self.user}_sandbox"

    def is_governed(self, catalog: str) -> bool:
        """Whether only Trino may read a catalog, as the person; False for one that isn't known."""
        known = self.catalogs.get(catalog)
        return known is not None and known.access == "trino"


def find_root(start: Path | None = None) -> Path | None:
    """The nearest folder at or above ``start`` (default: the working directory) that holds olo.yml, or None."""
    here = (start or Path.cwd()).resolve()
    return next((folder for folder in (here, *here.parents) if (folder / CONFIG_FILE).is_file()), None)


def load_settings(start: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings that hold at ``start``.

    Args:
        start: A folder in the project; ``OLO_PROJECT`` names another one and wins. Default: the working directory.
        environ: The environment: ``OLO_PROJECT`` (project folder), ``OLO_USER``, ``OLO_STATE``, the limits of the
            embedded engine (``OLO_THREADS``, ``OLO_MEMORY_LIMIT``, ``OLO_SPILL``), the shared service
            (``OLO_SERVICE_URL``, ``OLO_SERVICE_DATABASE``, ``OLO_SERVICE_CA_FILE``) and what olo.yml names.

    Raises:
        ConfigError: olo.yml isn't valid, or a variable it names is unset and has no default.
    """
    named = environ.get("OLO_PROJECT")
    if named and not (Path(named) / CONFIG_FILE).is_file():
        raise ConfigError(
            f"OLO_PROJECT names {named}, where there is no {CONFIG_FILE}.",
            hint="Point it at a project folder, or unset it.",
        )
    root = Path(named).resolve() if named else find_root(start)
    user = short_name(environ.get("OLO_USER") or getpass.getuser())
    values: dict[str, Any] = {}
    folder = root or (start or Path.cwd()).resolve()
    if root is not None:
        values = read(root / CONFIG_FILE, {"user": user, "user.short_name": user, **environ})
    values["root"] = folder
    values.setdefault("user", user)
    if "OLO_USER" in environ:
        values["user"] = user
    state = environ.get("OLO_STATE") or values.get("state") or _default_state(folder, environ)
    values["state"] = (folder / Path(state)).resolve()
    try:
        settings = Settings.model_validate(values, context={"root": folder})
    except ValidationError as error:
        raise invalid(folder / CONFIG_FILE, error, Settings) from error
    settings.embedded = _limits(settings.embedded, folder, environ)
    settings.service = _service(settings.service, folder, environ)
    for catalog in settings.catalogs.values():
        catalog.properties = {key: absolute(value, folder) for key, value in catalog.properties.items()}
    return settings


def is_project(start: Path | None = None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether ``start`` is in a project: there is an olo.yml at or above it."""
    return (load_settings(start, environ).root / CONFIG_FILE).is_file()


def project_settings(start: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """As load_settings, for what makes sense in a project only.

    Raises:
        ConfigError: no-project: there is no olo.yml at or above ``start``; else as load_settings.
    """
    settings = load_settings(start, environ)
    if not (settings.root / CONFIG_FILE).is_file():
        raise ConfigError(
            f"There is no {CONFIG_FILE} in {settings.root} or above it.",
            code="no-project",
            hint="Make a project: olo init FOLDER. Or name one: OLO_PROJECT=FOLDER.",
        )
    return settings


def _service(written: ServiceSettings, folder: Path, environ: Mapping[str, str]) -> ServiceSettings:
    """The service in olo.yml under what the environment says."""
    values: dict[str, Any] = {}
    if environ.get("OLO_SERVICE_URL"):
        values["url"] = environ["OLO_SERVICE_URL"]
    if environ.get("OLO_SERVICE_CA_FILE"):
        values["ca_file"] = (folder / environ["OLO_SERVICE_CA_FILE"]).resolve()
    if environ.get("OLO_SERVICE_DATABASE"):
        values["database"] = Secret(env="OLO_SERVICE_DATABASE")
    return written.model_copy(update=values)


def _limits(written: EmbeddedSettings, folder: Path, environ: Mapping[str, str]) -> EmbeddedSettings:
    """The limits in olo.yml under those of the environment; the spill folder counts from the project's."""
    values = written.model_dump()
    for variable, key in _LIMITS.items():
        if not environ.get(variable):
            continue
        values[key] = environ[variable]
        try:
            EmbeddedSettings.model_validate({key: values[key]})
        except ValidationError as error:
            message = message_of(error.errors(include_input=False, include_url=False)[0])
            raise ConfigError(f"The environment variable {variable} isn't valid: {message}.") from error
    if values["spill"] is not None:
        values["spill"] = (folder / Path(values["spill"])).resolve()
    return EmbeddedSettings.model_validate(values)


def _default_state(folder: Path, environ: Mapping[str, str]) -> Path:
    """A folder outside the checkout, one a project, where the XDG base directories keep state."""
    base = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "olo" / f"{folder.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def short_name(user: str) -> str:
    """A person's name as sandbox and branch names carry it.

    Example:
        >>> short_name("Ana.Maria@example.org")
        'ana_maria'
    """
    name = re.sub(r"[^a-z0-9_]", "_", user.split("@")[0].lower())
    return name if re.match(r"[a-z_]", name) else f"u{name}"


def absolute(value: str, root: Path) -> str:
    """``sqlite:///relative`` and ``file:relative`` made absolute against the project; everything else unchanged."""
    for prefix in ("sqlite:///", "file://", "file:"):
        if value.startswith(prefix):
            rest = value.removeprefix(prefix)
            return value if rest.startswith("/") else f"{prefix}{(root / rest).resolve()}"
    return value
