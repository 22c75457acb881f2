"""Line magics and shell lines of IPython inside Python: how they are found, what they mean, what stands for them."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from olo_converters.magic_facts import Meaning, meaning_of, shown_by_shell

PLACEHOLDER = "__olo_magic__"
ASSIGNED = re.compile(r"(\s*)([A-Za-z_][\w.,\s\[\]'\"]*?)\s*=\s*([%!])(.*)", re.DOTALL)
HELP = re.compile(r"\s*\?{1,2}\s*[\w.*%]+\s*|\s*%{0,2}[\w.*]+(\[[^\]]*\])?\s*\?{1,2}\s*")
TIMEIT_OPTIONS = re.compile(r"^(\s*-(?:[nr]\s*\d+|[otcqp]\d*)(?=\s|$))+")
_QUERY = re.compile(
    r"(?i)(--\S+\s+\S+\s+)*((select|with|create|insert|drop|delete|update|merge|from|alter|truncate|copy|call|use|show"
    r"|describe|explain|attach|values)\b(?!\S*://)|\()"
)


@dataclass(frozen=True)
class Magic:
    """A line magic or a shell line.

    Args:
        sql: An inline ``%sql`` query; ``result`` is the variable that it binds.
        timed: What ``%timeit`` runs, nobody knows how often.
    """

    name: str
    line: str
    meaning: Meaning
    at: int
    sql: str = ""
    result: str = ""
    timed: tuple[ast.stmt, ...] = ()

    @property
    def is_connection(self) -> bool:
        """Whether it sets up what ``%sql`` talks to."""
        if self.name in ("load_ext", "reload_ext", "config"):
            return "sql" in self.line.lower()
        return self.name in ("sql", "sparksql") and not self.sql and not self.line.startswith("--help")


def as_typed(text: str, magics: Sequence[Magic]) -> str:
    """Python with the magics as the analyst typed them in place of what stands for them.

    Example:
        >>> as_typed("rows = __olo_magic__(0)", [Magic("sql", "select 1", "display", 1)])
        'rows = %sql select 1'
    """

    def typed(match: re.Match[str]) -> str:
        magic = magics[int(match.group(2))]
        line = f"!{magic.line}" if magic.name == "!" else f"%{magic.name} {magic.line}".rstrip()
        return line if magic.result else f"{match.group(1) or ''}{line}"

    return re.sub(rf"(\w+ = )?{PLACEHOLDER}\((\d+)\)", typed, text)


def magic_of(node: ast.expr, magics: Sequence[Magic]) -> Magic | None:
    """The magic that an expression stands for; None for any other expression."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != PLACEHOLDER:
        return None
    number = node.args[0]
    return magics[number.value] if isinstance(number, ast.Constant) and isinstance(number.value, int) else None


def is_query_text(text: str) -> bool:
    """Whether text begins as SQL does.

    Example:
        >>> is_query_text("select 1"), is_query_text("a > 5")
        (True, False)
    """
    return _QUERY.match(text.strip()) is not None


def statements_of(text: str) -> list[ast.stmt]:
    """Python's statements in a text, as a cell may have them.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It isn't Python, or too deep.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            tree = compile(text, "<cell>", "exec", flags, dont_inherit=True)
        except IndentationError:
            # IPython takes a cell that is indented as a whole
            tree = compile(textwrap.dedent(text), "<cell>", "exec", flags, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree.body


def timed_code(text: str) -> tuple[ast.stmt, ...]:
    """What ``%timeit`` runs; nothing where it is no Python."""
    try:
        return tuple(statements_of(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def is_special(line: str) -> bool:
    """Whether a line isn't Python: a magic, a command, a request for help."""
    stripped = line.lstrip()
    if stripped.startswith(("%", "!", "?")):
        return True
    if stripped.rstrip().endswith("?"):
        return bool(HELP.fullmatch(line))
    return bool(ASSIGNED.fullmatch(line))


def line_magic(text: str, at: int, *, is_used: bool = False) -> Magic:
    """The magic or command of a line; ``is_used``: its value is bound to a name."""
    if text.startswith("!"):
        command = text.lstrip("!").strip()
        is_install = re.match(r"(sudo\s+)?(\S*python\S*\s+-m\s+)?(pip3?|conda|mamba|uv)\s", command)
        only_shows = (
            not is_used and command.split(" ")[0] in shown_by_shell() and not re.search(r"[>;&`]|\$\(|\btee\b", command)
        )
        return Magic("!", command, "install" if is_install else "display" if only_shows else "shell", at)
    name, _, rest = text.lstrip("%").partition(" ")
    rest = rest.strip()
    if name == "olo":
        return Magic(name, rest, "setup" if rest.split(" ")[0] in ("as-of", "engine", "save") else "display", at)
    if name in ("sql", "sparksql"):
        match = re.match(r"([A-Za-z_]\w*)\s*<<\s*(.*)", rest, re.DOTALL)
        if match:
            return Magic(name, rest, "display", at, sql=match.group(2), result=match.group(1))
        is_query = _QUERY.match(rest)
        return Magic(name, rest, "display" if is_query else "setup", at, sql=rest if is_query else "")
    timed = timed_code(TIMEIT_OPTIONS.sub("", rest)) if name == "timeit" else ()
    return Magic(name, rest, meaning_of("line", name), at, timed=timed)


def logical_starts(source: str) -> frozenset[int]:
    """1-based numbers of lines on which a logical line begins: not in strings or brackets, not after a backslash.

    Example:
        >>> sorted(logical_starts("a = [\\n%1\\n]\\n%time b"))
        [1, 4]
    """
    starts: set[int] = set()
    depth = 0
    quote = ""
    continued = False
    for number, line in enumerate(source.split("\n"), start=1):
        if not quote and depth == 0 and not continued:
            starts.add(number)
            if line.lstrip().startswith(("%", "!", "?")):
                continued = line.endswith("\\")
                continue
        continued = False
        position = 0
        while position < len(line):
            char = line[position]
            if quote:
                if char == "\\":
                    position += 2
                    continue
                if line.startswith(quote, position):
                    position += len(quote)
                    quote = ""
                    continue
            elif char == "#":
                break
            elif char in "\"'":
                quote = char * 3 if line.startswith(char * 3, position) else char
                position += len(quote)
                continue
            elif char in "([{":
                depth += 1
            elif char in ")]}":
                depth = max(0, depth - 1)
            elif char == "\\" and position == len(line) - 1:
                continued = True
            position += 1
        if len(quote) == 1:
            quote = "" if not line.endswith("\\") else quote
    return frozenset(starts)
