"""``python call.py package.module:function JSON``: a Python task in its own process. Only the standard library: the
environment that it runs in may have nothing of ours.

Arguments arrive as JSON; a date or datetime that the function's annotations ask for is made from its ISO text.
"""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import sys
import typing
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def bind(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as the function's annotations want them.

    Raises:
        TypeError: The function has no such parameter, or needs one that isn't given.

    Example:
        >>> def main(*, day: date, threshold: int = 15) -> None: ...
        >>> bind(main, {"day": "2026-01-31"})
        {'day': datetime.date(2026, 1, 31)}
    """
    signature = inspect.signature(function)
    signature.bind(**arguments)
    hints = typing.get_type_hints(function)
    return {name: _as_annotated(value, hints.get(name)) for name, value in arguments.items()}


def _as_annotated(value: Any, annotation: Any) -> Any:
    wanted = {annotation, *typing.get_args(annotation)}
    if isinstance(value, str):
        if datetime in wanted:
            return datetime.fromisoformat(value)
        if date in wanted:
            return date.fromisoformat(value[:10])
        if Decimal in wanted:
            return Decimal(value)
    return value


def main(argv: list[str]) -> int:
    """Import, bind, call. Exit code 2 where the function can't be found or called so."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    target, text = argv
    module_name, _, function_name = target.partition(":")
    try:
        function = getattr(importlib.import_module(module_name), function_name)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{target}: no module named {error.name}; is its package under src/?\n")
        return 2
    except AttributeError:
        sys.stderr.write(f"{target}: module {module_name} has no function {function_name}\n")
        return 2
    try:
        arguments = bind(function, json.loads(text))
    except TypeError as error:
        sys.stderr.write(f"{target}: {error}\n")
        return 2
    function(**arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
