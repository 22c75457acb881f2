"""Functions whose text needs more than a template. Their types and errors are the shared rules'."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import calls, datetimes, moments, zones
from olo_jupyter.lakehouse.sql.expressions import special as rules
from olo_jupyter.lakehouse.sql.expressions.coercion import common_type
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark import operators, patterns
from olo_jupyter.lakehouse.sql.spark.casts import cast, coerce, coerce_or_cast, null, shadow
from olo_jupyter.lakehouse.sql.spark.functions import plain as scalar
from olo_jupyter.lakehouse.sql.spark.instants import instant, micros, moment
from olo_jupyter.lakehouse.sql.spark.lists import UNKEYED
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.rounding import rounded, truncated
from olo_jupyter.lakehouse.sql.spark.text import bound, fail, literal, refuse, row_fields, unsupported
from olo_jupyter.lakehouse.sql.spark.zoned import as_local, at_timezone, same_zone, with_timezone
from olo_jupyter.lakehouse.sql.types import (
    BIGINT,
    DATE,
    DAY_TO_SECOND,
    UNKNOWN,
    VARCHAR,
    YEAR_TO_MONTH,
    TrinoType,
)

_Build = Callable[[list[Typed], Environment], Typed]


def _type(name: str, values: list[Typed], env: Environment) -> TrinoType:
    return rules.SPECIAL[name](list(map(shadow, values)), env).type


def _coalesce(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("coalesce", values, env)
    return Typed(f"coalesce({', '.join(coerce(value, type_).sql for value in values)})", type_)


def _nullif(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("nullif", values, env)
    same = operators.comparison("=", values[0], values[1])
    return Typed(f"(CASE WHEN {same.sql} THEN {null(type_)} ELSE {values[0].sql} END)", type_)


def _concat(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("concat", values, env)
    if type_.base == "array":
        if not all(value.type.base == "array" for value in values):
            if any(value.type == UNKNOWN for value in values):
                return Typed(null(type_), type_, None)
            values = [value if value.type.base == "array" else _of_one(value, type_) for value in values]
        return Typed(f"concat({', '.join(coerce(value, type_).sql for value in values)})", type_)
    texts = [value.sql if type_.base in ("char", "varbinary") else coerce(value, VARCHAR).sql for value in values]
    return Typed(f"concat({', '.join(texts)})", type_)


def _of_one(value: Typed, type_: TrinoType) -> Typed:
    """An element as the array that ``||`` takes it for: NULL is no element, it makes all of it NULL."""
    sql = bound(coerce(value, type_.elements[0]).sql, lambda e: f"(CASE WHEN {e} IS NOT NULL THEN array({e}) END)")
    return Typed(sql, type_)


def _row(values: list[Typed], env: Environment) -> Typed:
    from olo_jupyter.lakehouse.sql.spark.lower import row

    return row(values)


def _extremum(name: str) -> _Build:
    def build(values: list[Typed], env: Environment) -> Typed:
        type_ = _type(name, values, env)
        texts = [coerce(value, type_).sql for value in values]
        if len(texts) == 1:
            return Typed(texts[0], type_)
        nulls = " OR ".join(f"{one} IS NULL" for one in texts)
        if type_.base in ("real", "double"):
            nan = f"CAST('NaN' AS {'FLOAT' if type_.base == 'real' else 'DOUBLE'})"
            kept = [f"nullif({one}, {nan})" for one in texts] if name == "greatest" else texts
            inner = f"coalesce({name}({', '.join(kept)}), {nan})"
        else:
            inner = f"{name}({', '.join(texts)})"
        return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE {inner} END)", type_)

    return build


def _concat_ws(values: list[Typed], env: Environment) -> Typed:
    if len(values) < 2:
        raise QueryError("There must be two or more arguments to concat_ws", code="invalid-function-argument")
    return scalar("concat_ws", values)


def _absolute(values: list[Typed], env: Environment) -> Typed:
    if len(values) == 1 and values[0].type.base == "decimal":
        operators.negate(values[0])  # which has the same limit
    return scalar("abs", values)


def _mod(values: list[Typed], env: Environment) -> Typed:
    _type("mod", values, env)
    if any(value.type.base in ("decimal", "real") for value in values):
        return operators.arithmetic("%", values[0], values[1])
    return scalar("mod", values)  # which fails at zero with an error of its own


def _typeof(values: list[Typed], env: Environment) -> Typed:
    made = rules.SPECIAL["typeof"](list(map(shadow, values)), env)
    shown = (
        made.constant
        if isinstance(made.constant, str)
        else made.sql.rpartition(" ELSE '")[2].removesuffix("' END)").replace("''", "'")
    )
    if isinstance(made.constant, str):
        return Typed(literal(shown), VARCHAR, shown)
    return Typed(f"(CASE WHEN {values[0].sql} IS NULL THEN {literal(shown)} ELSE {literal(shown)} END)", VARCHAR)


def _array_join(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("array_join", values, env)
    kind = values[0].type.elements[0]
    if kind == UNKNOWN:
        raise unsupported("function array_join of NULLs")
    item = cast(Typed("j", kind), VARCHAR).sql
    texts = [coerce(value, VARCHAR).sql for value in values[1:]]
    elements = values[0].sql if item == "j" else f"transform({values[0].sql}, j -> {item})"
    return Typed(f"array_join({elements}, {', '.join(texts)})", type_)


def _date_trunc(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("date_trunc", values, env)
    if values[0].type == UNKNOWN:
        return Typed(null(type_), type_, None)
    value, unit = as_local(values[1], "date_trunc"), str(values[0].constant).lower()
    if type_ == DATE:
        return Typed(value.sql if unit == "day" else f"CAST(trunc({value.sql}, '{unit}') AS DATE)", DATE)
    if type_.base == "time":
        raise unsupported("function date_trunc of a time")
    made = f"date_trunc('{unit}', {value.sql})"
    if type_.zone:
        return Typed(instant(f"CAST({made} AS TIMESTAMP_NTZ)", type_), type_)
    return Typed(made if type_.base.endswith("zone") else f"CAST({made} AS TIMESTAMP_NTZ)", type_)


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MILLISECONDS = {
    "millisecond": 1,
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 604_800_000,
}


def _date_add(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("date_add", values, env)
    count = coerce(values[1], BIGINT)
    if count.constant is None:
        return Typed(null(type_), type_, None)
    unit, value = str(values[0].constant).lower(), values[2]
    if value.type.zone:
        if _MILLISECONDS.get(unit, 86_400_000) >= 86_400_000:
            raise unsupported(f"date_add of a {unit} to {type_} in a time zone other than UTC")
        need("function date_add in a zone")
        moved = operators.shift(zones.instants(value), f"({count.sql} * {_MILLISECONDS[unit]})", DAY_TO_SECOND, "+")
        return Typed(moved, type_)
    if unit in _MONTHS:
        return Typed(operators.shift(value, f"({count.sql} * {_MONTHS[unit]})", YEAR_TO_MONTH, "+"), type_)
    if type_ == DATE:
        return Typed(f"date_add({value.sql}, CAST({count.sql} * {7 if unit == 'week' else 1} AS INT))", DATE)
    return Typed(operators.shift(value, f"({count.sql} * {_MILLISECONDS[unit]})", DAY_TO_SECOND, "+"), type_)


def _date_diff(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("date_diff", values, env)
    if _MILLISECONDS.get(str(values[0].constant).lower(), 86_400_000) < 86_400_000:
        if any(value.type.zone for value in values[1:]):
            need("function date_diff in a zone")
        values = [values[0], *map(zones.instants, values[1:])]
    values = [values[0], *same_zone("date_diff", values[1:])]
    common = common_type(value.type for value in values[1:])
    assert common is not None
    if common.base == "time" or common == UNKNOWN:
        raise unsupported(f"function date_diff of {common}")
    unit = str(values[0].constant).lower()
    a, b = (coerce(value, common).sql for value in values[1:])
    if unit in _MONTHS:
        kind = TrinoType("timestamp with time zone" if common.base.endswith("zone") else "timestamp", (6,))
        first, second = (coerce(Typed(text, common), kind).sql for text in (a, b))
        months = bound(first, lambda x: bound(second, lambda y: _months(x, y, kind)))
        return Typed(f"({months} div {_MONTHS[unit]})", type_)
    if common == DATE:
        days = f"CAST(datediff({b}, {a}) AS BIGINT)"
        return Typed(f"({days} div 7)" if unit == "week" else days, type_)

    def whole(text: str) -> str:  # Trino counts in whole milliseconds
        return bound(micros(text, common), lambda us: f"(({us} - pmod({us}, 1000L)) div 1000)")

    return Typed(f"(({whole(b)} - {whole(a)}) div {_MILLISECONDS[unit]})", type_)


def _months(a: str, b: str, type_: TrinoType) -> str:
    """Whole months from ``a`` to ``b``, as Joda counts them: to a month's last day from any later day of another."""
    low, high = f"least({a}, {b})", f"greatest({a}, {b})"
    day = f"CASE WHEN day({high}) = day(last_day({high})) THEN least(day({low}), day({high})) ELSE day({low}) END"
    clock = (f"pmod({micros(one, type_)} div 1000, 86400000L)" for one in (high, low))
    less = f"day({high}) < {day} OR (day({high}) = {day} AND {' < '.join(clock)})"
    apart = f"(year({high}) - year({low})) * 12 + month({high}) - month({low}) - CASE WHEN {less} THEN 1 ELSE 0 END"
    return f"CAST(CASE WHEN {a} > {b} THEN -({apart}) WHEN {a} <= {b} THEN {apart} END AS BIGINT)"


