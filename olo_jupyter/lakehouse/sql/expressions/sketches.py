"""Aggregates that Trino computes by a sketch or a hash, and reduce_agg: each over the list of a group's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import lambdas
from olo_jupyter.lakehouse.sql.expressions.duck import bound, duck_type, identifier, unsupported
from olo_jupyter.lakehouse.sql.expressions.hashing import hash_of
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT, VARBINARY, TrinoType

Lower = Callable[[exp.Expr, Environment], Typed]

_EACH = identifier("λ;")


def checksum(values: list[Typed], more: Mapping[str, str]) -> Typed:
    """``checksum(x)``: the sum of the hashes modulo 2^64, whatever the order."""
    hashed = hash_of(values[0], "checksum")
    each = f"CASE WHEN {values[0].sql} IS NULL THEN olo_checksum_of_null() ELSE olo_checksum_of({hashed}) END"
    return Typed(f"olo_checksum(sum({each}){more['tail']})", VARBINARY)


def approx_distinct(values: list[Typed], more: Mapping[str, str]) -> Typed:
    """``approx_distinct(x)``: the estimate of Trino's HyperLogLog, from the hashes of the distinct values."""
    type_ = values[0].type
    if type_.base == "boolean":
        return Typed(f"count(DISTINCT {values[0].sql}){more['tail']}", BIGINT)
    hashed = hash_of(Typed(_EACH, type_), "approx_distinct")
    distinct = f"list(DISTINCT {values[0].sql}){more['tail']}"

    def estimate(found: str) -> str:
        present = f"list_filter(coalesce({found}, []), lambda {_EACH}: {_EACH} IS NOT NULL)"
        return f"olo_distinct_estimate_or_refuse(list_transform({present}, lambda {_EACH}: {hashed}))"

    # Computed before: DuckDB can't have a window within a lambda if there is a lambda in the window.
    return Typed(bound(distinct, "λd", estimate), BIGINT)


def approx_set(values: list[Typed], more: Mapping[str, str]) -> Typed:
    """``approx_set(x)``: held as the hashes of the distinct values, of which ``cardinality`` gives the estimate."""
    hashed = hash_of(Typed(_EACH, values[0].type), "approx_set")
    present = f"list_filter(list(DISTINCT {values[0].sql}){more['tail']}, lambda {_EACH}: {_EACH} IS NOT NULL)"
    made = f"list_transform({present}, lambda {_EACH}: {hashed})"
    return Typed(f"CASE WHEN len({present}) > 0 THEN {made} END", TrinoType("hyperloglog"))


def approx_percentile(values: list[Typed], more: Mapping[str, str]) -> Typed:
    """``approx_percentile(x, p)``: of few values Trino's digest holds each by itself, and gives one of them."""
    value, percentile = values
    doubles = f"list(CAST({value.sql} AS DOUBLE)){more['tail']}"
    wanted = f"any_value({percentile.sql}){more['tail']}"
    several = percentile.type.base == "array"
    type_ = TrinoType("array", (), (value.type,)) if several else value.type
    macro = "olo_percentiles_or_refuse" if several else "olo_percentile_or_refuse"
    found = bound(f"struct_pack(x := {doubles}, p := {wanted})", "λd", lambda both: f"{macro}({both}.x, {both}.p)")
    return Typed(f"CAST({found} AS {duck_type(type_)})", type_)


MADE: Mapping[str, Callable[[list[Typed], Mapping[str, str]], Typed]] = {
    "@checksum": checksum,
    "@approx_distinct": approx_distinct,
    "@approx_percentile": approx_percentile,
    "@approx_set": approx_set,
}
"""Aggregates by the name that stands for their template; ``more`` has ``tail``, ``order`` and ``distinct``."""


def reduce_agg(nodes: list[exp.Expr], env: Environment, lower: Lower, more: Mapping[str, str]) -> Typed:
    """``reduce_agg(value, start, (state, value) -> …, (state, state) -> …)``: NULL values are left out."""
    if len(nodes) != 4 or not isinstance(nodes[2], exp.Lambda) or not isinstance(nodes[3], exp.Lambda):
        raise QueryError("Unexpected parameters for function reduce_agg", code="function-not-found")
    value, start = lower(nodes[0], env), lower(nodes[1], env)
    if len(nodes[3].expressions) != 2:
        raise QueryError("Expected a lambda that takes 2 argument(s)", code="invalid-parameter-usage")
    combined = lambdas.plain(nodes[3], [start.type, start.type], env, lower)
    if combined.type != start.type:
        raise unsupported("reduce_agg whose lambdas don't keep the type of the start")
    present = f"list_filter(list({value.sql}{more['order']}){more['tail']}, lambda {_EACH}: {_EACH} IS NOT NULL)"
    first = Typed(f"any_value({start.sql}){more['tail']}", start.type)
    folded = lambdas.fold(Typed(present, TrinoType("array", (), (value.type,))), first, nodes[2], env, lower)
    return Typed(f"CASE WHEN len({present}) > 0 THEN {folded} END", start.type)
