"""What an analyst may say about a promotion: the YAML body of ``%%olo promote NAME``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from olo_converters.errors import ConvertError
from olo_jobs.explain import message_of
from olo_jobs.spec import Schedule

Layer = Literal["bronze", "silver", "gold"]
Materialized = Literal["view", "table", "incremental"]


class OptionsError(ConvertError):
    """The YAML body isn't valid."""

    default_code = "promote-options"


class PromoteOptions(BaseModel):
    """Options of a promotion; all optional.

    ``pins`` is the analyst's decision on pins written in the SQL: ``keep`` them in the artefact or ``drop`` them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["auto", "dbt", "python"] = "auto"
    layer: Layer = "gold"
    materialized: Materialized | None = None
    unique_key: tuple[str, ...] = ()
    time_column: str | None = None
    schedule: Schedule | None = None
    tests: tuple[str | dict[str, Any], ...] | None = Field(
        default=None, description="Tests of the model; [] proposes none."
    )
    owner: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    split: bool = Field(default=True, description="Whether a long chain of queries gets staging models.")
    pins: Literal["keep", "drop"] | None = None
    source: str | None = Field(default=None, alias="from", description="Variable or cell that is promoted.")

    @field_validator("unique_key", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


def parse_options(text: str) -> PromoteOptions:
    """Read the YAML body of ``%%olo promote``; an empty one gives the defaults.

    Raises:
        OptionsError: Not YAML, an unknown key (the nearest is offered), a value of the wrong kind.

    Example:
        >>> parse_options("layer: silver\\nunique_key: id").unique_key
        ('id',)
    """
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        values = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise OptionsError(
            f"The body is not YAML: {error.problem}.", line=line, hint="Write one key: value a line."
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise OptionsError(f"The body is not YAML: {error}.", hint="Write one key: value a line.") from error
    if values is None:
        return PromoteOptions()
    if not isinstance(values, dict):
        raise OptionsError("The body must hold keys and values.", hint="For example: layer: gold")
    try:
        return PromoteOptions.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = [field.alias or name for name, field in PromoteOptions.model_fields.items()]
            near = get_close_matches(where, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."
            raise OptionsError(f"Unknown key {where!r}.", hint=hint) from error
        raise OptionsError(f"{where}: {message_of(first)}.") from error
