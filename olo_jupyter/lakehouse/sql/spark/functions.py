"""Calls of functions in Spark's SQL: the overload by Trino's rules, the text by its template (``data``)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from sqlglot import exp

from olo_jupyter.lakehouse.sql.expressions import attempts, calls, zones
from olo_jupyter.lakehouse.sql.expressions import special as rules
from olo_jupyter.lakehouse.sql.expressions.guards import guarded
from olo_jupyter.lakehouse.sql.expressions.lambdas import LAZY
from olo_jupyter.lakehouse.sql.expressions.signatures import Binding, Signature
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark.casts import coerce
from olo_jupyter.lakehouse.sql.spark.instants import local
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import spark_type, unsupported
from olo_jupyter.lakehouse.sql.types import TrinoType

LambdaLower = Callable[[exp.Lambda, list[TrinoType], Environment], Typed]
_DATA = resources.files("olo_jupyter.lakehouse.sql.spark") / "data"


_GUARDED = re.compile(r"@|\w+:")
"""Templates whose text depends on types, or that are for some only."""


_OF_ANY = frozenset({"coalesce", "nullif", "row", "typeof"})
"""Functions whose text is the same over all types, once the arguments have their common one."""


@cache
def _templates() -> Mapping[str, Mapping[str, str]]:
    """Proved lowerings: kind → ``name(argument, …)`` → template."""
    found: dict[str, dict[str, str]] = {"scalar": {}, "aggregate": {}, "window": {}}
    for entry in sorted(_DATA.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            kind = entry.name.removesuffix(".json").partition("_")[0]
            found[kind] |= json.loads(entry.read_text(encoding="utf-8"))
    return found


def template(kind: str, signature: Signature, binding: Binding, around: str = "") -> str:
    """The text of a call of ``signature``; ``around`` names what else is written in the call, such as DISTINCT.

    Raises:
        Unsupported: There is none whose answers were compared with Trino's.
    """
    head = signature.text[: signature.text.rindex("): ") + 1] if "): " in signature.text else signature.text
    text = _templates()[kind].get(head.replace(", ", ","))
    if text is None:
        raise unsupported(f"{'' if kind == 'scalar' else kind + ' '}function {signature.text}")
    bound = [f"{name} = {type_.base}" for name, type_ in sorted(binding.types.items())] if _GUARDED.match(text) else []
    need(" ".join([f"{kind} function {head}", *bound, *filter(None, [around])]))
    return text


def expand(text: str, signature: Signature, binding: Binding, texts: Sequence[str], **more: str) -> Typed:
    """The template around the arguments' texts."""
    type_ = binding.type_of(signature.returns)
    inner = guarded(replace(signature, template=text), binding)
    result = spark_type(type_) if "{result}" in inner else ""
    return Typed(inner.format(*texts, all=", ".join(texts), result=result, **binding.numbers, **more), type_)


def scalar(name: str, arguments: Sequence[Typed | exp.Lambda], env: Environment, lower_lambda: LambdaLower) -> Typed:
    """The call ``name(arguments)`` of a scalar function."""
    from olo_jupyter.lakehouse.sql.spark.special import SPECIAL, ZONED

    values = [argument for argument in arguments if isinstance(argument, Typed)]
    if any(zones.has_zone(value.type) for value in values) and name not in ZONED:
        if name not in zones.LOCAL or not values[0].type.zone:
            raise unsupported(f"function {name} of a timestamp with a time zone other than UTC")
        need(f"function {name} in a zone")
        arguments = values = [
            Typed(local(values[0].sql, values[0].type), TrinoType("timestamp", values[0].type.parameters))
        ]
    if name in SPECIAL and len(values) == len(arguments):
        kinds = dict.fromkeys(value.type.base for value in values)
        need(f"function {name}" if name in _OF_ANY else f"function {name}({', '.join(kinds)})")
        return SPECIAL[name](values, env)
    if name in rules.SPECIAL or name in LAZY or name in attempts.LAZY:
        raise unsupported(f"function {name}")
    return plain(name, arguments, lambda node, types: lower_lambda(node, types, env))


def plain(name: str, arguments: Sequence[Typed | exp.Lambda], lower_lambda: calls.LambdaLower | None = None) -> Typed:
    """The call by its template."""
    signature, binding, patterns = calls.resolve("scalar", name, arguments)
    text = template("scalar", signature, binding)
    texts: list[str] = []
    for argument, pattern in zip(arguments, patterns, strict=True):
        if isinstance(argument, Typed):
            texts.append(coerce(argument, binding.type_of(pattern)).sql)
        else:
            assert lower_lambda is not None
            texts.append(calls.lambda_text(argument, pattern, binding, lower_lambda))
    return expand(text, signature, binding, texts)
