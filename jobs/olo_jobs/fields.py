"""The small types of the specs: names, durations, sizes, time zones, tables, secret references."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

_PART = re.compile(r"(\d+)\s*([smhd])\s*")
_DURATION = re.compile(r"\s*(\d+\s*[smhd]\s*)+")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 3650 * 86400
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?")


class SpecModel(BaseModel):
    """Every part of a spec refuses keys that it doesn't know, and takes no text for a number or the other way round."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def seconds(duration: str) -> int:
    """A duration of the spec in seconds.

    Raises:
        ValueError: Not whole numbers followed by s, m, h or d; longer than ten years.

    Example:
        >>> seconds("10m"), seconds("1h30m")
        (600, 5400)
    """
    if duration.lstrip().startswith("-"):
        raise ValueError(f"{duration!r} is negative")
    if _DURATION.fullmatch(duration) is None:
        raise ValueError(f"{duration!r} is not a duration: write a number and s, m, h or d, e.g. 30s, 10m or 1h30m")
    found = sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(duration))
    if found > _LONGEST:
        raise ValueError(f"{duration!r} is longer than ten years")
    return found


def size(text: str) -> int:
    """An amount of memory in bytes: ``512MiB``, ``2Gi`` (powers of 1024), ``4GB`` (powers of 1000).

    Raises:
        ValueError: No such amount, or 0.

    Example:
        >>> size("2Gi"), size("1.5GB")
        (2147483648, 1500000000)
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or float(match.group(1)) == 0:
        raise ValueError(f"{text!r} is not an amount of memory: write e.g. 512MiB, 2Gi or 4GB")
    number, unit, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** " KMGT".index(unit or " "))


def _checked_duration(value: str) -> str:
    seconds(value)
    return value


def _checked_span(value: str) -> str:
    if seconds(value) == 0:
        raise ValueError(f"{value!r} is no time at all")
    return value


def _checked_size(value: str) -> str:
    size(value)
    return value


@cache
def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # OSError: a folder of the zone database, e.g. Europe
        raise ValueError(f"{value!r} is not a time zone: use an IANA name, e.g. UTC or Europe/Berlin") from None
    return value


_DURATION_SCHEMA: dict[str, Any] = {"pattern": r"^\s*(\d+\s*[smhd]\s*)+$"}
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
Duration = Annotated[str, AfterValidator(_checked_duration), Field(json_schema_extra=_DURATION_SCHEMA)]
Span = Annotated[str, AfterValidator(_checked_span), Field(json_schema_extra=_DURATION_SCHEMA)]
"""A duration that isn't 0."""
Memory = Annotated[
    str, AfterValidator(_checked_size), Field(json_schema_extra={"pattern": r"^\s*\d+(\.\d+)?\s*[KMGT]?i?B?\s*$"})
]
Timezone = Annotated[str, AfterValidator(_timezone)]
Table = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*){1,2}$")]
"""A table as ``namespace.table`` or ``catalog.namespace.table``."""
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*$")]
"""Name of an environment variable."""
SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=100)]


class SecretRef(SpecModel):
    """A reference to a secret: its name. The value comes from the environment that runs the job.

    The local runner reads the environment variable ``OLO_SECRET_<NAME>`` (upper case, ``-`` as ``_``), Airflow its
    Variable of that name, and with it every secrets backend that Airflow is set up with.
    """

    secret: SecretName = Field(description="Name of the secret.", examples=["slack-token"])

    @property
    def variable(self) -> str:
        """The environment variable that holds it outside Airflow."""
        return f"OLO_SECRET_{self.secret.upper().replace('-', '_')}"


def _text_or_reference(value: Any) -> str:
    return "reference" if isinstance(value, dict | SecretRef) else "text"


Text = Annotated[
    Annotated[str, Tag("text")] | Annotated[SecretRef, Tag("reference")], Discriminator(_text_or_reference)
]
"""A text, or ``{secret: NAME}``."""
