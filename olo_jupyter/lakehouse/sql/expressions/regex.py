"""Regular expressions that mean the same to Trino (Joni) and DuckDB (RE2); what goes beyond that is refused.

Kept are literals, classes, groups (named ones too), alternatives, quantifiers (lazy ones too), anchors, the flags i, s
and m at the start. ``\\d``, ``\\w``, ``\\s`` are ASCII to both (all code points were asked). ``\\b`` and the folding of
cases know Unicode in Joni: text with letters that could make a difference is refused while it runs. ``\\p{L}`` and its
kin are those of Joni's own, older Unicode. Joni's ``$`` also stands before a last line end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from olo_jupyter.lakehouse.sql.expressions import joni
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported

_PUNCTUATION = frozenset(r"""\.+*?()[]{}|^$/-"'#&%,;:=<>!@~_ """)
_CONTROLS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f"}
_MOST = 100


@dataclass
class Group:
    """A capturing group: whether a match may go without it, and whether it may be empty."""

    absent: bool = False
    empty: bool = False


@dataclass
class Regex:
    """A pattern in RE2's syntax, and what its user must know.

    Args:
        text: The pattern.
        groups: Its capturing groups, the first at 0.
        empty: Whether it matches the empty text somewhere.
        words: Whether it means the same only on text without word characters beyond ASCII.
        folds: Whether it means the same only on text without characters whose case is folded in a way of its own.
        names: Names of groups, and their numbers.
        line_end: Whether ``$`` occurs in it.
    """

    text: str = ""
    groups: list[Group] = field(default_factory=list)
    empty: bool = False
    words: bool = False
    folds: bool = False
    names: dict[str, int] = field(default_factory=dict)
    line_end: bool = False


