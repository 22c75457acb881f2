"""The typed parameters of a job, and the values that a run is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from olo_jobs.fields import SpecModel
from olo_jobs.template import REFERENCE, render

Scalar = str | int | float | bool
_INTEGER = re.compile(r"[-+]?\d+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)


class Parameter(SpecModel):
    """A value that a run may be given, with its type; without ``default`` it must be given."""

    type: Literal["string", "integer", "number", "boolean", "date", "timestamp"] = Field(
        default="string", description="Dates and timestamps are written as ISO 8601: 2026-01-31, 2026-01-31T06:00:00."
    )
    default: Scalar | None = Field(
        default=None,
        description="The value of a run that is given none; may be a template.",
        examples=["{{ logical_date }}", 15],
    )
    description: str = Field(default="", description="What the parameter is for.")
    enum: list[Scalar] | None = Field(default=None, min_length=1, description="The only values allowed.")
    minimum: int | float | None = Field(default=None, description="The smallest value of an integer or number.")
    maximum: int | float | None = Field(default=None, description="The largest value of an integer or number.")

    @model_validator(mode="after")
    def _consistent(self) -> Parameter:
        numeric = self.type in ("integer", "number")
        if not numeric and (self.minimum is not None or self.maximum is not None):
            raise ValueError(f"minimum and maximum are for integers and numbers, not for a {self.type}")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        for value in self.enum or ():
            try:
                self._typed(value)
            except ValueError as error:
                raise ValueError(f"enum: {error}") from None
        if self.default is not None and not (isinstance(self.default, str) and REFERENCE.search(self.default)):
            try:
                self.convert(self.default)
            except ValueError as error:
                raise ValueError(f"default: {error}") from None
        return self

    def convert(self, value: Any) -> Scalar:
        """A given value as the parameter's type.

        Args:
            value: A text, as a command line gives it, or a value of the type. Dates and timestamps are ISO text.

        Raises:
            ValueError: It isn't of the type, or not among the values allowed.

        Example:
            >>> Parameter(type="integer").convert("7"), Parameter(type="date").convert("2026-01-31")
            (7, '2026-01-31')
        """
        typed = self._typed(value)
        if self.enum is not None and typed not in [self._typed(one) for one in self.enum]:
            raise ValueError(f"{value!r} is none of {', '.join(map(repr, self.enum))}")
        if self.minimum is not None and isinstance(typed, int | float) and typed < self.minimum:
            raise ValueError(f"{typed} is below the minimum {self.minimum}")
        if self.maximum is not None and isinstance(typed, int | float) and typed > self.maximum:
            raise ValueError(f"{typed} is above the maximum {self.maximum}")
        return typed

    def _typed(self, value: Any) -> Scalar:
        found: Scalar | None = _CONVERT[self.type](value)
        if found is None:
            raise ValueError(f"{value!r} is not {'an' if self.type == 'integer' else 'a'} {self.type}")
        return found


_SCHEMAS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
}


def values_schema(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The JSON Schema of the values that a run may be given: what a form is made from.

    A default with a template is no value yet: it stands in the description, and the parameter may be left out.

    Example:
        >>> values_schema({"day": Parameter(type="date", default="{{ logical_date }}")})["properties"]["day"]
        {'type': 'string', 'format': 'date', 'title': 'day', 'description': 'Default: {{ logical_date }}.'}
    """
    properties: dict[str, Any] = {}
    required = []
    for name, parameter in parameters.items():
        schema = {**_SCHEMAS[parameter.type], "title": name}
        said, default = parameter.description, parameter.default
        if isinstance(default, str) and REFERENCE.search(default):
            said = f"{said} Default: {default}.".strip()
        elif default is not None:
            schema["default"] = parameter.convert(default)
        else:
            required.append(name)
        bounds = {"enum": parameter.enum, "minimum": parameter.minimum, "maximum": parameter.maximum}
        schema |= {key: value for key, value in bounds.items() if value is not None}
        properties[name] = {**schema, "description": said} if said else schema
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def parameter_values(
    parameters: Mapping[str, Parameter], given: Mapping[str, Any], built_in: Mapping[str, Any]
) -> dict[str, Scalar]:
    """The values of a run: those given, else the defaults, each of its type.

    Args:
        built_in: The values of BUILT_IN_VALUES, for templates in defaults.

    Raises:
        ValueError: Unknown, missing, or of the wrong type; the text names the parameter.
    """
    unknown = sorted(set(given) - set(parameters))
    if unknown:
        raise ValueError(f"there is no parameter {unknown[0]!r}; there are: {', '.join(parameters) or 'none'}")
    values: dict[str, Scalar] = {}
    for name, parameter in parameters.items():
        value = given[name] if name in given else render(parameter.default, {**built_in, **values})
        if value is None:
            raise ValueError(f"parameter {name!r} has no value")
        try:
            values[name] = parameter.convert(value)
        except ValueError as error:
            raise ValueError(f"parameter {name!r}: {error}") from None
    return values


def _integer(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _date(value: Any) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        moment = _timestamp(value)
        return moment[:10] if moment is not None and moment[10:] in ("T00:00:00", "T00:00:00+00:00") else None


def _timestamp(value: Any) -> str | None:
    try:
        return datetime.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


_CONVERT: dict[str, Callable[[Any], Scalar | None]] = {
    "string": lambda value: value if isinstance(value, str) else None,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
