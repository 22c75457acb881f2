"""``%olo COMMAND …``: the subcommands by name."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any

from olo_converters.errors import ConvertError
from olo_jupyter.errors import OloError
from olo_magics.failure import cell_error
from olo_magics.kernel import Command, Kernel

COMMANDS = {
    "sql": "olo_magics.sql:run_sql",
    "tables": "olo_magics.browse:tables",
    "describe": "olo_magics.browse:describe",
    "snapshots": "olo_magics.browse:snapshots",
    "refs": "olo_magics.browse:refs",
    "diff": "olo_magics.diff:diff",
    "tag": "olo_magics.browse:tag",
    "chart": "olo_magics.chart:chart",
    "export": "olo_magics.export:export",
    "history": "olo_magics.history:history",
    "save": "olo_magics.history:save",
    "queries": "olo_magics.history:queries",
    "doctor": "olo_magics.follow:doctor",
    "as-of": "olo_magics.as_of:as_of",
    "engine": "olo_magics.engine:engine",
    "promote": "olo_magics.promote:promote",
    "jobs": "olo_magics.follow:jobs",
    "runs": "olo_magics.follow:runs",
    "status": "olo_magics.follow:status",
    "help": "olo_magics.commands:show_help",
}

_WITH_BODY = frozenset({"sql", "promote", "diff"})


def run_command(kernel: Kernel, line: str, cell: str | None) -> Any:
    """Run one ``%olo`` or ``%%olo`` line.

    Raises:
        CellError: Anything that the user can mend, shown without a traceback.
    """
    name, rest = [*line.split(maxsplit=1), "", ""][:2]
    try:
        if cell and cell.strip() and name in COMMANDS and name not in _WITH_BODY:
            raise OloError(
                f"%%olo {name} takes no body.", code="magic-line", hint=f"Write %olo {name} in a line of its own."
            )
        return _command(name)(kernel, rest.strip(), cell)
    except (OloError, ConvertError) as error:
        raise cell_error(error, cell or "") from None


def _command(name: str) -> Command:
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        known = ", ".join(sorted(COMMANDS))
        message = f"There is no command %olo {name}." if name else "Name a command after %olo."
        hint = f"Did you mean %olo {near[0]}?" if near else f"Commands: {known}."
        raise OloError(message, code="unknown-command", hint=hint)
    module, _, function = COMMANDS[name].partition(":")
    command: Command = getattr(import_module(module), function)
    return command


def show_help(kernel: Kernel, line: str, cell: str | None) -> None:
    """``%olo help [COMMAND]``: all commands, or one command's own text."""
    print(command_help(line) if line else kernel.shell.find_line_magic("olo").__doc__)


def command_help(name: str) -> str:
    """One command's own text.

    Raises:
        OloError: There is no such command.
    """
    import inspect

    return inspect.getdoc(_command(name)) or ""
