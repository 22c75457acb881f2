"""Queries: WITH, set operations, SELECT with its clauses, FROM, windows."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar import expressions, grouping, relations, windows
from olo_jupyter.lakehouse.sql.grammar.cursor import Cursor
from olo_jupyter.lakehouse.sql.grammar.tokens import QUERY_WORDS

_SETS: dict[str, type[exp.SetOperation]] = {"UNION": exp.Union, "EXCEPT": exp.Except, "INTERSECT": exp.Intersect}


class Reader(Cursor):
    """Reads queries and expressions."""

    def expression(self) -> exp.Expr:
        return expressions.expression(self)

    def value(self) -> exp.Expr:
        """An expression without comparisons and logic."""
        return expressions.value(self)

    def query_ahead(self) -> bool:
        """Whether a query may come: parentheses, then one of its first words."""
        at = 0
        while self.ahead(at).text == "(" and self.ahead(at).kind == "sign":
            at += 1
        return self.ahead(at).kind == "word" and self.ahead(at).upper in QUERY_WORDS

    def subquery(self) -> exp.Subquery:
        """``(query)``."""
        start = self.at
        self.expect("(")
        query = self.query()
        self.expect(")")
        return self.put(exp.Subquery(this=query), start)

    def subquery_value(self) -> exp.Subquery:
        """``(query)`` in an expression: always an ``exp.Query``, which ``exp.Values`` isn't."""
        node = self.subquery()
        if isinstance(node.this, exp.Values):
            around = exp.Select(expressions=[exp.Star()], from_=exp.From(this=exp.Subquery(this=node.this)))
            around.meta.update(node.meta)
            node.set("this", around)
        return node

    def query(self) -> exp.Expr:
        """``[WITH …] query``."""
        if not self.sees("WITH"):
            return self.query_without_with()
        with_ = self._with()
        query = self.query_without_with()
        if isinstance(query, exp.Subquery):
            query = self._around(query)
        query.set("with_", with_)
        return query

    def _with(self) -> exp.With:
        start = self.at
        self.expect("WITH")
        if self.sees("FUNCTION"):
            raise self.refuse("WITH FUNCTION")
        recursive = self.take("RECURSIVE")
        return self.put(exp.With(expressions=self.listed(self._named_query), recursive=recursive), start)

    def _named_query(self) -> exp.CTE:
        start = self.at
        name = self.identifier()
        columns = self.identifiers() if self.sees("(") else None
        self.expect("AS")
        query = self.subquery().this
        alias = self.put(exp.TableAlias(this=name, columns=columns), start)
        return self.put(exp.CTE(this=query, alias=alias), start)

    def query_without_with(self) -> exp.Expr:
        """Set operations of SELECTs, then ORDER BY, OFFSET, LIMIT or FETCH FIRST, in this order."""
        query = self._union()
        order = self.order_by()
        offset = self._offset()
        limit = self._limit()
        if isinstance(query, exp.Subquery) and (order or offset or limit):
            query = self._around(query)
        for key, node in (("order", order), ("offset", offset), ("limit", limit)):
            if node is not None:
                query.set(key, node)
        return query

    def _around(self, query: exp.Subquery) -> exp.Select:
        """``SELECT * FROM (query)``, to which clauses can be added; a Subquery carries none of its own."""
        select = exp.Select(expressions=[exp.Star()], from_=exp.From(this=query))
        select.meta.update(query.meta)
        return select

    def _union(self) -> exp.Expr:
        start = self.at
        left = self._intersect()
        while self.sees_any("UNION", "EXCEPT"):
            left = self._set(left, self._intersect, start)
        return left

    def _intersect(self) -> exp.Expr:
        start = self.at
        left = self._query_primary()
        while self.sees("INTERSECT"):
            left = self._set(left, self._query_primary, start)
        return left

    def _set(self, left: exp.Expr, right: Callable[[], exp.Expr], start: int) -> exp.Expr:
        kind = _SETS[self.next().upper]
        every = self.take("ALL")
        if not every:
            self.take("DISTINCT")
        if self.sees("CORRESPONDING"):
            raise self.refuse("CORRESPONDING")
        return self.put(kind(this=left, expression=right(), distinct=not every), start)

    def _query_primary(self) -> exp.Expr:
        start = self.at
        if self.sees("SELECT"):
            return self.put(self._select(), start)
        if self.take("TABLE"):
            select = exp.Select(expressions=[self.put(exp.Star(), start)], from_=exp.From(this=self.table_name()))
            return self.put(select, start)
        if self.take("VALUES"):
            return self.put(exp.Values(expressions=self.listed(self._row)), start)
        if self.take("("):
            query = self.query_without_with()
            self.expect(")")
            return self.put(exp.Subquery(this=query), start)
        raise self.mismatch("'SELECT', 'VALUES', 'TABLE', '('")

    def _row(self) -> exp.Tuple:
        start = self.at
        item = self.expression()
        if isinstance(item, exp.Tuple):
            return item
        if isinstance(item, exp.Anonymous) and str(item.this).lower() == "row":
            row = self.put(exp.Tuple(expressions=item.expressions), start)
            row.meta["row"] = True
            return row
        return self.put(exp.Tuple(expressions=[item.this if isinstance(item, exp.Paren) else item]), start)

    def _select(self) -> exp.Select:
        self.expect("SELECT")
        distinct = self.take("DISTINCT")
        if not distinct:
            self.take("ALL")
        node = exp.Select(expressions=self.listed(self._item), distinct=exp.Distinct() if distinct else None)
        if self.take("FROM"):
            first, *more = relations.from_items(self)
            node.set("from_", exp.From(this=first))
            node.set("joins", [exp.Join(this=each, comma=True) for each in more])
        at = self.at
        if self.take("WHERE"):
            node.set("where", self.put(exp.Where(this=self.expression()), at))
        at = self.at
        if self.take("GROUP", "BY"):
            node.set("group", self.put(grouping.group(self), at))
        at = self.at
        if self.take("HAVING"):
            node.set("having", self.put(exp.Having(this=self.expression()), at))
        if self.sees("WINDOW") and self.ahead().kind in ("word", "quoted") and self.ahead(2).upper == "AS":
            self.next()
            node.set("windows", self.listed(lambda: windows.named(self)))
        return node

    def _item(self) -> exp.Expr:
        start = self.at
        if self.take("*"):
            return self.put(exp.Star(), start)
        node = self._all_of_relation() or self.expression()
        if self.sees(".") and self.ahead().text == "*":
            self.at += 2
            node = self.put(exp.Dot(this=node, expression=exp.Star()), start)
        starred = isinstance(node, exp.Dot | exp.Column) and node.find(exp.Star) is not None
        if starred and self.take("AS"):
            return self.put(exp.Aliases(this=node, expressions=self.identifiers()), start)
        if not starred and (self.take("AS") or self.alias_ahead()):
            return self.put(exp.Alias(this=node, alias=self.identifier()), start)
        return node

    def _all_of_relation(self) -> exp.Column | None:
        """``t.*`` and ``catalog.namespace.t.*``."""
        length = 0
        while self.ahead(length).kind in ("word", "quoted") and self.ahead(length + 1).text == ".":
            length += 2
        if not length or length > 6 or self.ahead(length).text != "*" or not self.sees_identifier():
            return None
        start = self.at
        parts = [self.identifier()]
        while self.take(".") and not self.sees("*"):
            parts.append(self.identifier())
        star = exp.Star()
        self.expect("*")
        names = dict(zip(("table", "db", "catalog"), reversed(parts), strict=False))
        return self.put(exp.Column(this=star, **names), start)

    def alias_ahead(self) -> bool:
        """Whether a bare name comes that can only be an alias, not the first word of a clause."""
        if not self.sees_identifier():
            return False
        following = self.ahead()
        match self.token.upper:
            case "LIMIT":
                return following.kind not in ("integer", "parameter") and following.upper not in ("ALL", "?")
            case "OFFSET":
                return following.kind not in ("integer", "parameter") and following.text != "?"
            case "FETCH":
                return following.upper not in ("FIRST", "NEXT")
            case "WINDOW":
                return self.ahead(2).upper != "AS"
            case "TABLESAMPLE" | "MATCH_RECOGNIZE":
                return following.text != "(" and following.upper not in ("BERNOULLI", "SYSTEM")
        return True

    # Order, limits, windows

    def order_by(self) -> exp.Order | None:
        start = self.at
        if not self.take("ORDER", "BY"):
            return None
        return self.put(exp.Order(expressions=self.sort_items()), start)

    def sort_items(self) -> list[exp.Ordered]:
        return self.listed(self._sort_item)

    def _sort_item(self) -> exp.Ordered:
        start = self.at
        item = self.expression()
        descending = self.take("DESC")
        if not descending:
            self.take("ASC")
        first = False
        if self.take("NULLS"):
            first = self.take("FIRST")
            if not first:
                self.expect("LAST")
        return self.put(exp.Ordered(this=item, desc=descending, nulls_first=first), start)

    def _offset(self) -> exp.Offset | None:
        start = self.at
        if not self.take("OFFSET"):
            return None
        node = self.put(exp.Offset(expression=self._count()), start)
        if not self.take("ROW"):
            self.take("ROWS")
        return node

    def _limit(self) -> exp.Expr | None:
        start = self.at
        if self.take("LIMIT"):
            if self.take("ALL"):
                return self.put(exp.Limit(expression=exp.Var(this="ALL")), start)
            return self.put(exp.Limit(expression=self._count()), start)
        if not self.sees("FETCH"):
            return None
        self.next()
        if not self.take("FIRST"):
            self.expect("NEXT")
        count = None if self.sees_any("ROW", "ROWS") else self._count()
        if not self.take("ROW"):
            self.expect("ROWS")
        ties = self.take("WITH", "TIES")
        if not ties:
            self.expect("ONLY")
        options = exp.LimitOptions(rows=True, with_ties=ties)
        return self.put(exp.Fetch(direction="FIRST", count=count, limit_options=options), start)

    def _count(self) -> exp.Expr:
        start = self.at
        if self.token.kind == "integer":
            return self.put(exp.Literal.number(self.next().text.replace("_", "")), start)
        if self.token.kind == "parameter":
            return self.put(exp.Placeholder(this=self.next().text[1:]), start)
        if self.take("?"):
            return self.put(exp.Placeholder(), start)
        raise self.mismatch("<integer>, '?'")
