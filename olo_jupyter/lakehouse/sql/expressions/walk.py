"""The walk over a tree of Trino SQL: one for every dialect, which gives the words.

Each kind of node is read here, its operands are lowered, and a method of the dialect's own writes it. Rules that hold
for every dialect (Trino's) are here or in the functions that are called from here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import literals, special
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS
from olo_jupyter.lakehouse.sql.expressions.datatypes import read_type
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.expressions.signatures import names
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import BOOLEAN, TrinoType

ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_AGGREGATES, _WINDOWS = names("aggregate"), names("window")


class Walk(ABC):
    """Lowers expressions to one dialect's text. The abstract methods are its words."""

    def lower(self, node: exp.Expr, env: Environment) -> Typed:
        """Lower an expression to text whose value and type are Trino's.

        Args:
            node: A node of the tree that ``parse`` reads.
            env: What its names stand for.

        Raises:
            QueryError: What Trino would raise too: type-mismatch, function-not-found, …
            Unsupported: Trino has it, but no lowering of it is proved.
        """
        build = NODES.get(type(node))
        if build is not None:
            return build(self, node, env)
        if isinstance(node, exp.Query):
            return env.scalar_subquery(node)
        raise unsupported(f"expression {type(node).__name__.upper()}")

    # The dialect's words

    @abstractmethod
    def known(self, value: Typed) -> Typed:
        """A literal."""

    @abstractmethod
    def arithmetic(self, op: str, left: Typed, right: Typed) -> Typed:
        """``left op right`` for ``+ - * / %``."""

    @abstractmethod
    def negate(self, value: Typed) -> Typed:
        """``-value``."""

    @abstractmethod
    def comparison(self, op: str, left: Typed, right: Typed) -> Typed:
        """``left op right`` for ``= <> < <= > >=``."""

    @abstractmethod
    def rows(self, op: str, left: list[Typed], right: list[Typed]) -> Typed:
        """``(left, …) op (right, …)``."""

    @abstractmethod
    def quantified(self, op: str, node: exp.Binary, env: Environment) -> Typed:
        """``value op ANY (query)``, ``value op ALL (query)``."""

    @abstractmethod
    def condition(self, value: Typed, what: str) -> str:
        """The text of a boolean."""

    @abstractmethod
    def distinct(self, left: Typed, right: Typed, negated: bool) -> Typed:
        """``left IS [NOT] DISTINCT FROM right``."""

    @abstractmethod
    def between(self, value: Typed, low: Typed, high: Typed) -> Typed:
        """``value BETWEEN low AND high``."""

    @abstractmethod
    def is_in(self, value: Typed, items: list[Typed]) -> Typed:
        """``value IN (items)``."""

    @abstractmethod
    def in_query(self, node: exp.In, env: Environment) -> Typed:
        """``value IN (query)``."""

    @abstractmethod
    def like(self, value: Typed, pattern: Typed, escape: Typed | None) -> Typed:
        """``value LIKE pattern [ESCAPE escape]``."""

    @abstractmethod
    def case(self, operand: Typed | None, branches: list[tuple[Typed, Typed]], default: Typed) -> Typed:
        """``CASE [operand] WHEN … END``."""

    @abstractmethod
    def cast(self, node: exp.Cast, value: Typed, target: TrinoType, env: Environment) -> Typed:
        """``CAST(value AS target)``, and ``TYPE '…'``."""

    @abstractmethod
    def try_cast(self, node: exp.TryCast | exp.Cast, value: Typed, target: TrinoType) -> Typed:
        """``TRY_CAST(value AS target)``."""

    @abstractmethod
    def array_of(self, items: list[Typed]) -> Typed:
        """``ARRAY[…]``."""

    @abstractmethod
    def row(self, items: list[Typed]) -> Typed:
        """``ROW(…)``."""

    @abstractmethod
    def field(self, base: Typed, name: str) -> Typed:
        """``row.name``."""

    @abstractmethod
    def subscript(self, base: Typed, index: Typed) -> Typed:
        """``base[index]``."""

    @abstractmethod
    def at_time_zone(self, value: Typed, zone: Typed, env: Environment) -> Typed:
        """``value AT TIME ZONE zone``."""

    @abstractmethod
    def call(self, name: str, arguments: Sequence[Typed | exp.Lambda], env: Environment) -> Typed:
        """A scalar function of lowered arguments and lambdas."""

    @abstractmethod
    def lazy(self, name: str, nodes: list[exp.Expr], env: Environment) -> Typed | None:
        """A function that lowers its arguments itself; None for every other."""

    @abstractmethod
    def aggregate(self, node: exp.Expr, env: Environment) -> Typed:
        """An aggregate call, with what stands around it."""

    @abstractmethod
    def listagg(self, node: exp.GroupConcat, env: Environment) -> Typed:
        """``LISTAGG(…) WITHIN GROUP (…)``."""

    @abstractmethod
    def window(self, node: exp.Window, env: Environment) -> Typed:
        """``function(…) OVER (…)``."""

    # What they have in common

    def scalar(self, name: str, nodes: list[exp.Expr], env: Environment) -> Typed:
        """The call of a scalar function."""
        found = self.lazy(name, nodes, env)
        if found is not None:
            return found
        return self.call(name, [node if isinstance(node, exp.Lambda) else self.lower(node, env) for node in nodes], env)

    def items(self, node: exp.Tuple, env: Environment) -> list[Typed]:
        """The lowered parts of ``(a, b)``."""
        return [self.lower(item, env) for item in node.expressions]

    def _arithmetic(self, node: exp.Binary, env: Environment) -> Typed:
        return self.arithmetic(ARITHMETIC[type(node)], self.lower(node.this, env), self.lower(node.expression, env))

    def _comparison(self, node: exp.Binary, env: Environment) -> Typed:
        symbol, right = COMPARISONS[type(node)], node.expression
        if isinstance(right, exp.Any | exp.All):
            return self.quantified(symbol, node, env)
        if isinstance(node.this, exp.Tuple) and isinstance(right, exp.Tuple):
            return self.rows(symbol, self.items(node.this, env), self.items(right, env))
        return self.comparison(symbol, self.lower(node.this, env), self.lower(right, env))

    def _negate(self, node: exp.Neg, env: Environment) -> Typed:
        inner = node.this
        if isinstance(inner, exp.Literal) and not inner.is_string:
            return self.known(literals.literal(inner, negative=True))
        return self.negate(self.lower(inner, env))

    def _and_or(self, node: exp.Connector, env: Environment) -> Typed:
        op = "AND" if isinstance(node, exp.And) else "OR"
        terms = list(node.flatten(unnest=False))  # a chain of a thousand terms mustn't recurse
        texts = [self.condition(self.lower(term, env), f"Logical expression term of {op}") for term in terms]
        return Typed(f"({f' {op} '.join(texts)})", BOOLEAN)

    def _not(self, node: exp.Not, env: Environment) -> Typed:
        inner = node.this
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            return Typed(f"({self.lower(inner.this, env).sql} IS NOT NULL)", BOOLEAN)
        return Typed(f"(NOT {self.condition(self.lower(inner, env), 'Value of logical NOT expression')})", BOOLEAN)

    def _is(self, node: exp.Is, env: Environment) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise QueryError("Trino has only IS [NOT] NULL and IS [NOT] DISTINCT FROM", code="syntax-error")
        return Typed(f"({self.lower(node.this, env).sql} IS NULL)", BOOLEAN)

    def _distinct(self, node: exp.Binary, env: Environment) -> Typed:
        negated = isinstance(node, exp.NullSafeEQ)
        return self.distinct(self.lower(node.this, env), self.lower(node.expression, env), negated)

    def _between(self, node: exp.Between, env: Environment) -> Typed:
        low, high = self.lower(node.args["low"], env), self.lower(node.args["high"], env)
        value = self.lower(node.this, env)
        if not node.args.get("symmetric"):
            return self.between(value, low, high)
        if value.drawn or low.drawn or high.drawn:
            raise unsupported("BETWEEN SYMMETRIC of values that are drawn")
        return Typed(f"({self.between(value, low, high).sql} OR {self.between(value, high, low).sql})", BOOLEAN)

    def _in(self, node: exp.In, env: Environment) -> Typed:
        if node.args.get("query") is not None:
            return self.in_query(node, env)
        if isinstance(node.this, exp.Tuple) and all(isinstance(item, exp.Tuple) for item in node.expressions):
            left = self.items(node.this, env)
            tests = (self.rows("=", left, self.items(item, env)).sql for item in node.expressions)
            return Typed(f"({' OR '.join(tests)})", BOOLEAN)
        value, items = self.lower(node.this, env), [self.lower(item, env) for item in node.expressions]
        floats = any(one.type.base in FLOATS for one in (value, *items))
        if floats and node.this.find(exp.Column, exp.Identifier) and any(item.sql == value.sql for item in items):
            # Of x IN (…, x) Trino leaves out the comparison, which makes NaN one of the list.
            raise unsupported("IN of a floating-point value among itself")
        return self.is_in(value, items)

    def _like(self, node: exp.Like | exp.Escape, env: Environment) -> Typed:
        escape = None
        if isinstance(node, exp.Escape):
            escape, node = self.lower(node.expression, env), node.this
            if not isinstance(node, exp.Like):
                raise unsupported("ESCAPE without LIKE")
        result = self.like(self.lower(node.this, env), self.lower(node.expression, env), escape)
        return Typed(f"(NOT {result.sql})", BOOLEAN) if node.args.get("negate") else result

    def _case(self, node: exp.Case, env: Environment) -> Typed:
        operand = self.lower(node.this, env) if node.this is not None else None
        branches = [(self.lower(each.this, env), self.lower(each.args["true"], env)) for each in node.args["ifs"]]
        return self.case(operand, branches, self._or_null(node.args.get("default"), env))

    def _if(self, node: exp.If, env: Environment) -> Typed:
        last = self._or_null(node.args.get("false"), env)
        return self.case(None, [(self.lower(node.this, env), self.lower(node.args["true"], env))], last)

    def _or_null(self, node: exp.Expr | None, env: Environment) -> Typed:
        return self.lower(node, env) if node is not None else literals.null()

    def _cast(self, node: exp.Cast, env: Environment) -> Typed:
        target = read_type(node.to)
        return self.cast(node, self.lower(node.this, env), target, env)

    def _try_cast(self, node: exp.TryCast, env: Environment) -> Typed:
        value = self.lower(node.this, env)
        return self.try_cast(node, value, read_type(node.to))

    def _array(self, node: exp.Array, env: Environment) -> Typed:
        return self.array_of([self.lower(item, env) for item in node.expressions])

    def _bracket(self, node: exp.Bracket, env: Environment) -> Typed:
        if len(node.expressions) != 1:
            raise unsupported("subscript with several values")
        return self.subscript(self.lower(node.this, env), self.lower(node.expressions[0], env))

    def _dot(self, node: exp.Dot, env: Environment) -> Typed:
        if isinstance(node.this, exp.Column):
            return env.column(node)
        return self.field(self.lower(node.this, env), node.expression.name)

    def _column(self, node: exp.Column, env: Environment) -> Typed:
        if isinstance(node.this, exp.Star):
            raise unsupported("* here")
        return env.column(node)

    def _extract(self, node: exp.Extract, env: Environment) -> Typed:
        value = self.lower(node.expression, env)
        name = node.name.lower()
        special.check_extract(name, value.type)
        return self.call(name, [value], env)

    def _trim(self, node: exp.Trim, env: Environment) -> Typed:
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.args.get("position") or "").upper(), "trim")
        return self.scalar(name, [node.this] + ([node.expression] if node.expression is not None else []), env)

    def _substring(self, node: exp.Substring, env: Environment) -> Typed:
        if self.lower(node.this, env).type.base == "unknown":  # varchar, as with commas, or char: Trino doesn't choose
            raise QueryError("Could not choose a best candidate operator: substring", code="ambiguous-function-call")
        arguments = [node.this, node.args["start"], node.args.get("length")]
        return self.scalar("substring", [argument for argument in arguments if argument is not None], env)

    def _at_time_zone(self, node: exp.AtTimeZone, env: Environment) -> Typed:
        return self.at_time_zone(self.lower(node.this, env), self.lower(node.args["zone"], env), env)

    def _bare_word(self, node: exp.Parameter, env: Environment) -> Typed:
        """LOCALTIME and its kin; also what the session tells."""
        if node.name.upper() in ("CURRENT_CATALOG", "CURRENT_SCHEMA"):
            return env.parameter(node)
        if node.name.lower() not in special.SPECIAL:
            raise unsupported(node.name.upper())
        return self.call(node.name.lower(), [], env)

    def _anonymous(self, node: exp.Anonymous, env: Environment) -> Typed:
        name = str(node.this).lower()
        if name in _AGGREGATES:
            return self.aggregate(node, env)
        if name in _WINDOWS:
            raise QueryError(f"Window function {name} requires an OVER clause", code="missing-over")
        return self.scalar(name, node.expressions, env)


