"""A configuration file as text: read, variables filled in, and what is wrong with it in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from olo_jobs.explain import message_of
from olo_jupyter.errors import OloError

VARIABLE = re.compile(r"\$\{([\w.]+)(?::-([^}]*))?\}")


class ConfigError(OloError):
    """olo.yml is missing, not YAML, or doesn't say what it must."""

    default_code = "config"


def read(path: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """The keys and values of a file, ``${NAME}`` and ``${NAME:-default}`` filled in.

    Raises:
        ConfigError: It can't be read or isn't YAML, or a variable is unset and has no default.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{place} is not valid YAML: {error.problem}") from error
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold keys and values, not a {type(values).__name__}.")
    expanded = _expand(values, environ, path)
    assert isinstance(expanded, dict)
    return expanded


def _expand(value: Any, environ: Mapping[str, str], path: Path) -> Any:
    if isinstance(value, dict):
        return {_expand(key, environ, path): _expand(item, environ, path) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, environ, path) for item in value]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        found = environ.get(name, default)
        if found is None:
            raise ConfigError(
                f"{path}: the environment variable {name} is not set.", hint=f"Set it, or write ${{{name}:-default}}."
            )
        return found

    return VARIABLE.sub(replace, value)


def invalid(path: Path, error: ValidationError, model: type[BaseModel]) -> ConfigError:
    """What is wrong in the file, without the values: they may be secret.

    Args:
        error: What the model said of the file.
        model: What the file holds; its keys are offered in place of an unknown one.
    """
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = sorted(_keys_at(model, first["loc"][:-1]) - {"root"})
        near = get_close_matches(str(first["loc"][-1]), known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
        return ConfigError(f"{path}: unknown key {where!r}.", hint=hint)
    hint = "Write the value in quotation marks." if first["type"] == "string_type" else ""
    return ConfigError(f"{path}: {where}: {message_of(first)}.", hint=hint)


def _keys_at(model: type[BaseModel], where: tuple[str | int, ...]) -> set[str]:
    """The keys that a file may have at a place; a part of it that is no key is a name of one's own, or a kind."""
    models = [model]
    for part in where:
        below = [found for model in models if part in model.model_fields for found in _models(model, str(part))]
        kinds = [
            model for model in models if "type" in model.model_fields and model.model_fields["type"].default == part
        ]
        models = below or kinds or models
    return {key for model in models for key in model.model_fields}


def _models(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    pending: list[Any] = [model.model_fields[key].annotation]
    found: list[type[BaseModel]] = []
    while pending:
        one = pending.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            found.append(one)
        pending += get_args(one)
    return found