def _now(name: str) -> _Build:
    def build(values: list[Typed], env: Environment) -> Typed:
        made = datetimes.FUNCTIONS[name](values, env)
        if made.type == DATE:
            return Typed(f"DATE'{env.now.date().isoformat()}'", DATE, env.now.date())
        if made.type.base == "time":
            raise unsupported("type time")
        written = made.sql.partition("'")[2].partition("'")[0]
        kind = "TIMESTAMP" if made.type.base.endswith("zone") else "TIMESTAMP_NTZ"
        return Typed(f"{kind}'{written}'", made.type)

    return build


def _date(values: list[Typed], env: Environment) -> Typed:
    _type("date", values, env)
    return cast(values[0], DATE)


def _from_unixtime(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 1:
        raise unsupported("function from_unixtime in a time zone")
    type_ = _type("from_unixtime", values, env)
    value = coerce(values[0], TrinoType("double"))
    return Typed(moment(f"CAST(round({value.sql} * 1000, 0) AS BIGINT) * 1000", type_), type_)


def _to_iso8601(values: list[Typed], env: Environment) -> Typed:
    type_ = _type("to_iso8601", values, env)
    kind = values[0].type
    if kind != DATE and kind.base != "timestamp":
        raise unsupported(f"function to_iso8601({kind})")
    written = cast(values[0], VARCHAR).sql
    return Typed(written if kind == DATE else f"replace({written}, ' ', 'T')", type_)


def _map(values: list[Typed], env: Environment) -> Typed:
    """``MAP(keys, values)``: as many of each, no key twice, none NULL."""
    type_ = _type("map", values, env)
    if not values:
        raise unsupported("function map of nothing")
    key = type_.elements[0]
    if key.base in UNKEYED:
        raise unsupported(f"function map over {key}")
    if key == UNKNOWN:
        raise unsupported("function map of no keys")

    def build(keys: str, items: str) -> str:
        sizes = fail("invalid-function-argument", "'Key and value arrays must be the same length'")
        absent = fail("invalid-function-argument", "'map key cannot be null'")
        twice = fail("invalid-function-argument", f"'Duplicate map keys are not allowed in ', {literal(str(type_))}")
        tests = [
            f"WHEN {keys} IS NULL OR {items} IS NULL THEN NULL",
            f"WHEN size({keys}) <> size({items}) THEN {sizes}",
            f"WHEN exists({keys}, k -> k IS NULL) THEN {absent}",
            f"WHEN size(array_distinct({keys})) < size({keys}) THEN {twice}",
        ]
        return f"(CASE {' '.join(tests)} ELSE map_from_arrays({keys}, {items}) END)"

    return Typed(bound(values[0].sql, lambda k: bound(values[1].sql, lambda v: build(k, v))), type_)


def _zip(values: list[Typed], env: Environment) -> Typed:
    """``zip(array, array, …)``: rows, with NULL where an array is shorter."""
    signature, binding, _ = calls.resolve("scalar", "zip", values)
    type_ = binding.type_of(signature.returns)
    # Spark names the fields after columns; an expression's is its place.
    zipped = f"arrays_zip({', '.join(f'coalesce({value.sql}, array())' for value in values)})"
    names = row_fields(type_.elements[0])
    fields = ", ".join(f"{literal(name)}, z.`{at}`" for at, name in enumerate(names))
    nulls = " OR ".join(f"{value.sql} IS NULL" for value in values)
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE transform({zipped}, z -> named_struct({fields})) END)", type_)