def read(pattern: str) -> Regex:
    """``pattern`` of Trino in RE2's syntax.

    Raises:
        Unsupported: It isn't in the common part of both.

    Example:
        >>> read(r"(\\d+)-x?").text
        '(?:([0-9]+)-x?)'
    """
    return _Reader(pattern).whole()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern, self.at, self.depth, self.found = pattern, 0, 0, Regex()

    def whole(self) -> Regex:
        flags = re.match(r"(\(\?[ims]+\))?", self.pattern)
        assert flags is not None
        self.flags = frozenset(flags[0]) & frozenset("ims")
        self.at = flags.end()
        self.found.folds = "i" in self.flags
        self.found.line_end = "m" in self.flags
        text, empty = self.alternatives()
        if self.at < len(self.pattern):
            raise self.refusal()
        kept = "".join(sorted(self.flags - {"s"}))
        self.found.text, self.found.empty = f"{f'(?{kept})' if kept else ''}(?:{text})", empty
        return self.found

    def refusal(self) -> Exception:
        return unsupported(f"regular expression {self.pattern!r}: {self.pattern[self.at :]!r} is beyond what is proved")

    def peek(self, count: int = 1) -> str:
        return self.pattern[self.at : self.at + count]

    def alternatives(self) -> tuple[str, bool]:
        """Text of ``a|b|c``, and whether it matches the empty text."""
        start = len(self.found.groups)
        branches = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        if len(branches) > 1:
            for group in self.found.groups[start:]:
                group.absent = True
        return "|".join(text for text, _ in branches), any(empty for _, empty in branches)

    def sequence(self) -> tuple[str, bool]:
        texts, empty = "", True
        while self.peek() not in ("", "|", ")"):
            text, may_be_empty = self.repeated()
            texts += text
            empty = empty and may_be_empty
        return texts, empty

    def repeated(self) -> tuple[str, bool]:
        start = len(self.found.groups)
        anchor = self.peek() in "^$" or self.peek(2) in (r"\b", r"\B", r"\A", r"\z")
        text, empty = self.atom()
        quantifier, least = self.quantifier()
        if not quantifier:
            return text, empty
        if empty or anchor:
            raise self.refusal()  # engines differ in how often they go round where nothing is taken
        if len(self.found.groups) > start and quantifier not in ("?", "??"):
            raise self.refusal()  # nor do they agree on what a group holds that goes round
        for group in self.found.groups[start:]:
            group.absent = group.absent or least == 0
        return text + quantifier, least == 0

    def quantifier(self) -> tuple[str, int]:
        sign = self.peek()
        if sign in ("*", "+", "?") and sign:
            self.at += 1
            text, least = sign, int(sign == "+")
        elif sign == "{" and not self.literal_brace():
            close = self.pattern.find("}", self.at)
            low, comma, high = self.pattern[self.at + 1 : close].partition(",")
            if close < 0 or not low.isdigit() or (high and not high.isdigit()) or int(high or low) > _MOST:
                raise self.refusal()
            if high and int(high) < int(low):
                raise self.refusal()
            self.at = close + 1
            text, least = f"{{{low}{comma}{high}}}", int(low)
            if not comma and self.peek() in ("?", "+", "*", "{"):
                raise self.refusal()
        else:
            return "", 0
        if self.peek() == "?":
            self.at += 1
            text += "?"
        elif self.peek() == "+" and self.depth == 0 and self.pattern[self.at + 1 : self.at + 2] in ("", "|"):
            self.at += 1  # nothing follows that would want something back
        if self.peek() in ("+", "*", "?", "{") and self.peek():
            raise self.refusal()
        return text, least

    def literal_brace(self) -> bool:
        """Whether ``{,2}`` comes next, which is itself and no quantifier."""
        return re.match(r"\{,\d+\}", self.pattern[self.at :]) is not None

    def atom(self) -> tuple[str, bool]:
        sign = self.peek()
        if sign == "(":
            return self.group()
        if sign == "[":
            return self.character_class(), False
        if sign == "\\":
            return self.escape()
        if sign == "{" and self.literal_brace():
            self.at += 1
            end = self.pattern.index("}", self.at)
            text, self.at = self.pattern[self.at : end], end + 1
            return f"(?:\\{{{text}\\}})", False
        if sign in ("*", "+", "?", "{", "}", "]"):
            raise self.refusal()
        self.at += 1
        if sign == "$":
            self.found.line_end = True
            return "$", True
        if sign == "^":
            return "^", True
        if sign == ".":
            return ("(?s:.)" if "s" in self.flags else r"[^\n]"), False
        self.folded(sign)
        if sign.isspace() and sign != " ":
            return f"\\x{{{ord(sign):x}}}", False
        return sign, False

    def group(self) -> tuple[str, bool]:
        named = re.compile(r"\(\?<([A-Za-z]\w*)>").match(self.pattern, self.at)
        if self.peek(3) == "(?:":
            self.at += 3
            open_, group = "(?:", None
        elif named is not None and named[1] not in self.found.names:
            self.at = named.end()
            open_, group = "(", Group()
            self.found.groups.append(group)
            self.found.names[named[1]] = len(self.found.groups)
        elif self.peek(2) == "(?":
            raise self.refusal()
        else:
            self.at += 1
            open_, group = "(", Group()
            self.found.groups.append(group)
        self.depth += 1
        text, empty = self.alternatives()
        self.depth -= 1
        if self.peek() != ")":
            raise self.refusal()
        self.at += 1
        if group is not None:
            group.empty = empty
        return f"{open_}{text})", empty

    def escape(self) -> tuple[str, bool]:
        sign = self.pattern[self.at + 1 : self.at + 2]
        self.at += 2
        if sign in ("b", "B"):
            self.found.words = True
            return f"\\{sign}", True
        if sign in ("A", "z"):
            return f"\\{sign}", True
        if sign in _CLASSES:
            return f"[{_CLASSES[sign]}]", False
        if sign in _NEGATED:
            return f"[^{_CLASSES[_NEGATED[sign]]}]", False
        if sign in ("p", "P"):
            return f"[{'^' if sign == 'P' else ''}{self.property()}]", False
        return self.escaped(sign), False

    def property(self) -> str:
        """The characters of ``{L}``, the name behind ``\\p``."""
        name = re.compile(r"\{(\w+)\}").match(self.pattern, self.at)
        if name is None or name[1] not in joni.properties() or name[1] == "word" or "i" in self.flags:
            self.at -= 2
            raise self.refusal()
        self.at = name.end()
        return joni.properties()[name[1]]

    def folded(self, sign: str) -> None:
        """Refuses a letter whose cases the engines may fold differently."""
        if "i" in self.flags and not sign.isascii() and sign.isalpha() and not re.fullmatch(joni.FOLDED, sign):
            self.at -= 1
            raise self.refusal()

    def escaped(self, sign: str) -> str:
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign and sign in _PUNCTUATION:
            return f"\\x{ord(sign):02x}"
        self.at -= 2
        raise self.refusal()

    def character_class(self) -> str:
        self.at += 1
        text = "["
        if self.peek() == "^":
            self.at += 1
            text += "^"
        first, last = True, ""
        while self.peek() != "]" or first:
            sign = self.peek()
            if sign in ("", "[", "]") or self.peek(2) in ("&&", "--", "~~", "||"):
                raise self.refusal()
            if sign == "-" and not first and self.pattern[self.at + 1 : self.at + 2] != "]":
                last = self.range(last)
                text += f"-{_class_literal(last)}"
                last = ""
            else:
                member, last = self.member()
                text += member
            first = False
        self.at += 1
        return f"{text}]"

    def range(self, low: str) -> str:
        """The upper end of ``low-``."""
        self.at += 1
        _, high = self.member()
        if not low or not high or low > high:
            raise self.refusal()
        if not high.isascii():
            for code in range(max(ord(low), 128), min(ord(high), 0x600) + 1):
                self.folded(chr(code))
            if "i" in self.flags and ord(high) >= 0x600:
                raise self.refusal()
        return high

    def member(self) -> tuple[str, str]:
        """One member of a class: its text, and the character it is ('' for several)."""
        sign = self.peek()
        if sign == "[":
            raise self.refusal()
        self.at += 1
        if sign != "\\":
            self.folded(sign)
            return _class_literal(sign), sign
        sign = self.peek()
        self.at += 1
        if sign in _CLASSES:
            return _CLASSES[sign], ""
        if sign == "p":
            return self.property(), ""
        if sign in _CONTROLS:
            character = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}[sign]
            return _class_literal(character), character
        if sign and sign in _PUNCTUATION:
            return _class_literal(sign), sign
        self.at -= 2
        raise self.refusal()


_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\x0b\f\r "}
_NEGATED = {"D": "d", "W": "w", "S": "s"}


def _class_literal(sign: str) -> str:
    return sign if sign.isalnum() else f"\\x{{{ord(sign):x}}}"
