"""Incremental models: whether a query can be one, what each run takes, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from olo_converters.capture import CapturedResult, ColumnFact
from olo_converters.dbt.values import jinja_literal
from olo_converters.options import PromoteOptions

_LOOKS_AHEAD = frozenset({"lead", "ntile", "percent_rank", "cume_dist", "last_value", "nth_value"})


@dataclass(frozen=True)
class Incremental:
    """How a model goes on from what its table has.

    Args:
        keys: Columns by which rows are merged; none: rows are appended.
        time: The column that tells what is new; '' for none.
        reason: What each run does, and what was seen that allows it.
    """

    keys: tuple[str, ...]
    time: str
    reason: str

    @property
    def config(self) -> list[str]:
        """Its arguments of dbt's ``config()``."""
        strategy = f"incremental_strategy={jinja_literal('merge' if self.keys else 'append')}"
        keys = ", ".join(jinja_literal(key) for key in self.keys)
        return [strategy, f"unique_key=[{keys}]"] if keys else [strategy]

    def body(self, query: str) -> str:
        """The query with what a run leaves out; as it stands where nothing tells what is new."""
        if not self.time:
            return query
        newest = f"(select max({self.time}) from {{{{ this }}}})"
        # A table without a time yet takes everything. Rows without one are merged by their key; appended once only.
        new = f"{newest} is null or {self.time} {'>=' if self.keys else '>'} {newest}"
        if self.keys:
            new += f" or {self.time} is null"
        return (
            f"select *\nfrom (\n{query}\n) as notebook_query\n{{% if is_incremental() %}}\nwhere {new}\n{{% endif %}}"
        )


def incremental(
    options: PromoteOptions, query: exp.Expression, columns: Sequence[ColumnFact], result: CapturedResult | None
) -> Incremental | str:
    """How a query goes on, or why it can't: what is in the table already would have to change.

    Args:
        query: The target's SELECT.
        columns: Of the result; none where ``*`` hides them.
    """
    names = {column.name.lower() for column in columns}
    keys, time = tuple(key.lower() for key in options.unique_key), (options.time_column or "").lower()
    if not time and not keys:
        return "neither unique_key nor time_column is given"
    missing = [name for name in (*keys, time) if name and name not in names] if names else []
    if missing:
        return f"the result has no column {', '.join(missing)}"
    seen = _seen(keys, time, result)
    if isinstance(seen, _Problem):
        return seen.text
    changed = _changes(query, keys, time)
    if changed:
        return changed
    return Incremental(keys, time, f"{_what_a_run_does(keys, time)}{seen}")


@dataclass(frozen=True)
class _Problem:
    text: str


def _seen(keys: tuple[str, ...], time: str, result: CapturedResult | None) -> str | _Problem:
    """What the data at the pin says of the columns; a problem where it says no."""
    profiles = {one.name.lower(): one for one in (result.profile if result else ())}
    for key in keys:
        if key in profiles and profiles[key].nulls:
            return _Problem(f"the key {key} is NULL in {profiles[key].nulls:,} rows, and a NULL is never merged")
    if len(keys) == 1 and keys[0] in profiles and profiles[keys[0]].distinct != profiles[keys[0]].rows:
        one = profiles[keys[0]]
        return _Problem(f"{keys[0]} is no key: {one.distinct:,} values in {one.rows:,} rows")
    if time in profiles and not keys and profiles[time].nulls:
        return _Problem(f"{time} is NULL in {profiles[time].nulls:,} rows, which no later run would find")
    facts = []
    if len(keys) == 1 and keys[0] in profiles:
        facts.append(f"{keys[0]} is unique and never NULL in {profiles[keys[0]].rows:,} rows")
    if time in profiles and profiles[time].minimum is not None:
        facts.append(f"{time} goes from {profiles[time].minimum} to {profiles[time].maximum}")
    return f" Seen in the notebook: {'; '.join(facts)}." if facts else ""