_JAVA = {
    "%Y": "yyyy", "%y": "yy", "%m": "MM", "%-m": "M", "%B": "MMMM", "%b": "MMM", "%d": "dd", "%-d": "d", "%j": "DDD",
    "%H": "HH", "%-H": "H", "%I": "hh", "%-I": "h", "%M": "mm", "%-M": "m", "%S": "ss", "%-S": "s", "%p": "a",
    "%a": "EEE", "%A": "EEEE", "%g000": "SSS'000'", "%g": "SSS",
}  # fmt: skip


def _written(name: str, split: Callable[[str], Iterator[moments.Field | str]]) -> _Build:
    def build(values: list[Typed], env: Environment) -> Typed:
        type_ = _type(name, values, env)
        if any(value.type == UNKNOWN for value in values):
            return Typed(null(type_), type_, None)
        pieces = []
        for piece in split(str(values[1].constant)):
            if isinstance(piece, moments.Field):
                if piece.write not in _JAVA:
                    raise unsupported(f"function {name} with this pattern")
                pieces.append(_JAVA[piece.write])
            elif pieces and pieces[-1].startswith("'") and pieces[-1] != "'":
                pieces[-1] = (
                    pieces[-1][:-1] + piece.replace("'", "''") + "'"
                )  # two quoted texts side by side are one quote
            else:
                pieces.append("'" + piece.replace("'", "''") + "'")
        pattern = literal("".join(pieces))
        value = as_local(values[0], name)
        # Trino formats whole milliseconds.
        kind = TrinoType("timestamp with time zone" if value.type.base.endswith("zone") else "timestamp", (3,))
        local = coerce_or_cast(value.sql, value.type, kind, "CAST")
        outside = f"year({local}) NOT BETWEEN 1 AND 9999"
        return Typed(
            f"(CASE WHEN {outside} THEN {refuse('years outside 1 to 9999 by a pattern')} ELSE date_format({local}, {pattern}) END)",
            type_,
        )

    return build


