"""Completion in the kernel: SQL below ``%%olo sql``, and the lines of all commands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.completion import Completions, Suggestion, complete
from olo_jupyter.lakehouse.engines.registry import ENGINES
from olo_magics.commands import COMMANDS
from olo_magics.known_names import KnownNames

if TYPE_CHECKING:
    from olo_magics.kernel import Kernel

_MAGIC = re.compile(r"(%%?)olo\b[ \t]*")
OPTIONS: dict[str, tuple[str, ...]] = {
    "sql": (
        "--engine",
        "--as-of",
        "--snapshot",
        "--ref",
        "--limit",
        "--max-scan",
        "--dialect",
        "--dry-run",
        "--explain",
    ),
    "diff": ("--key", "--limit", "--full", "--engine"),
    "tag": ("--snapshot", "--as-of", "--replace", "--drop"),
    "chart": ("--x", "--y", "--color", "--agg", "--bins"),
    "export": ("--overwrite",),
    "history": ("--state", "--limit", "--id"),
    "save": ("--from", "--description", "--no-values", "--replace"),
    "queries": ("--run", "--param"),
    "as-of": ("--clear",),
    "promote": ("--from", "--plan", "--open-pr", "--no-verify", "--json"),
    "status": ("--offline",),
}
"""The options of each command."""
_ON_TABLES = frozenset({"describe", "snapshots", "refs", "diff", "tag"})
_ON_RESULTS = frozenset({"chart", "export"})


def completions(kernel: Kernel, text: str, cursor: int) -> Completions | None:
    """What may stand at ``cursor`` of a cell; None where the cell, or the line, is none of ours.

    Args:
        text: The whole cell.
        cursor: Offset in it.
    """
    names = kernel.known_names
    names.begin()
    first = text.lstrip().partition("\n")[0]
    lead = len(text) - len(text.lstrip())
    match = _MAGIC.match(first)
    if match is not None and match.group(1) == "%%" and cursor > lead + len(first):
        command = first[match.end() :].split(maxsplit=1)[:1]
        if command not in (["sql"], ["diff"]):
            return None
        start = lead + len(first) + 1
        return complete(text[start:], cursor - start, names)
    begin = text.rfind("\n", 0, cursor) + 1
    line = text[begin:cursor].lstrip()
    match = _MAGIC.match(line)
    if match is None or (match.end() == len(line) and not line.endswith((" ", "\t"))):
        return None
    return _line(kernel, names, line[match.end() :])


def _line(kernel: Kernel, names: KnownNames, rest: str) -> Completions:
    words = re.split(r"\s+", rest)
    typed, given = words[-1], words[:-1]
    if not given:
        return _chosen(typed, COMMANDS, "command")
    command = given[0]
    if command == "help":
        return _chosen(typed, COMMANDS, "command")
    if typed.startswith("-"):
        left = [option for option in OPTIONS.get(command, ()) if option not in given]
        return _chosen(typed, left, "option")
    if given[-1] == "--engine" or (command == "engine" and len(given) == 1):
        return _chosen(typed, ENGINES, "engine")
    if given[-1] == "--run" and command == "queries":
        from olo_jupyter.project.queries import saved_queries

        return _chosen(typed, [query.name for query in saved_queries(names.session.settings)[0]], "query")
    if command in _ON_RESULTS or given[-1] == "--from":
        return _of_result(names, given, typed)
    if command in _ON_TABLES or command == "tables":
        return _of_table(names, command, given, typed)
    return Completions(0, ())


def _chosen(typed: str, words: Iterable[str], kind: str) -> Completions:
    return Completions(len(typed), tuple(Suggestion(word, kind) for word in words if word.startswith(typed)))


def _of_result(names: KnownNames, given: list[str], typed: str) -> Completions:
    results = names.results()
    if given[-1] in ("--x", "--y", "--color") and given[1] in results:
        columns = [Suggestion(name, f"column {type_}") for name, type_ in results[given[1]] if name.startswith(typed)]
        return Completions(len(typed), tuple(columns))
    if given[-1] == "--agg":
        from olo_jupyter.lakehouse.charts import AGGREGATES

        return _chosen(typed, AGGREGATES, "aggregate")
    if given[0] == "chart" and len(given) == 2:
        from olo_jupyter.lakehouse.charts import KINDS

        return _chosen(typed, KINDS, "kind")
    return _chosen(typed, results, "result") if len(given) == 1 or given[-1] == "--from" else Completions(0, ())


def _of_table(names: KnownNames, command: str, given: list[str], typed: str) -> Completions:
    words = [word for word in given[1:] if not word.startswith("-")]
    if not words:
        before = "FROM " + typed
        return complete(before, len(before), names)
    table = names.session.name(words[0])
    if given[-1] == "--key":
        columns = [Suggestion(name, f"column {kind}") for name, kind in names.columns(table) if name.startswith(typed)]
        return Completions(len(typed), tuple(columns))
    if command == "diff" or given[-1] == "--snapshot":
        pins = [Suggestion(pin.strip("'"), what) for pin, what in names.pins(table)]
        pins += [Suggestion(word, "time") for word in ("now", "today", "yesterday")]
        return Completions(len(typed), tuple(pin for pin in pins if pin.text.startswith(typed)))
    return Completions(0, ())


def matched(found: Completions, text: str, cursor: int) -> dict[str, Any]:
    """Completions as IPython's matchers give them."""
    from IPython.core.completer import SimpleCompletion

    return {
        "completions": [SimpleCompletion(text=each.text, type=each.kind) for each in found.suggestions],
        "matched_fragment": text[cursor - found.replaced : cursor],
        "suppress": True,
        "ordered": True,
    }
