"""An edit of a YAML file changes what it is about: comments, order and every other line stay as people wrote them."""

from __future__ import annotations

import random
from collections.abc import Callable
from difflib import unified_diff
from textwrap import indent
from typing import Any

import pytest
import yaml

from olo_converters.yaml_text import edited, load

LONG = "a very long line " * 12
FLAT = f"""\
# yaml-language-server: $schema=job.schema.json
# before the document
--- # begins
version: 1   # one

name: daily

# who
owner: "ana"   # she
description: >-
  A long text
  over lines.
tags: [b,   a]
notify: {{on_success: [{{webhook: {{url: "http://127.0.0.1/ok"}}}}, {{slack: data}}], on_failure: [{{email: [a@b]}}]}}
tasks:
# first
- name: a     # the first
  shell:
    command: [echo,
              'b']

  # before second
- name: b
  retries: {{attempts: 2,initial: 0s}}
  depends_on:
  - a
  shell: {{command: "{LONG}"}}   # long
  # after it
# the end
"""
HEAD, _, TASKS = FLAT.partition("tasks:\n")
INDENTED = f"{HEAD}tasks:\n{indent(TASKS, '    ')}"
NESTED = f"""\
version: 2

sources:   # what we read
    # bronze first
    -   name: bronze
        schema: bronze
        tables:
            - {{name: flights,   description: 'Each flight.'}}   # by day
            # the small one
            - name: airports

    - name: silver
      tables: [{{name: a}},
               {{name: b}}]
models: []  # {LONG}
"""
ANCHORS = """\
version: 1
name: a
x: &wait {attempts: 2,   initial: 0s}   # shared
tasks:
  - name: one
    retries: *wait
    shell: {command: [ls]}
  - &two
    name: two
    retries:
      <<: *wait
      max: 1m   # not longer
    shell: {command: [ls,   -l]}
"""
NO_END = FLAT.rstrip("\n")
FILES = {
    "flat": FLAT,
    "indented": INDENTED,
    "anchors": ANCHORS,
    "no end": NO_END,
    "windows": FLAT.replace("\n", "\r\n"),
}
EDITS: dict[str, Callable[[Any], None]] = {
    "nothing": lambda tree: None,
    "a key": lambda tree: tree.update(schedule={"every": "1h"}),
    "a task": lambda tree: tree["tasks"].append({"name": "z", "dbt": {"select": "+z"}, "depends_on": ["b"]}),
    "a value": lambda tree: tree.update(name="other"),
    "a key of a task": lambda tree: tree["tasks"][-1].update(timeout="5m"),
}


def values(text: str) -> Any:
    return yaml.safe_load(text)


def changes(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone, and those that are new."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return [line[1:] for line in lines if line.startswith("-")], [line[1:] for line in lines if line.startswith("+")]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("file", FILES)
def test_only_what_is_edited_changes(file: str, edit: str) -> None:
    text = FILES[file]
    tree = load(text, "jobs/daily.yml")
    EDITS[edit](tree)
    found = edited(text, tree, "jobs/daily.yml")
    wanted = values(text)
    EDITS[edit](wanted)
    assert values(found) == wanted
    assert list(values(found)) == list(wanted)
    gone, new = changes(text, found)
    assert gone == (["name: daily" if file != "anchors" else "name: a"] if edit == "a value" else [])
    assert len(new) == {"nothing": 0, "a key": 2, "a task": 5, "a value": 1, "a key of a task": 1}[edit]
    assert found.count("\r\n") == (found.count("\n") if file == "windows" else 0)


def test_lists_of_lists_are_edited_where_they_are() -> None:
    tree = load(NESTED, "models/sources.yml")
    tree["sources"][0]["tables"].append({"name": "planes"})
    found = edited(NESTED, tree, "models/sources.yml")
    assert [one["name"] for one in values(found)["sources"][0]["tables"]] == ["flights", "airports", "planes"]
    assert all(
        comment in found for comment in ("# what we read", "# bronze first", "# by day", "# the small one", LONG)
    )


def test_a_replaced_value_takes_only_its_own_lines() -> None:
    tree = load(FLAT, "x.yml")
    tree["tasks"][0]["shell"] = {"command": ["ls"]}
    gone, new = changes(FLAT, edited(FLAT, tree, "x.yml"))
    assert [line.strip() for line in gone] == ["command: [echo,", "'b']"]
    assert [line.strip() for line in new] == ["command:", "- ls"]


def test_any_edits_of_any_tasks_say_what_they_are_to_say() -> None:
    """Tasks that look alike, written in many ways, changed in many places: the values are right, comments stay."""
    rng = random.Random(7)
    forms = (
        "- {{name: {0}, shell: {{command: [ls]}}}}  # c\n",
        "- name: {0}\n  # c\n  shell: {{command: [ls]}}\n",
        "- name: '{0}'\n  shell:\n    command:\n    - ls   # c\n\n",
        f"- shell: {{{{command: '{LONG}'}}}} # c\n  name: {{0}}\n",
    )
    for _ in range(200):
        names = [f"t{number}" for number in range(rng.randint(1, 7))]
        text = "version: 1\ntasks:\n" + "".join(rng.choice(forms).format(name) for name in names)
        tree, wanted = load(text, "x.yml"), values(text)
        for one in rng.sample(range(len(names)), rng.randint(0, len(names))):
            for each in (tree, wanted):
                each["tasks"][one].update(timeout="5m")
        if rng.random() < 0.5:
            for each in (tree, wanted):
                each["tasks"].append({"name": "new", "shell": {"command": ["ls"]}})
        found = edited(text, tree, "x.yml")
        assert values(found) == wanted, text
        assert found.count("# c") == text.count("# c"), f"{text}\n{found}"
