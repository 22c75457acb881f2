"""The reference pages that are made from the code: commands, configuration, findings, events, routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import resources
from itertools import cycle
from pathlib import Path
from typing import Any

import typer
import yaml
from typer._click import Context

from olo_converters.findings import catalogue
from olo_jobs.reference import schema_tables
from olo_jupyter.cli.app import app
from olo_jupyter.config import Settings

FOLDER = "reference/generated"


def write_pages(docs: Path) -> None:
    """Write every page below ``docs``/reference/generated; a page that hasn't changed is left as it is."""
    folder = docs / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        page, text = folder / f"{name}.md", make()
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def commands() -> str:
    """Every ``olo`` command with its arguments and options, as ``--help`` tells them."""
    return "\n".join(["# The olo command", "", _COMMANDS_HEAD, *(_command(*one) for one in all_commands())])


def all_commands() -> Iterator[tuple[str, Any]]:
    """Each command that does something: its full name (``olo catalog export``) and itself, sorted."""

    def walk(prefix: str, command: Any) -> Iterator[tuple[str, Any]]:
        children = getattr(command, "commands", {})
        if not children:
            yield prefix, command
        for name in sorted(children):
            yield from walk(f"{prefix} {name}", children[name])

    yield from walk("olo", typer.main.get_command(app))


def configuration() -> str:
    """Every key of olo.yml, from its model."""
    schema = Settings.model_json_schema()
    # The project's folder is where olo.yml stands: nobody writes it there.
    schema["properties"].pop("root")
    schema["required"] = []
    schema["description"] = "The keys at the top of the file; none is required."
    return "# Keys of olo.yml\n\nMade from the code. [What the file is for](../configuration.md).\n\n## Keys\n\n" + (
        schema_tables([("olo.yml", schema)])
    )


def findings() -> str:
    """Every finding's code, severity and meaning."""
    lines = ["# Findings", "", _FINDINGS_HEAD, "", "| code | severity | what it means |", "|---|---|---|"]
    lines += [f"| `{code}` | {one.severity} | {_cell(one.means)} |" for code, one in sorted(catalogue().items())]
    return "\n".join([*lines, ""])


def server_events() -> str:
    """Every event that the server emits, from its schema."""
    parts = ["# Events", "", _EVENTS_HEAD, ""]
    for path in sorted(Path(str(resources.files("olo_jupyter.server"))).joinpath("events").glob("*.yml")):
        schema = yaml.safe_load(path.read_text(encoding="utf-8"))
        parts += [f"## {schema['title']}", "", f"`{schema['$id']}`", "", schema.get("description", ""), ""]
        if schema.get("properties"):
            parts += ["| key | type | what |", "|---|---|---|"]
            parts += [
                f"| `{key}` | {_cell(str(one.get('type', 'choice')))} | {_cell(one.get('description', ''))} |"
                for key, one in schema["properties"].items()
            ]
            parts.append("")
    return "\n".join(parts)


PAGES: dict[str, Callable[[], str]] = {
    "cli": commands,
    "olo-yml": configuration,
    "findings": findings,
    "events": server_events,
}

_COMMANDS_HEAD = (
    "Made from the code; `olo COMMAND --help` shows the same. Exit codes: 0 done, 1 the work failed, 2 used wrongly. "
    "With `--json` stdout holds JSON only, also where something failed.\n"
)
_FINDINGS_HEAD = (
    "What `olo promote`, `%olo promote` and `olo scan` tell. An *error* stops the promotion, a *warning* goes into the "
    "pull request, an *info* is a note. Each names the cell, the line and what to do. Made from the code."
)
_EVENTS_HEAD = (
    "Events of Jupyter Server (`jupyter_events`), at the socket `/api/events/subscribe`. Made from the code.\n"
    "Snapshot ids are decimal strings: a browser reads JSON numbers as doubles."
)


def _command(name: str, command: Any) -> str:
    context = Context(command, info_name=name)
    usage = command.get_usage(context).removeprefix("Usage: ")
    lines = [f"## {name}", "", _markdown(command.help or ""), "", "```text", usage, "```", ""]
    records = [one.get_help_record(context) for one in command.params if not getattr(one, "hidden", False)]
    records = [record for record in records if record]
    if records:
        lines += ["| option | what |", "|---|---|"]
        lines += [f"| {_cell(f'`{option}`')} | {_cell(_plain(what))} |" for option, what in records]
        lines.append("")
    return "\n".join(lines)


def _markdown(text: str) -> str:
    """Help text as Markdown: paragraphs as they are, headings inside made bold."""
    return "\n".join(f"**{line}**" if re.fullmatch(r"Examples?:", line) else line for line in text.splitlines())


def _plain(text: str) -> str:
    return re.sub(r"(?<!`)\$\{", r"\\${", text)


def _cell(text: str) -> str:
    """Text as the cell of a table; code keeps its angle brackets."""
    parts = text.replace("|", "\\|").replace("\n", " ").split("`")
    return "`".join(part if code else part.replace("<", "&lt;") for part, code in zip(parts, cycle((False, True))))