def _what_a_run_does(keys: tuple[str, ...], time: str) -> str:
    if not time:
        return (
            f"Each run merges all rows by {', '.join(keys)}, so the history of the table is one of changes; "
            "rows that vanish from the query stay until a full refresh."
        )
    if keys:
        return (
            f"New rows come at the end of {time}: a run merges, by {', '.join(keys)}, those at or after the newest "
            f"{time} in the table; what changes before it waits for a full refresh."
        )
    return (
        f"New rows come after the newest {time} in the table, and a run appends them; "
        "what comes late or changes waits for a full refresh."
    )


def _changes(query: exp.Expression, keys: tuple[str, ...], time: str) -> str:
    """Why rows that are in the table would change when new ones come; '' where reading the query finds nothing."""
    if not isinstance(query, exp.Query):
        return "it is no SELECT"
    if any(query.args.get(part) for part in ("limit", "offset", "fetch")):
        return "LIMIT takes other rows whenever there are new ones"
    if not time:
        return ""
    for select in _outer(query):
        sources = {_source(one, time) for one in select.selects if one.alias_or_name.lower() == time} or {time}
        for window in select.find_all(exp.Window):
            if window.find_ancestor(exp.Select) is select and (why := _looks_ahead(window, sources)):
                return why
        group = select.args.get("group")
        is_total = group is not None or any(_is_total(one) for one in select.selects)
        if is_total and not keys and not (group is not None and _groups_by(group, select, time, sources)):
            return f"it sums up over rows of several {time}, so rows in the table change, and no unique_key says which"
    return ""


def _outer(query: exp.Query) -> list[exp.Select]:
    """The SELECTs that give the rows: both sides of a UNION."""
    if isinstance(query, exp.SetOperation):
        return [one for side in (query.left, query.right) if isinstance(side, exp.Query) for one in _outer(side)]
    if isinstance(query, exp.Subquery):
        return _outer(query.this) if isinstance(query.this, exp.Query) else []
    return [query] if isinstance(query, exp.Select) else []


def _source(column: exp.Expr, time: str) -> str:
    inner = column.this if isinstance(column, exp.Alias) else column
    return _text(inner) or time


def _text(node: exp.Expr) -> str:
    return node.name.lower() if isinstance(node, exp.Column) else node.sql(dialect="trino").lower()


def _looks_ahead(window: exp.Window, sources: set[str]) -> str:
    name = _function(window)
    if any(_text(one) in sources for one in window.args.get("partition_by") or ()):
        return ""  # each time has its own rows; those of the newest one are read again
    order = window.args.get("order")
    if order is None:
        return f"{name} over all rows changes with each new one"
    spec = window.args.get("spec")
    following = spec is not None and "FOLLOWING" in str(spec.args.get("end_side") or "").upper()
    first = order.expressions[0] if order.expressions else None
    by_time = isinstance(first, exp.Ordered) and not first.args.get("desc") and _text(first.this) in sources
    if name in _LOOKS_AHEAD or following or not by_time:
        return f"{name} of rows in the table changes when new ones come"
    return ""


def _function(window: exp.Window) -> str:
    inner = window.this
    while isinstance(inner, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        inner = inner.this
    return (inner.name if isinstance(inner, exp.Anonymous) else inner.sql_name()).lower()


def _is_total(column: exp.Expr) -> bool:
    names = {"count", "sum", "avg", "min", "max", "count_if", "array_agg", "approx_distinct", "arbitrary"}
    return any(
        (one.name if isinstance(one, exp.Anonymous) else one.sql_name()).lower() in names
        and one.find_ancestor(exp.Window, exp.Query) is column.find_ancestor(exp.Query)
        for one in column.find_all(exp.Func)
    )


def _groups_by(group: exp.Expression, select: exp.Select, time: str, sources: set[str]) -> bool:
    numbers = [at for at, one in enumerate(select.selects, start=1) if one.alias_or_name.lower() == time]
    return any(
        (isinstance(one, exp.Literal) and not one.is_string and int(one.this) in numbers)
        or _text(one) in {*sources, time}
        for one in group.expressions
    )
