"""YAML text as plain values that remember their places.

Read from libyaml's events, not by its composer: that one recurses in C and ends the process on deep nesting. Scalars
are those of YAML 1.2's core schema, as editors read them: ``no`` is a text, ``12:30`` too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from olo_jobs.problem import Location, Problem, SpecError
from olo_jobs.scalars import core_scalar
from olo_jobs.yaml_faults import not_yaml, unreadable

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KEY = "\0key"
"""Marks the place of a key itself; the place without it is the value's."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_VALUES = 50_000
"""How many values a document may have, those repeated by aliases counted each time."""

_TAGS = {"tag:yaml.org,2002:str": str, "tag:yaml.org,2002:map": dict, "tag:yaml.org,2002:seq": list, "!": str}


@dataclass(frozen=True)
class Document:
    """A file's values.

    Args:
        file: The name that errors show.
        value: dicts, lists and scalars.
        places: Line and column of every value, counted from 1; of keys under ``(…, key, KEY)``. What an alias repeats
            has none of its own: ``place`` gives the alias's.
    """

    file: str
    value: Any
    places: dict[Location, tuple[int, int]]

    def place(self, location: Location) -> tuple[int, int]:
        """Line and column of a value, or of the nearest one around it."""
        while location not in self.places:
            if not location:
                return (1, 1)
            location = location[:-1]
        return self.places[location]

    def problem(self, location: Location, code: str, message: str, hint: str = "") -> Problem:
        """A problem at a value's place."""
        return Problem(self.file, *self.place(location), code, message, hint)


def read_document(path: Path, name: str = "") -> Document:
    """Read a file of a project: it lies in a folder of it.

    Args:
        name: What errors call the file; default: its path.

    Raises:
        SpecError: It can't be read, is a link to outside of the project (whose text errors would show), or as
            parse_document.
    """
    file = name or str(path)
    if not path.resolve().is_relative_to(path.parent.parent.resolve()):
        hint = "Put the file itself there."
        raise SpecError([Problem(file, 1, 1, "outside-project", "is a link to outside of the project", hint)])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SpecError([Problem(file, 1, 1, "file-unreadable", f"can't be read: {error.strerror}")]) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise SpecError([Problem(file, line, column, "not-utf-8", "is not UTF-8 text", "Save it as UTF-8.")]) from error
    return parse_document(text, file)


def parse_document(text: str, file: str) -> Document:
    """Read YAML text.

    Raises:
        SpecError: Not YAML, two documents, a key twice, a tag, an alias that holds itself or repeats too much.

    Example:
        >>> parse_document("country: no\\nat: 12:30\\nparts: [1, 0x10, 2.5, ~]", "a.yml").value
        {'country': 'no', 'at': '12:30', 'parts': [1, 16, 2.5, None]}
    """
    if len(text) > MAX_BYTES:
        raise SpecError([Problem(file, 1, 1, "too-large", f"has more than {MAX_BYTES:,} characters")])
    builder = _Builder(file)
    loader = Loader(text)
    try:
        while loader.check_event():
            builder.take(loader.get_event())
    except yaml.MarkedYAMLError as error:
        raise SpecError([not_yaml(error, file, text)]) from error
    except yaml.reader.ReaderError as error:
        raise SpecError([unreadable(file, text)]) from error
    except yaml.YAMLError as error:
        raise SpecError([Problem(file, 1, 1, "not-yaml", str(error))]) from error
    finally:
        loader.dispose()
    if builder.problems:
        raise SpecError(sorted(builder.problems))
    return Document(file, builder.value, builder.places)


@dataclass
class _Open:
    """A mapping or list that is being read. ``key`` is the key that waits for its value."""

    value: dict[str, Any] | list[Any]
    location: Location
    anchor: str | None
    size_before: int
    key: str | None = None
    key_place: tuple[int, int] = (1, 1)
    merged: list[dict[str, Any]] = field(default_factory=list)


