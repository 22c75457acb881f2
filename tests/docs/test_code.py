"""The code on the pages: SQL and Python parse, YAML is valid, commands and their options exist."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import sys
from collections.abc import Iterator

import pytest
import yaml
from typer._click import Context

from olo_converters.magic_line import parse_promote_line, parse_sql_line
from olo_converters.options import parse_options
from olo_jobs.spec import JobSpec
from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.sql.lexer import Source
from olo_jupyter.lakehouse.sql.parse import parse
from olo_jupyter.lakehouse.sql.script import split
from olo_magics.commands import COMMANDS
from tests.docs.blocks import ROOT, Block, all_blocks

sys.path.insert(0, str(ROOT / "docs"))
reference_pages = importlib.import_module("reference_pages")

OMITTED = "…"
"""A block that has it is a form to fill in, no example; so is a word in brackets on a command line."""

_PARAMETER = re.compile(r"(?<![\w:'\"]):[a-z_]\w*")


def examples(*languages: str) -> list[Block]:
    found = [block for block in all_blocks(*languages) if OMITTED not in block.text]
    assert found, f"no block of {languages} is left to check"
    return found


def at(block: Block) -> str:
    return block.place


def commands(text: str) -> Iterator[list[str]]:
    """The words of each ``olo …`` command of a shell block, without comments, forms in brackets, variables."""
    for line in text.splitlines():
        for part in re.split(r"^\$ |\s{2,}\$ ", line):
            words = shlex.split(re.sub(r"\[[^\]]*\]", "", part), comments=True)
            while words and re.fullmatch(r"\w+=.*", words[0]):
                words.pop(0)
            if words[:1] == ["olo"]:
                yield words


@pytest.mark.parametrize("block", examples("sql"), ids=at)
def test_sql_is_trinos(block: Block) -> None:
    for part in split(block.text):
        parse(Source(_PARAMETER.sub("1", part.text)))


@pytest.mark.parametrize("block", examples("python"), ids=at)
def test_python_parses(block: Block) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize("block", examples("yaml"), ids=at)
def test_yaml_is_valid(block: Block) -> None:
    value = yaml.safe_load(block.text)
    if isinstance(value, dict) and {"version", "name", "tasks"} <= set(value):
        JobSpec.model_validate(value)
    elif isinstance(value, dict) and set(value) <= set(Settings.model_fields) - {"name", "root", "user"}:
        Settings.model_validate({**value, "root": ROOT, "user": "ana", "state": ROOT})


@pytest.mark.parametrize("block", all_blocks("console", "sh"), ids=at)
def test_commands_and_their_options_exist(block: Block) -> None:
    known = dict(reference_pages.all_commands())
    for words in commands(block.text):
        name = next((" ".join(words[:size]) for size in (3, 2) if " ".join(words[:size]) in known), None)
        assert name, f"{block.place}: there is no command {' '.join(words[:2])}"
        command = known[name]
        given = {word.partition("=")[0] for word in words[len(name.split()) :] if re.match(r"-{1,2}[a-z]", word)}
        if "--" in words:
            given -= {word.partition("=")[0] for word in words[words.index("--") :]}
        options = {
            option for one in command.get_params(Context(command)) for option in (*one.opts, *one.secondary_opts)
        }
        assert given <= options, f"{block.place}: {name} has no {', '.join(sorted(given - options))}"


@pytest.mark.parametrize("block", [one for one in examples("ipython", "") if "%olo" in one.text], ids=at)
def test_magics_and_their_lines_are_right(block: Block) -> None:
    for cell in re.split(r"\n(?=%)", block.text):
        found = re.match(r"%%?olo (\S+) ?(.*)\n?((?:.|\n)*)", cell)
        if found is None:
            continue
        name, line, body = found.groups()
        assert name in COMMANDS, f"{block.place}: there is no command %olo {name}"
        if name == "sql":
            parse_sql_line(line)
            for part in split(body):
                parse(Source(_PARAMETER.sub("1", part.text)))
        elif name == "promote":
            parse_promote_line(line)
            parse_options(body)
