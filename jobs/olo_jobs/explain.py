"""pydantic's errors as a person says them, with the nearest key or value."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from olo_jobs.document import KEY
from olo_jobs.problem import Location

_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": ("a name", "Lower-case letters, digits, underscores; a letter first."),
    r"^[A-Za-z_][\w]*$": ("a variable's name", "Letters, digits, underscores."),
    r"^[A-Za-z_]\w*$": ("a variable's name", "Letters, digits, underscores; no digit first."),
    r"^[A-Za-z][A-Za-z0-9_-]*$": ("a secret's name", "Letters, digits, - and _: the name, never the value."),
    r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*){1,2}$": ("a table", "Write namespace.table, e.g. silver.flights."),
    r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$": ("a function", "Write module:function, e.g. delays.score:main."),
    r"^[^@\s,;<>]+@[^@\s,;<>]+$": ("an e-mail address", "Write e.g. team@example.org; several as a list."),
    r"^#?[^\s#:/]+$": ("a Slack channel", "Write its name, e.g. data-alerts; a webhook's URL goes into a secret."),
    r"^https?://[^\s{}]+$": ("a URL", "Starts with https:// or http://; templates go into params or json."),
}
_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
}


@dataclass(frozen=True)
class Explained:
    """An error: where, its code, what is wrong, what to do."""

    place: Location
    code: str
    message: str
    hint: str = ""


def explain(error: Any, model: type[BaseModel], values: Any) -> Explained:
    """One of pydantic's errors.

    Args:
        error: An entry of ``ValidationError.errors()``.
        model: The model that was validated.
        values: What was validated, for the tags of unions that pydantic puts into places.
    """
    kind = str(error["type"])
    place = real_place(error["loc"], values)
    where = ".".join(str(part) for part in place)
    given = error.get("input")
    said = where or "the file"
    if kind == "extra_forbidden":
        known = keys_at(model, place[:-1])
        return Explained((*place, KEY), "unknown-key", f"unknown key {place[-1]!r}", _nearest(str(place[-1]), known))
    if kind == "missing":
        return Explained(place[:-1] or place, "missing", f"{where} is missing")
    if kind == "literal_error":
        options = [str(one).strip("'") for one in str(error["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        return Explained(
            place, "invalid", f"{said}: {given!r} is none of {', '.join(options)}", _nearest(str(given), options, False)
        )
    if kind == "string_pattern_mismatch":
        what, hint = _PATTERNS.get(str(error["ctx"]["pattern"]), ("of the right form", ""))
        return Explained(_key_or_value(place, error), "invalid", f"{said}: {given!r} is not {what}", hint)
    if kind in _TYPES:
        return Explained(
            place, "invalid-type", f"{said} must be {_TYPES[kind]}, not {_shown(given)}", _type_hint(kind, place, given)
        )
    if kind == "too_short":
        return Explained(place, "invalid", f"{said} needs at least one entry")
    message = message_of(error)
    if kind != "value_error":
        message = message.replace("Input should", "must").replace("must have", "must have", 1)
    return Explained(_key_or_value(place, error), "invalid", f"{said}: {message}" if where else message)


def message_of(error: Any) -> str:
    """What one of pydantic's errors says, without the word that pydantic puts before a validator's own text.

    Example:
        >>> message_of({"msg": "Value error, four fields"})
        'four fields'
    """
    return str(error["msg"]).removeprefix("Value error, ")


def real_place(location: tuple[Any, ...], values: Any) -> Location:
    """A place of pydantic's without the tags of unions, which aren't in the values."""
    place: list[str | int] = []
    here = values
    for index, part in enumerate(location):
        if (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        ):
            place.append(part)
            here = here[part]
        elif index == len(location) - 1 and isinstance(here, dict) and part != "[key]":
            place.append(part)  # a key that is missing
    return tuple(place)


def _key_or_value(place: Location, error: Any) -> Location:
    return (*place, KEY) if error["loc"][-1:] == ("[key]",) else place


def keys_at(model: Any, place: Location) -> list[str]:
    """The keys that a model knows at a place."""
    current: list[Any] = [model]
    for part in place:
        current = [inner for one in current for inner in _inside(one, part)]
    return sorted({info.alias or name for one in current if _is_model(one) for name, info in one.model_fields.items()})


def _inside(annotation: Any, part: str | int) -> list[Any]:
    """The types that may stand at a key or index of a type."""
    if _is_model(annotation):
        for name, info in annotation.model_fields.items():
            if part == (info.alias or name):
                return _alternatives(info.annotation)
        return []
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is list and isinstance(part, int):
        return _alternatives(inner[0])
    return _alternatives(inner[1]) if origin is dict else []


def _alternatives(annotation: Any) -> list[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(annotation) for one in _alternatives(part)]
    return [annotation]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _nearest(word: str, known: list[str], list_all: bool = True) -> str:
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(word.lower(), by_lower, n=1)
    if near:
        return f"Did you mean {by_lower[near[0]]!r}?"
    return f"Known: {', '.join(known)}." if known and list_all else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def _type_hint(kind: str, place: Location, value: Any) -> str:
    last = place[-1] if place else ""
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        durations = ("timeout", "sla", "every", "initial", "max")
        return (
            f"Write it with its unit, e.g. {value}s." if last in durations else f'Put it in quotation marks: "{value}".'
        )
    if kind == "string_type" and isinstance(value, bool):
        return f'Put it in quotation marks: "{str(value).lower()}".'
    if kind == "list_type" and isinstance(value, str):
        return f"Write [{value}]."
    if kind in ("int_type", "float_type", "bool_type") and isinstance(value, str):
        return "Write it without quotation marks."
    return ""
