"""A code cell taken apart: Python, SQL, magics and shell lines, each in its place; IPython is understood, not stripped.

A line magic or shell line inside Python stands in the tree as a call ``__olo_magic__(n)``, where ``n`` is its position
in ``Parsed.magics``: line numbers stay as the analyst sees them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Literal

from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.line_magics import (
    ASSIGNED,
    HELP,
    PLACEHOLDER,
    TIMEIT_OPTIONS,
    Magic,
    is_special,
    line_magic,
    logical_starts,
    statements_of,
    timed_code,
)
from olo_converters.magic_facts import meaning_of
from olo_converters.magic_line import PromoteLine, SqlLine, parse_promote_line, parse_sql_line
from olo_converters.notebook import Cell
from olo_converters.options import PromoteOptions, parse_options

_SQL_LANGUAGES = ("sql", "trinosql", "sparksql")


@dataclass(frozen=True)
class SqlCell:
    """A cell whose body is SQL: ``%%olo sql``, another front end's ``%%sql``, or a cell of an SQL language (native)."""

    text: str
    line: SqlLine
    at: int
    flavour: Literal["olo", "other", "native"]


@dataclass(frozen=True)
class Promotion:
    """A ``%olo promote`` in the notebook."""

    line: PromoteLine
    options: PromoteOptions
    at: int


@dataclass(frozen=True)
class Parsed:
    """A cell taken apart.

    Args:
        body: Python statements, with placeholders for magics.
        text: The Python text that ``body`` was parsed from (same lines as the cell).
        magics: What the placeholders stand for.
        findings: What can't be understood; a cell with a syntax error has no body.
    """

    cell: Cell
    body: tuple[ast.stmt, ...] = ()
    text: str = ""
    magics: tuple[Magic, ...] = ()
    sql: SqlCell | None = None
    promotions: tuple[Promotion, ...] = ()
    cell_magic: Magic | None = None
    findings: tuple[Finding, ...] = ()
    is_broken: bool = False


def parse_cell(cell: Cell) -> Parsed:
    """Take a code cell apart; runs nothing."""
    if cell.language in _SQL_LANGUAGES and not cell.source.lstrip().startswith("%"):
        return Parsed(cell, sql=SqlCell(cell.source, SqlLine(result=cell.name), 1, "native"))
    first, _, body = cell.source.lstrip("\n").partition("\n")
    skipped = len(cell.source) - len(cell.source.lstrip("\n"))
    if first.lstrip().startswith("%%"):
        return _cell_magic(cell, first.strip(), body, skipped + 1)
    if cell.language not in ("python", "ipython", "python3"):
        problem = finding(
            "other-language",
            f"the cell is written in {cell.language}",
            cell=cell.id,
            line=1,
            hint="Rewrite it in Python or SQL.",
        )
        return Parsed(cell, findings=(problem,), is_broken=True)
    return _python(cell, cell.source)


def _cell_magic(cell: Cell, first: str, body: str, at: int) -> Parsed:
    name, _, rest = first[2:].strip().partition(" ")
    blank = "\n" * at
    try:
        if name == "olo":
            return _olo_cell(cell, rest.strip(), body, at)
        if name in ("sql", "sparksql", "bigquery", "trino"):
            result = re.match(r"(?:.*\s)?([A-Za-z_]\w*)\s*<<", rest)
            line = SqlLine(result=result.group(1) if result else "")
            inline = rest[result.end() :] if result else ("" if body.strip() else rest)
            return Parsed(cell, sql=SqlCell(f"{inline}\n{body}" if inline.strip() else body, line, at + 1, "other"))
    except ConvertError as error:
        place = at + (error.line or 0)
        problem = finding("magic-line", error.message, cell=cell.id, line=place, hint=error.hint)
        return Parsed(cell, findings=(problem,), is_broken=True)
    meaning = meaning_of("cell", name)
    magic = Magic(name, rest, meaning, at)
    if meaning == "python":
        parsed = _python(cell, blank + body)
        bound = ""
        if name == "capture":
            bound = next((word for word in rest.split() if word.isidentifier()), "")
        return Parsed(
            cell,
            parsed.body,
            parsed.text,
            parsed.magics,
            None,
            parsed.promotions,
            Magic(name, rest, meaning, at, result=bound),
            parsed.findings,
            parsed.is_broken,
        )
    if name == "timeit":
        magic = replace(magic, timed=timed_code(f"{TIMEIT_OPTIONS.sub('', rest)}\n{body}"))
    return Parsed(cell, cell_magic=magic)


