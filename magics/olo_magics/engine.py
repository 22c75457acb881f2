"""The engine that the notebook's statements run on."""

from __future__ import annotations

from olo_jupyter.errors import OloError
from olo_magics.kernel import Kernel


def engine(kernel: Kernel, line: str, cell: str | None) -> None:
    """``%olo engine [NAME]``: run this notebook's statements on ``embedded``, ``trino`` or ``spark`` from here on.

    ``%olo engine`` alone shows which one it is. ``%%olo sql --engine NAME`` chooses for one cell.
    """
    from olo_jupyter.lakehouse.engines.registry import ENGINES

    if line.startswith("-") or len(line.split()) > 1:
        raise OloError(f"{line!r} is not understood.", code="magic-line", hint=f"Engines: {', '.join(ENGINES)}.")
    if not line:
        print(f"Statements run on {kernel.session.engine_name}. Engines: {', '.join(ENGINES)}.")
        return
    kernel.session.engine(line)  # one that isn't here, or isn't configured, is refused before it is chosen
    kernel.session.engine_name = line
    print(f"Statements run on {line}.")
