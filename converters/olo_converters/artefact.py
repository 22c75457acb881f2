"""An artefact: a file that a promotion writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["model", "schema", "test", "unit_test", "module", "script", "job", "requirements", "evidence"]


@dataclass(frozen=True)
class Artefact:
    """A file of the project that a promotion writes.

    Args:
        path: Relative to the project's root, POSIX separators.
        text: The whole content, UTF-8, ends with a newline.
        kind: What the file is.
    """

    path: str
    text: str
    kind: Kind