_Build = Callable[[Any, Any, Environment], Typed]

NODES: dict[type[exp.Expr], _Build] = {
    exp.Literal: lambda walk, node, env: walk.known(literals.literal(node)),
    exp.HexString: lambda walk, node, env: walk.known(literals.binary(node.name)),
    exp.Boolean: lambda walk, node, env: walk.known(literals.boolean(bool(node.this))),
    exp.Null: lambda walk, node, env: literals.null(),
    exp.Interval: lambda walk, node, env: walk.known(literals.interval(node)),
    exp.Paren: lambda walk, node, env: walk.lower(node.this, env),
    exp.Column: Walk._column,
    exp.Identifier: lambda walk, node, env: env.column(exp.column(node.copy())),
    exp.Dot: Walk._dot,
    exp.Placeholder: lambda walk, node, env: env.parameter(node),
    exp.Parameter: Walk._bare_word,
    **dict.fromkeys(ARITHMETIC, Walk._arithmetic),
    **dict.fromkeys(COMPARISONS, Walk._comparison),
    exp.Neg: Walk._negate,
    exp.And: Walk._and_or,
    exp.Or: Walk._and_or,
    exp.Not: Walk._not,
    exp.Is: Walk._is,
    exp.NullSafeEQ: Walk._distinct,
    exp.NullSafeNEQ: Walk._distinct,
    exp.Between: Walk._between,
    exp.In: Walk._in,
    exp.Like: Walk._like,
    exp.Escape: Walk._like,
    exp.Exists: lambda walk, node, env: Typed(f"(EXISTS {env.exists(node.this)})", BOOLEAN),
    exp.Subquery: lambda walk, node, env: env.scalar_subquery(node.unnest()),
    exp.Case: Walk._case,
    exp.If: Walk._if,
    exp.Cast: Walk._cast,
    exp.TryCast: Walk._try_cast,
    exp.Array: Walk._array,
    exp.Bracket: Walk._bracket,
    exp.Tuple: lambda walk, node, env: walk.row(walk.items(node, env)),
    exp.Extract: Walk._extract,
    exp.Trim: Walk._trim,
    exp.StrPosition: lambda walk, node, env: walk.scalar("strpos", [node.this, node.args["substr"]], env),
    exp.Substring: Walk._substring,
    exp.DPipe: lambda walk, node, env: walk.call(
        "concat", [walk.lower(node.this, env), walk.lower(node.expression, env)], env
    ),
    exp.AtTimeZone: Walk._at_time_zone,
    exp.CurrentDate: lambda walk, node, env: walk.call("current_date", [], env),
    exp.CurrentTimestamp: lambda walk, node, env: walk.call("current_timestamp", [], env),
    exp.Localtimestamp: lambda walk, node, env: walk.call("localtimestamp", [], env),
    exp.Anonymous: Walk._anonymous,
    exp.GroupConcat: lambda walk, node, env: walk.listagg(node, env),
    exp.Filter: lambda walk, node, env: walk.aggregate(node, env),
    exp.Window: lambda walk, node, env: walk.window(node, env),
}
"""How each kind of node is read."""
