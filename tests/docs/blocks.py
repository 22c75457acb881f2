"""The fenced code blocks of a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[\w{}-]*)[^\n]*\n(?P<body>.*?)^(?P=indent)(?P=fence)$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A code block; ``place`` is file:line of its first line."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """The README and every page that a person wrote."""
    docs = ROOT / "docs"
    written = [page for page in docs.rglob("*.md") if not {"_build", "generated"} & set(page.relative_to(docs).parts)]
    return [ROOT / "README.md", ROOT / "jobs" / "README.md", *sorted(written)]


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start("body")) + 1
        indent = match["indent"]
        body = "".join(one.removeprefix(indent) for one in match["body"].splitlines(keepends=True))
        yield Block(page, line, match["language"], body)


def all_blocks(*languages: str) -> list[Block]:
    """The blocks of some languages on all pages."""
    return [block for page in pages() for block in blocks(page) if block.language in languages]