class _Builder:
    """Takes events, keeps the values, their places and what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.value: Any = None
        self.places: dict[Location, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._documents = 0
        self._size = 0

    def take(self, event: Any) -> None:
        """The next event.

        Raises:
            SpecError: What makes reading on pointless.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event, {})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event, [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(
                    event, "two-documents", "a second document starts here", "One file holds one; remove the ---."
                )

    def _stop(self, event: Any, code: str, message: str, hint: str = "") -> None:
        raise SpecError(sorted([*self.problems, self._problem(event, code, message, hint)]))

    def _problem(self, event: Any, code: str, message: str, hint: str = "") -> Problem:
        return Problem(self.file, *_start(event), code, message, hint)

    def _count(self, event: Any, more: int) -> None:
        self._size += more
        if self._size > MAX_VALUES:
            self._stop(
                event, "too-large", f"more than {MAX_VALUES:,} values, aliases counted each time they repeat one"
            )

    def _check_tag(self, event: Any, kind: type) -> None:
        if event.tag is not None and _TAGS.get(event.tag) is not kind:
            name = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.problems.append(self._problem(event, "tag", f"the tag {name} isn't allowed", "Write the plain value."))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._count(event, 1)
        self._check_tag(event, str)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._take_key(event, top)
            return
        plain = event.implicit[0] and event.tag is None
        value = core_scalar(event.value) if plain else event.value
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, event)

    def _take_key(self, event: yaml.ScalarEvent, top: _Open) -> None:
        assert isinstance(top.value, dict)
        name: str = event.value
        top.key = name
        top.key_place = _start(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (name, 1)
        if name in top.value:
            first = self.places[(*top.location, name, KEY)][0]
            self.problems.append(
                self._problem(event, "duplicate-key", f"{name!r} is there twice, first in line {first}", "Keep one.")
            )
        self.places[(*top.location, name, KEY)] = top.key_place

    def _open(self, event: Any, value: Any) -> None:
        self._count(event, 1)
        self._check_tag(event, type(value))
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event, "too-deep", f"more than {MAX_DEPTH} levels of nesting")
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._stop(
                event, "not-a-key", "a list or mapping can't be a key", "A text with { or [ needs quotation marks."
            )
        location = self._location()
        self.places[location] = _start(event)
        self._stack.append(_Open(value, location, event.anchor, self._size))
        if event.anchor is not None:
            self._anchors[event.anchor] = (None, -1)  # open: an alias to it would hold itself

    def _close(self) -> None:
        closed = self._stack.pop()
        if isinstance(closed.value, dict):
            for base in closed.merged:
                for key, value in base.items():
                    closed.value.setdefault(key, value)
        if closed.anchor is not None:
            self._anchors[closed.anchor] = (closed.value, self._size - closed.size_before + 1)
        self._hand_over(closed.value, closed.location)

    def _alias(self, event: yaml.AliasEvent) -> None:
        found = self._anchors.get(event.anchor or "")
        if found is None:
            self._stop(
                event, "unknown-anchor", f"there is no anchor &{event.anchor} above",
                'A text that starts with * needs quotation marks, e.g. cron: "*/5 * * * *".',
            )  # fmt: skip
            return
        value, size = found
        if size < 0:
            self._stop(event, "recursive-anchor", f"*{event.anchor} stands inside what &{event.anchor} names")
        self._count(event, size)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._stop(event, "not-a-key", "an alias can't be a key", "Write the key out.")
        self._put(value, event)

    def _location(self) -> Location:
        if not self._stack:
            return ()
        top = self._stack[-1]
        return (*top.location, top.key if isinstance(top.value, dict) else len(top.value))  # type: ignore[arg-type]

    def _put(self, value: Any, event: Any) -> None:
        location = self._location()
        self.places[location] = _start(event)
        self._hand_over(value, location)

    def _hand_over(self, value: Any, location: Location) -> None:
        if not self._stack:
            self.value = value
            return
        top = self._stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
            return
        key, top.key = top.key, None
        assert key is not None
        if key != "<<":
            top.value[key] = value
            return
        bases = value if isinstance(value, list) else [value]
        if all(isinstance(base, dict) for base in bases):
            top.merged += bases
        else:
            line, column = self.places[location]
            message = "<< takes a mapping or a list of mappings"
            self.problems.append(Problem(self.file, line, column, "merge-key", message, "E.g. <<: *defaults"))


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
