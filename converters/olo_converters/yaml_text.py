"""YAML that people edit too: what an edit doesn't touch stays as it is, to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from olo_converters.errors import ConvertError

_WIDTH, _UNFOLDED = 110, 1_000_000
_ABOVE = re.compile(r"\A((?:[ \t]*(?:#[^\n]*)?\n)+)---")
"""What stands above the line that begins a document: ruamel drops it."""
_LIST = re.compile(r"^( *)(?:- )?[\w\"']+:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", re.MULTILINE)


class YamlError(ConvertError):
    """A YAML file of the project that can't be edited."""

    default_code = "yaml"


def _yaml(*, width: int = _WIDTH, offset: int = 2) -> YAML:
    yaml = YAML()
    yaml.width = width
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    return yaml


def _dumped(yaml: YAML, value: Any) -> str:
    stream = StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()


def dump(value: Any) -> str:
    """A value as YAML text.

    Example:
        >>> dump({"version": 2, "models": [{"name": "a"}]})
        'version: 2\\nmodels:\\n  - name: a\\n'
    """
    return _dumped(_yaml(), value)


def load(text: str, path: str) -> Any:
    """A YAML text as an editable tree that keeps comments.

    Raises:
        YamlError: Not YAML, or no mapping.
    """
    try:
        tree = _yaml().load(text.replace("\r\n", "\n"))  # ruamel counts \r to comments
    except (YAMLError, ValueError) as error:
        raise YamlError(
            f"{path} is not YAML: {str(error).splitlines()[0]}.", hint="Correct the file, then promote again."
        ) from error
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise YamlError(f"{path} doesn't hold keys and values.", hint="Correct the file, then promote again.")
    return tree


def edited(text: str, tree: Any, path: str) -> str:
    """A file's text with what changed in its tree, and every other line as its people wrote it.

    Writing a tree lays all of it out anew. So the tree is written as it was and as it is, and the difference of the two
    is made in the text; where that would say something else than the tree, the tree is written.

    Args:
        text: The file before.
        tree: What ``load`` gave for it, changed.

    Example:
        >>> text = "# by hand\\n---\\na:   [1,2]   # one\\nb: {c: 1}\\n"
        >>> tree = load(text, "x.yml")
        >>> tree["b"]["c"] = 2
        >>> edited(text, tree, "x.yml")
        '# by hand\\n---\\na:   [1,2]   # one\\nb: {c: 2}\\n'
    """
    ends = "\r\n" if "\r\n" in text else "\n"
    mine = text.replace("\r\n", "\n")
    listed = _LIST.search(mine)
    yaml = _yaml(width=_UNFOLDED, offset=len(listed.group(2)) - len(listed.group(1)) if listed else 2)
    before, after = _dumped(yaml, load(mine, path)), _dumped(yaml, tree)
    written = "".join(_merged(_lines(mine), _lines(before), _lines(after)))
    if not _says(written, after, path):
        above = _ABOVE.match(mine)
        written = (above.group(1) if above else "") + after
    return written.replace("\n", ends)


def _lines(text: str) -> list[str]:
    return (text if text.endswith("\n") or not text else f"{text}\n").splitlines(keepends=True)


def _says(text: str, wanted: str, path: str) -> bool:
    """Whether a text holds the same values in the same order as another one, and no comment less."""
    try:
        return _plain(load(text, path)) == _plain(load(wanted, path)) and text.count("#") >= wanted.count("#")
    except YamlError:
        return False


def _plain(value: Any) -> Any:
    """Values with the order of their keys."""
    if isinstance(value, dict):
        return [(key, _plain(item)) for key, item in value.items()]
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _merged(mine: list[str], before: list[str], after: list[str]) -> Iterator[str]:
    """The lines of ``mine`` with what changed from ``before`` to ``after``."""
    laid_out = [one for one in SequenceMatcher(None, before, mine, autojunk=False).get_opcodes() if one[0] != "equal"]
    done = 0
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        low, high = first, last
        for _, one, other, *_ in laid_out:
            if one < high and low < other:  # written otherwise by hand: the whole of it is written anew
                low, high = min(low, one), max(high, other)
        yield from mine[done : _place(laid_out, low)]
        yield from (*before[low:first], *after[start:end], *before[last:high])
        done = _place(laid_out, high)
    yield from mine[done:]


def _place(laid_out: Sequence[tuple[str, int, int, int, int]], line: int) -> int:
    """Where a line of the text as it was written anew stands in the text as it was."""
    place = line
    for _, _, last, _, end in laid_out:
        if last <= line:
            place = end + line - last
    return place
