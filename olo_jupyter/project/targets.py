"""Targets: the environments that a job may run in, one file each in targets/."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.engines.registry import ENGINES

FOLDER = "targets"
SANDBOX = "sandbox"


class TargetError(OloError):
    """A target that isn't there, or whose file doesn't say what it must."""

    default_code = "target"


class _TargetFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    catalog: str
    sources: str
    engine: str = ""

    @field_validator("engine")
    @classmethod
    def _engine_is_one(cls, value: str) -> str:
        if value and value not in ENGINES:
            raise ValueError(f"there is no engine {value!r}; engines: {', '.join(ENGINES)}")
        return value


@dataclass(frozen=True)
class Target:
    """An environment.

    Args:
        name: The file's name, e.g. ``sandbox``.
        catalog: The catalog that jobs write in it.
        sources: The catalog that they read sources from.
        engine: Name of the engine that runs their SQL; '' for the project's default.
    """

    name: str
    catalog: str
    sources: str
    engine: str = ""

    def environment(self) -> dict[str, str]:
        """The variables that processes of this target get; dbt's profile and Session.from_environment read them."""
        sandbox = {"OLO_SANDBOX_CATALOG": self.catalog} if self.name == SANDBOX else {}
        engine = {"OLO_ENGINE": self.engine} if self.engine else {}
        return {"OLO_TARGET": self.name, "OLO_CATALOG": self.catalog, "OLO_SOURCES": self.sources, **engine, **sandbox}


def load_target(settings: Settings, root: Path, name: str) -> Target:
    """Read ``targets/<name>.yml``.

    Raises:
        TargetError: No such target (those there are listed), not YAML, an unknown key, or an unknown catalog.
    """
    names = target_names(root)
    if name not in names:
        near = get_close_matches(name, names, n=1)
        known = ", ".join(names) or "none"
        hint = f"Did you mean {near[0]!r}?" if near else f"Write {FOLDER}/{name}.yml."
        raise TargetError(f"There is no target {name!r}; there are: {known}.", code="target-not-found", hint=hint)
    path = root / FOLDER / f"{name}.yml"
    try:
        text = path.read_text(encoding="utf-8").replace("${user}", settings.user)
        file = _TargetFile.model_validate(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TargetError(f"{path} can't be read as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise TargetError(f"{path}: {where}: {first['msg']}") from error
    for catalog in (file.catalog, file.sources):
        if catalog not in settings.catalogs:
            known = ", ".join(sorted(settings.catalogs)) or "none"
            raise TargetError(f"{path} names the catalog {catalog!r}, unknown to olo.yml; known: {known}.")
    return Target(name, file.catalog, file.sources, file.engine)


def target_names(root: Path) -> list[str]:
    """The targets of a project, sorted."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.yml"))
