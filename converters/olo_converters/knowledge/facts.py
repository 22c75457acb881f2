"""The knowledge base: what library calls do, looked up by qualified name or by type and method."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any, Literal

Sharing = Literal["fresh", "holds", "alias"]


@dataclass(frozen=True)
class FunctionFact:
    """What a call does. ``knowledge/libraries.toml`` explains the fields."""

    returns: str = "scalar"
    result: Sharing = "fresh"
    mutates: tuple[int | str, ...] = ()
    keeps: bool = True
    reads: str = ""
    writes: str = ""
    seeds: str = ""
    draws: str = ""
    unless: tuple[str, ...] = ()
    random: bool = False
    when: str = ""
    of_time: bool = False
    seed_argument: bool = False
    sql: int | None = None
    table: int | None = None
    writes_table: int | None = None
    expression: int | None = None
    lazy: bool = False
    dynamic: str = ""
    out: int | None = None


@dataclass(frozen=True)
class TypeFact:
    """What the methods of a type do, by method name; ``default`` for those not listed."""

    default: Literal["pure", "mutates", "dynamic"] = "mutates"
    returns: str = ""
    result: Sharing = "alias"
    mutating: frozenset[str] = frozenset()
    alias: frozenset[str] = frozenset()
    callbacks: frozenset[str] = frozenset()
    display: frozenset[str] = frozenset()
    scalars: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    returns_self: frozenset[str] = frozenset()
    mutates_argument: frozenset[str] = frozenset()
    writes_file: frozenset[str] = frozenset()
    writes_file_self: frozenset[str] = frozenset()
    reads_file: frozenset[str] = frozenset()
    sql: frozenset[str] = frozenset()
    table: frozenset[str] = frozenset()
    expressions: frozenset[str] = frozenset()
    draws: dict[str, str] = field(default_factory=dict)
    unless: tuple[str, ...] = ()
    writes_table: dict[str, int] = field(default_factory=dict)
    frames: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    writes: str = ""
    holds_seed: bool = False
    reads_path: frozenset[str] = frozenset()
    views: frozenset[str] = frozenset()
    lazy: bool = False
    emits: frozenset[str] = frozenset()
    out: dict[str, int] = field(default_factory=dict)
    iterators: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    pure: frozenset[str] = frozenset()

    def acts(self, method: str) -> bool:
        """Whether a method does something outside of Python: files, tables, random states."""
        told = (self.writes_file, self.writes_file_self, self.reads_file, self.reads_path, self.sql, self.table)
        return any(method in names for names in (*told, self.writes_table, self.draws)) and method not in self.scalars


@cache
def _data() -> dict[str, Any]:
    text = resources.files("olo_converters.knowledge").joinpath("libraries.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _patterns() -> tuple[dict[str, FunctionFact], list[tuple[str, FunctionFact]]]:
    exact: dict[str, FunctionFact] = {}
    globs: list[tuple[str, FunctionFact]] = []
    for pattern, entry in _data()["functions"].items():
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        fact = FunctionFact(**values)
        if "*" in pattern:
            globs.append((pattern, fact))
        else:
            exact[pattern] = fact
    for module, places in _data()["out"].items():
        for place, names in places.items():
            for name in names:
                full = f"{module}.{name}"
                exact[full] = replace(exact.get(full) or _glob_fact(full, globs), out=int(place))
    globs.sort(key=lambda item: -len(item[0]))
    return exact, globs


def _glob_fact(name: str, globs: list[tuple[str, FunctionFact]]) -> FunctionFact:
    """The fact of the longest pattern that fits a name."""
    return max((pair for pair in globs if fnmatchcase(name, pair[0])), key=lambda pair: len(pair[0]))[1]


@cache
def function_fact(name: str) -> FunctionFact | None:
    """The fact on the function or class of this qualified name, None where nothing is known.

    Example:
        >>> function_fact("numpy.random.normal").draws
        'numpy'
    """
    exact, globs = _patterns()
    if name in exact:
        return exact[name]
    return next((fact for pattern, fact in globs if fnmatchcase(name, pattern)), None)


@cache
def acts_on(name: str) -> tuple[bool, bool]:
    """Whether a function of this qualified name acts outside of Python, and whether it changes what it is given.

    Example:
        >>> [acts_on(name) for name in ("pandas.read_csv", "builtins.list.append", "random.choice", "math.sqrt")]
        [(True, False), (False, True), (False, True), (False, False)]
    """
    owner, _, method = name.removeprefix("builtins.").rpartition(".")
    if name.startswith("builtins."):
        of_type = type_fact(owner) if owner else None
        changes = method in ("setattr", "delattr", "next") or (of_type is not None and method in of_type.mutating)
        return method == "open", changes
    fact = function_fact(name) if name else None
    if fact is None:
        return False, False
    acts = bool(fact.reads or fact.writes or fact.sql is not None or fact.table is not None)
    return acts and fact.returns != "figure", bool(fact.mutates or fact.draws or fact.seeds)


@cache
def known_libraries() -> frozenset[str]:
    """The top-level packages that some fact is known of.

    Example:
        >>> {"pandas", "numpy"} <= known_libraries()
        True
    """
    exact, globs = _patterns()
    return frozenset(name.partition(".")[0] for name in (*exact, *(pattern for pattern, _ in globs)))


@cache
def type_fact(name: str) -> TypeFact | None:
    """The fact on a type of the knowledge base, None for an unknown one."""
    entry = _data()["types"].get(name)
    if entry is None:
        return None
    fields: dict[str, Any] = {
        key: (frozenset(value) if key != "unless" else tuple(value)) if isinstance(value, list) else value
        for key, value in entry.items()
    }
    return TypeFact(**fields)


@cache
def builtin_names(kind: Literal["pure", "display", "scalar", "iterators", "consumes", "containers"]) -> frozenset[str]:
    """Builtins of one kind."""
    return frozenset(_data()["builtins"][kind])


@cache
def provided() -> dict[str, tuple[str, ...]]:
    """Names that a kernel gives its notebooks, with the lines that make them elsewhere."""
    return {name: tuple(lines) for name, lines in _data()["provided"].items()}


@cache
def any_type_fact() -> TypeFact:
    """What a method of a value whose type isn't known does outside of Python, told by its name alone."""
    entry = _data()["anything"]
    fields: dict[str, Any] = {
        key: frozenset(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return TypeFact(**fields)


@cache
def pure_methods() -> frozenset[str]:
    """Method names that change nothing on any type that has them."""
    return frozenset(_data()["methods"]["pure"])
