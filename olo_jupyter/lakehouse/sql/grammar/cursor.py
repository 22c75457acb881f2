"""The reading position: look ahead, take, expect; nodes with their places."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeVar

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.grammar.tokens import RESERVED, Token, error, tokenize
from olo_jupyter.lakehouse.sql.lexer import Source

T = TypeVar("T")
N = TypeVar("N", bound=exp.Expr)
_CLAUSES = (
    "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "JOIN", "LEFT", "RIGHT", "INNER", "CROSS",
    "UNION", "BETWEEN", "VALUES", "WINDOW",
)  # fmt: skip


class Cursor:
    """Reads tokens from the left."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.at = 0
        self.lambdas: list[frozenset[str]] = []
        self._hopeless: dict[int, QueryError] = {}

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, count: int = 1) -> Token:
        """The token ``count`` places on; the end stays the end."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def sees(self, *words: str) -> bool:
        """Whether the next tokens are these words or signs."""
        if self.tokens[self.at].mark != words[0]:  # most questions end here, and there are thousands a statement
            return False
        tokens, last = self.tokens, len(self.tokens) - 1
        return all(tokens[min(at, last)].mark == word for at, word in enumerate(words, start=self.at))

    def sees_any(self, *words: str) -> bool:
        return any(self.sees(word) for word in words)

    def take(self, *words: str) -> bool:
        """Take these words or signs if they come next."""
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise self.mismatch(f"'{word}'")

    def mismatch(self, expecting: str = "") -> QueryError:
        """Trino's syntax error at the next token."""
        message = f"mismatched input '{self.token.text}'"
        if expecting:
            message += f". Expecting: {expecting}"
        hint = ""
        if self.token.kind == "word" and self.token.upper in RESERVED and "identifier" in expecting:
            word, name = self.token.upper, f'write "{self.token.text.lower()}" for a name.'
            comma = self.at > 0 and self.tokens[self.at - 1].text == ","
            hint = (
                f"Is the comma before {word} one too many? Else {name}"
                if comma
                else f"{word} is a reserved word: {name}"
            )
        elif meant := self._mistyped(expecting):
            hint = f"Did you mean {meant}?"
        return error(self.source, self.token.start, message, hint=hint)

    def _mistyped(self, expecting: str) -> str:
        """The word that this token may be meant for, or the one before it, which was taken for a name; else ''."""
        expected: list[str] = [word for word in re.findall(r"'([A-Z]+)'", expecting) if len(word) > 2]
        if "<query>" in expecting:
            expected += ["SELECT", "WITH", "VALUES"]
        before = self.tokens[self.at - 1] if self.at else self.token
        for token, words in ((self.token, expected), (self.token, _CLAUSES), (before, _CLAUSES)):
            if token.kind != "word" or token.upper in RESERVED or token.upper in words:
                continue
            if near := get_close_matches(token.upper, words, n=1, cutoff=0.75):
                return str(near[0])
        return ""

    def refuse(self, what: str, token: Token | None = None) -> Unsupported:
        """The refusal of a piece of Trino's grammar that this engine doesn't have."""
        line, column = self.source.place((token or self.token).start)
        message = f"The embedded engine doesn't have {what}."
        return Unsupported(message, hint="Run it with --engine trino.", line=line, column=column)

    def put(self, node: N, start: int) -> N:
        """``node`` with its place, which is that of the token at index ``start``."""
        offset = self.tokens[start].start
        node.meta["start"] = offset
        node.meta["place"] = self.source.place(offset)
        return node

    def listed(self, read: Callable[[], T]) -> list[T]:
        """One or more, with commas between."""
        items = [read()]
        while self.take(","):
            items.append(read())
        return items

    def either(self, first: Callable[[], T], second: Callable[[], T]) -> T:
        """``first()``, or ``second()`` from the same place where that isn't well formed; else the later error.

        A place where both failed fails at once the next time, so that nothing is read more than twice.
        """
        at = self.at
        if at in self._hopeless:
            raise self._hopeless[at]
        failures: list[tuple[int, QueryError]] = []
        for read in (first, second):
            try:
                return read()
            except QueryError as failure:
                if failure.code != "syntax-error":
                    raise
                failures.append((self.at, failure))
                self.at = at
        self._hopeless[at] = max(failures, key=lambda each: each[0])[1]
        raise self._hopeless[at]

    # Names

    def sees_identifier(self) -> bool:
        return self.token.kind == "quoted" or (self.token.kind == "word" and self.token.upper not in RESERVED)

    def identifier(self) -> exp.Identifier:
        if not self.sees_identifier():
            raise self.mismatch("<identifier>")
        at = self.at
        token = self.next()
        quoted = token.kind == "quoted"
        name = token.text[1:-1].replace('""', '"') if quoted else token.text
        return self.put(exp.Identifier(this=name, quoted=quoted), at)

    def identifiers(self) -> list[exp.Identifier]:
        """``(a, b)``."""
        self.expect("(")
        names = self.listed(self.identifier)
        self.expect(")")
        return names

    def qualified_name(self) -> list[exp.Identifier]:
        """``a.b.c``."""
        names = [self.identifier()]
        while self.take("."):
            names.append(self.identifier())
        return names

    def table_name(self) -> exp.Table:
        """``[catalog.][namespace.]table``.

        Raises:
            QueryError: syntax-error: more than three parts.
        """
        at = self.at
        names = self.qualified_name()
        if len(names) > 3:
            name = ".".join(part.name for part in names)
            raise error(self.source, self.tokens[at].start, f"Too many parts in table name: {name}")
        parts = dict(zip(("this", "db", "catalog"), reversed(names), strict=False))
        return self.put(exp.Table(**parts), at)

    def string(self) -> str:
        """A string literal's value."""
        token = self.token
        if token.kind == "string":
            self.next()
            return token.text[1:-1].replace("''", "'")
        if token.kind == "unicode":
            return self.unicode_string()
        raise self.mismatch("<string>")

    def unicode_string(self) -> str:
        token = self.next()
        escape = "\\"
        if self.take("UESCAPE"):
            escape = self.string()
            if len(escape) != 1 or escape in "+'\" 0123456789abcdefABCDEF":
                raise error(self.source, token.start, "Invalid Unicode escape character")
        body = token.text[3:-1].replace("''", "'")
        out, at = [], 0
        while at < len(body):
            if body[at] != escape:
                out.append(body[at])
                at += 1
            elif body[at + 1 : at + 2] == escape:
                out.append(escape)
                at += 2
            else:
                long = body[at + 1 : at + 2] == "+"
                digits = body[at + 2 : at + 8] if long else body[at + 1 : at + 5]
                if len(digits) != (6 if long else 4) or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
                    raise error(self.source, token.start, "Incomplete escape sequence in Unicode string literal")
                if not int(digits, 16) <= 0x10FFFF or 0xD800 <= int(digits, 16) <= 0xDFFF:
                    raise error(self.source, token.start, f"Invalid escaped character: {digits}")
                out.append(chr(int(digits, 16)))
                at += 8 if long else 5
        return "".join(out)
