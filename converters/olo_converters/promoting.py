"""The notebook's own cell that promotes something."""

from __future__ import annotations

import re

from olo_converters.magic_line import LineError, PromoteLine, parse_promote_line
from olo_converters.notebook import Notebook

_PROMOTE = re.compile(r"\s*%%?olo[ \t]+promote[ \t]+([^\n]*)(?:\n(.*))?", re.DOTALL)


def promoting_cell(notebook: Notebook, name: str) -> tuple[str | None, PromoteLine | None, str]:
    """The cell that promotes ``name``: its id, its line, its body; (None, None, '') without one."""
    for cell in notebook.cells:
        head = _PROMOTE.match(cell.source)
        if head is None:
            continue
        try:
            line = parse_promote_line(head.group(1))
        except LineError:
            continue  # a cell that fails in the notebook, too
        if line.name == name:
            return cell.id, line, head.group(2) or ""
    return None, None, ""
