"""What the analyst's markdown says about a cell: the text above it becomes a description."""

from __future__ import annotations

import re

from olo_converters.notebook import Notebook

MAX_LENGTH = 600


def description_of(notebook: Notebook, cell: str) -> str:
    """The prose of the nearest markdown cell above, without headings and pictures; '' where there is none.

    Only the markdown that stands right above the cell (code cells of its own section between them are allowed) counts.
    """
    place = notebook.cell(cell).index
    above = [one for one in notebook.cells if one.index < place and one.kind == "markdown" and one.source.strip()]
    if not above:
        return ""
    return plain_text(above[-1].source)


def plain_text(markdown: str) -> str:
    """Markdown as one line of plain text.

    Example:
        >>> plain_text("## Daily delays\\n\\nFor **each** day: [flights](http://x).")
        'For each day: flights.'
        >>> plain_text("## Daily delays")
        'Daily delays'
    """
    text = re.sub(r"```.*?```", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>\n]+>", " ", text)
    lines = [line.strip() for line in text.split("\n")]
    prose = [
        re.sub(r"^([-*+]|\d+\.|>)\s+", "", line)
        for line in lines
        if line and not re.match(r"#{1,6}\s|\||[-=*_]{3,}$", line)
    ]
    if not prose:
        prose = [re.sub(r"^#{1,6}\s+", "", line) for line in lines if line.startswith("#")][-1:]
    text = re.sub(r"(\*\*|__|\*|`|\$)", "", " ".join(prose))
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1].rsplit(" ", 1)[0] + "…"
