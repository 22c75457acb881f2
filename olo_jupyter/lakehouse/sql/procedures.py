"""The table procedures of Trino's Iceberg connector (ALTER TABLE … EXECUTE) as data, and their arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from olo_jupyter.lakehouse.sql.grammar.syntax import ArgumentText, ExecuteText
from olo_jupyter.lakehouse.sql.parse import fail, refuse
from olo_jupyter.lakehouse.sql.table_properties import data_size

_INVALID = "invalid-procedure-argument"
_UNITS = {
    "ns": timedelta(microseconds=0.001),
    "us": timedelta(microseconds=1),
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def duration(text: str) -> timedelta:
    """A length of time as Trino writes it: ``7d``, ``36.5h``.

    Raises:
        ValueError: Not a duration.

    Example:
        >>> duration("1.5d")
        datetime.timedelta(days=1, seconds=43200)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text, re.ASCII)
    if match is None:
        raise ValueError(f"duration is not a valid data duration string: {text}")
    if match.group(2) not in _UNITS:
        raise ValueError(f"Unknown time unit: {match.group(2)}")
    try:
        return float(match.group(1)) * _UNITS[match.group(2)]
    except OverflowError:
        raise ValueError(f"the duration is too long: {text}") from None


def read_arguments(text: ExecuteText) -> tuple[str, dict[str, Any]]:
    """The procedure's name and its arguments by name, defaults filled in.

    Raises:
        QueryError: ``procedure-not-found``, ``invalid-procedure-argument``.
        Unsupported: A procedure that only Trino has.
    """
    name = text.procedure.name.lower()
    if name in _ONLY_TRINO:
        raise refuse(f"ALTER TABLE … EXECUTE {name}", text.procedure)
    known = _PROCEDURES.get(name)
    if known is None:
        message = f"Table procedure not registered: {name.upper()}"
        raise fail(message, "procedure-not-found", text.procedure, hint=f"There is: {', '.join(sorted(_PROCEDURES))}.")
    values: dict[str, Any] = {}
    for position, argument in enumerate(text.arguments):
        if position >= len(known) and not argument.name:
            raise fail(f"Too many arguments for {name}", _INVALID, argument.node)
        key = argument.name or list(known)[position]
        if key not in known:
            message = f"Table procedure '{name.upper()}' property '{key}' does not exist"
            takes = f"It takes: {', '.join(known)}." if known else "It takes none."
            raise fail(message, _INVALID, argument.node, hint=takes)
        if key in values:
            raise fail(f"Duplicate argument: {key}", _INVALID, argument.node)
        values[key] = _value(name, key, argument)
    for key, (_, _, default) in known.items():
        if key not in values:
            if default is ...:
                raise fail(f"Required procedure argument '{key}' is missing", _INVALID, text.procedure)
            values[key] = default
    return name, values


def _value(procedure: str, key: str, argument: ArgumentText) -> Any:
    type_, read, _ = _PROCEDURES[procedure][key]
    if not isinstance(argument.value, type_) or (type_ is int and isinstance(argument.value, bool)):
        wanted = {str: "varchar", int: "bigint", bool: "boolean"}[type_]
        message = (
            f"Invalid value for table procedure '{procedure.upper()}' property '{key}': Cannot convert to {wanted}"
        )
        raise fail(message, _INVALID, argument.node)
    try:
        return read(argument.value)
    except ValueError as error:
        message = f"Unable to set table procedure '{procedure.upper()}' property '{key}' to [{argument.value}]: {error}"
        raise fail(message, _INVALID, argument.node) from error


def _at_least_one(value: int) -> int:
    if value < 1:
        raise ValueError("Number of snapshots to retain must be at least 1")
    return value


def _as_is(value: Any) -> Any:
    return value


_Argument = tuple[type, Callable[[Any], Any], Any]
_RETENTION: _Argument = (str, duration, timedelta(days=7))
_PROCEDURES: dict[str, dict[str, _Argument]] = {
    "optimize": {"file_size_threshold": (str, data_size, 100 * 2**20)},
    "expire_snapshots": {
        "retention_threshold": _RETENTION,
        "retain_last": (int, _at_least_one, 1),
        "clean_expired_metadata": (bool, _as_is, False),
    },
    "remove_orphan_files": {"retention_threshold": _RETENTION},
    "rollback_to_snapshot": {"snapshot_id": (int, _as_is, ...)},
    "drop_extended_stats": {},
}
_ONLY_TRINO = frozenset({"optimize_manifests", "add_files", "add_files_from_table"})
