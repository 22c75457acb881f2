"""Names of artefacts: what may become a file, a table, a Python module and a dbt model at once."""

from __future__ import annotations

import keyword
import re
from functools import cache
from importlib import resources

from olo_converters.errors import ConvertError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@cache
def sql_reserved() -> frozenset[str]:
    """Trino's reserved words in lower case: a model of such a name couldn't be written bare in a query."""
    text = resources.files("olo_converters.knowledge").joinpath("sql_reserved.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


class ArtefactNameError(ConvertError):
    """A name that no artefact can have."""

    default_code = "bad-name"


def check_artefact_name(name: str) -> str:
    """``name`` if a model, a module, a table and a job can all be called so.

    Raises:
        ArtefactNameError: Leaves its folder, is no lower-case identifier, or is a keyword of SQL or Python.

    Example:
        >>> check_artefact_name("daily_delays")
        'daily_delays'
    """
    if not name:
        raise ArtefactNameError("The name is empty.", hint="Give one, e.g. daily_delays.")
    if "/" in name or "\\" in name or ".." in name:
        raise ArtefactNameError(f"The name {name!r} leaves its folder.", hint="Use a plain name, e.g. daily_delays.")
    if not _NAME.fullmatch(name):
        near = suggested_name(name)
        raise ArtefactNameError(
            f"The name {name!r} is no lower-case identifier of at most 63 characters.", hint=f"Use e.g. {near}."
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise ArtefactNameError(f"The name {name!r} is a keyword of Python.", hint=f"Use e.g. {name}_result.")
    if name in sql_reserved():
        raise ArtefactNameError(f"The name {name!r} is a keyword of SQL.", hint=f"Use e.g. {name}_result.")
    return name


def suggested_name(text: str) -> str:
    """The nearest artefact name to any text.

    Example:
        >>> suggested_name("Daily Delays (2)")
        'daily_delays_2'
        >>> suggested_name("2nd")
        'result_2nd'
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not re.match(r"[a-z]", name):
        name = f"result_{name}".rstrip("_")
    name = name[:63]
    return f"{name}_result" if keyword.iskeyword(name) or name in sql_reserved() else name