SPECIAL: dict[str, _Build] = {
    "coalesce": _coalesce,
    "nullif": _nullif,
    "concat": _concat,
    "row": _row,
    "greatest": _extremum("greatest"),
    "least": _extremum("least"),
    "typeof": _typeof,
    "abs": _absolute,
    "mod": _mod,
    "concat_ws": _concat_ws,
    "array_join": _array_join,
    "date_trunc": _date_trunc,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "current_date": _now("current_date"),
    "current_timestamp": _now("current_timestamp"),
    "now": _now("now"),
    "localtimestamp": _now("localtimestamp"),
    "date": _date,
    "from_unixtime": _from_unixtime,
    "to_iso8601": _to_iso8601,
    "date_format": _written("date_format", moments.mysql),
    "format_datetime": _written("format_datetime", moments.joda),
    "at_timezone": at_timezone,
    "with_timezone": with_timezone,
    "round": rounded,
    "truncate": truncated,
    "map": _map,
    "zip": _zip,
    **patterns.FUNCTIONS,
}
"""Functions of lowered arguments."""

ZONED = frozenset(
    [
        "at_timezone",
        "with_timezone",
        "date_trunc",
        "date_add",
        "date_diff",
        "date_format",
        "coalesce",
        "nullif",
        "typeof",
    ]
)
"""Functions that take care of a zone other than UTC themselves."""