def _olo_cell(cell: Cell, rest: str, body: str, at: int) -> Parsed:
    command, _, line = rest.partition(" ")
    if command == "sql":
        return Parsed(cell, sql=SqlCell(body, parse_sql_line(line), at + 1, "olo"))
    if command == "promote":
        promotion = Promotion(parse_promote_line(line), parse_options(body), at)
        return Parsed(cell, promotions=(promotion,))
    raise ConvertError(f"There is no cell magic %%olo {command}.", hint="Cell magics are %%olo sql and %%olo promote.")


def _python(cell: Cell, source: str) -> Parsed:
    text, magics, promotions, problems = _without_magics(cell, source)
    try:
        body = statements_of(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else 1
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        problems.append(
            finding(
                "syntax-error",
                f"the cell is no valid Python: {message}",
                cell=cell.id,
                line=line,
                hint="Correct it or delete the cell.",
            )
        )
        return Parsed(
            cell,
            text=text,
            magics=tuple(magics),
            promotions=tuple(promotions),
            findings=tuple(problems),
            is_broken=True,
        )
    except (RecursionError, MemoryError):
        problems.append(
            finding(
                "too-deep",
                "the cell's expressions are nested too deep to be read",
                cell=cell.id,
                line=1,
                hint="Split them.",
            )
        )
        return Parsed(cell, text=text, findings=tuple(problems), is_broken=True)
    if cell.name and body and isinstance(body[-1], ast.Expr):
        text, body = _named(text, body, cell.name)
    return Parsed(cell, tuple(body), text, tuple(magics), None, tuple(promotions), None, tuple(problems))


def _named(text: str, body: list[ast.stmt], name: str) -> tuple[str, list[ast.stmt]]:
    """The last expression bound to the cell's name, by which other cells use its value."""
    last = body[-1]
    lines = text.split("\n")
    lines[last.lineno - 1] = (
        f"{lines[last.lineno - 1][: last.col_offset]}{name} = {lines[last.lineno - 1][last.col_offset :]}"
    )
    made = "\n".join(lines)
    try:
        return made, statements_of(made)
    except SyntaxError:
        return text, body


def _without_magics(cell: Cell, source: str) -> tuple[str, list[Magic], list[Promotion], list[Finding]]:
    magics: list[Magic] = []
    promotions: list[Promotion] = []
    problems: list[Finding] = []
    lines = source.split("\n")
    out: list[str] = []
    starts = logical_starts(source)
    number = 0
    while number < len(lines):
        line = lines[number]
        at = number + 1
        number += 1
        if at not in starts or not is_special(line):
            out.append(line)
            continue
        extra = 0
        while line.endswith("\\") and number < len(lines):
            line = line[:-1] + " " + lines[number].strip()
            number += 1
            extra += 1
        indent = line[: len(line) - len(line.lstrip())]
        assigned = ASSIGNED.fullmatch(line)
        if HELP.fullmatch(line):
            out.append(f"{indent}pass")
        elif assigned and not line.lstrip().startswith(("%", "!")):
            magic = line_magic(assigned.group(3) + assigned.group(4), at, is_used=True)
            magics.append(magic)
            out.append(f"{indent}{assigned.group(2)} = {PLACEHOLDER}({len(magics) - 1})")
        else:
            stripped = line.strip()
            if re.match(r"%olo\s+promote\b", stripped):
                try:
                    promotion = parse_promote_line(re.sub(r"^%olo\s+promote\s*", "", stripped))
                    promotions.append(Promotion(promotion, PromoteOptions(), at))
                except ConvertError as error:
                    problems.append(finding("magic-line", error.message, cell=cell.id, line=at, hint=error.hint))
                out.append(f"{indent}pass")
            else:
                magic = line_magic(stripped, at)
                if magic.meaning == "python":
                    out.append(indent + re.sub(r"^(-\S+\s+(\d+\s+)?)*", "", magic.line))
                else:
                    magics.append(magic)
                    target = f"{magic.result} = " if magic.result else ""
                    out.append(f"{indent}{target}{PLACEHOLDER}({len(magics) - 1})")
        out.extend([""] * extra)
    return "\n".join(out), magics, promotions, problems
