"""Running programs and comparing what they leave behind."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import types
import warnings
from collections.abc import Iterator
from typing import Any


def run(sources: list[str]) -> dict[str, Any]:
    """The names after running the sources one after the other."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), _own_settings():
        for source in sources:
            exec(compile(source, "<cell>", "exec"), names)
    return names


@contextlib.contextmanager
def _own_settings() -> Iterator[None]:
    """What a program sets of how numbers are printed, what raises and where it is ends with it."""
    import numpy
    import pandas

    names = ("display.precision", "display.max_rows", "display.float_format")
    known = itertools.chain.from_iterable((name, pandas.get_option(name)) for name in names)
    with (
        pandas.option_context(*known),
        numpy.errstate(),
        numpy.printoptions(),
        warnings.catch_warnings(),
        contextlib.chdir("."),
    ):
        yield


_CACHES = frozenset({"_cache", "_grouper", "__networkx_cache__"})
"""What libraries keep of an object once it was asked for: no part of its value."""


def shown(value: Any, depth: int = 0) -> str:
    """What a value is, for comparing two runs: containers, objects and iterators by what they hold."""
    if depth > 12:
        return "…"
    if isinstance(value, types.ModuleType):
        return value.__name__
    if type(value).__module__.startswith("polars"):
        plain = getattr(value, "to_dicts", None) or getattr(value, "to_list", None) or getattr(value, "explain", None)
        return f"{plain()!r} {getattr(value, 'schema', '')}" if plain is not None else type(value).__name__
    if hasattr(value, "to_dict") and not isinstance(value, type):
        try:
            return f"{value.to_dict()!r} {getattr(value, 'dtypes', '')}"
        except (TypeError, ValueError, AttributeError):
            return type(value).__name__
    if hasattr(value, "tobytes") and hasattr(value, "dtype") and not isinstance(value, type):
        return f"{value.tolist()!r} {value.dtype}"
    if hasattr(value, "get_params") and not isinstance(value, type):
        return f"{type(value).__name__}{shown(vars(value), depth + 1)}"
    if hasattr(value, "getstate"):
        return repr(value.getstate())
    if hasattr(value, "get_state"):
        return repr(value.get_state())
    if hasattr(value, "bit_generator"):
        return repr(value.bit_generator.state)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {shown(item, depth + 1)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple | set):
        return type(value).__name__ + "(" + ", ".join(shown(item, depth + 1) for item in value) + ")"
    if isinstance(value, type):
        return repr({key: item for key, item in vars(value).items() if isinstance(item, int | str) and key[:2] != "__"})
    if hasattr(value, "__next__") and not isinstance(value, io.IOBase):
        return "iterator" + shown(list(itertools.islice(value, 20)), depth + 1)
    if callable(value):
        return type(value).__name__
    if type(value).__module__.startswith("matplotlib") or isinstance(value, io.IOBase):
        return type(value).__name__
    if hasattr(value, "__dict__"):
        kept = {name: item for name, item in vars(value).items() if name not in _CACHES}
        return f"{type(value).__name__}{shown(kept, depth + 1)}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
