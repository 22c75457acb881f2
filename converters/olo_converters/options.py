"""What an analyst may say about a promotion: the YAML body of ``%%olo promote NAME``."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from olo_converters.errors import ConvertError
from olo_jobs.explain import keys_at, message_of, real_place
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

    kind: Literal["auto", "dbt", "python"] = Field(
        default="auto", description="A dbt model or a Python module; auto: dbt for the result of a query."
    )
    layer: Layer = Field(default="gold", description="Where its table goes.")
    materialized: Materialized | None = Field(
        default=None, description="Left empty: a table, or incremental where a key and a time column allow."
    )
    unique_key: tuple[str, ...] = Field(default=(), description="Columns that name one row.")
    time_column: str | None = Field(default=None, description="The column that tells which rows are new.")
    schedule: Schedule | None = None
    tests: tuple[str | dict[str, Any], ...] | None = Field(
        default=None, description="Tests of the model; [] proposes none."
    )
    owner: str = Field(default="", description="Who answers for it.")
    tags: tuple[str, ...] = Field(default=(), description="Words to find it by.")
    description: str = Field(default="", description="What it holds, for those who read it.")
    split: bool = Field(default=True, description="Whether a long chain of queries gets staging models.")
    pins: Literal["keep", "drop"] | None = Field(
        default=None, description="What becomes of pins that stand in the SQL. Production reads the present: drop."
    )
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
        lines = _lines(text)
        found = sorted(error.errors(), key=lambda one: lines.get(str(one["loc"][0]), 0))
        told, meant, known = zip(*(_explained(one, values) for one in found), strict=True)
        hints = [f"Did you mean {', '.join(filter(None, meant))}?" if any(meant) else "", *dict.fromkeys(known)]
        line = lines.get(str(found[0]["loc"][0]))
        raise OptionsError(" ".join(told), line=line, hint=" ".join(filter(None, hints))) from error


def _explained(problem: Any, values: Any) -> tuple[str, str, str]:
    """One of pydantic's errors: what is wrong, the word that may be meant, or the words that there are."""
    place = real_place(tuple(problem["loc"]), values)
    where = ".".join(str(part) for part in place)
    if problem["type"] == "extra_forbidden":
        known = keys_at(PromoteOptions, place[:-1])
        near = get_close_matches(str(place[-1]), known, n=1)
        return f"Unknown key {where!r}.", "".join(near), "" if near else f"Known keys: {', '.join(known)}."
    choices = re.findall(r"'([^']+)'", problem["ctx"]["expected"]) if problem["type"] == "literal_error" else []
    near = get_close_matches(str(problem["input"]), choices, n=1)
    return f"{where}: {message_of(problem).replace('valid tuple', 'list')}.", "".join(near), ""


def _lines(text: str) -> dict[str, int]:
    """The lines of the body's keys, counted from 1."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = yaml.compose(text, Loader=loader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return {str(key.value): key.start_mark.line + 1 for key, _ in pairs}
