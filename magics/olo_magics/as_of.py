"""The notebook-wide pin."""

from __future__ import annotations

from typing import Any

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.history import pin_text
from olo_jupyter.lakehouse.pins import RefPin
from olo_jupyter.lakehouse.time_travel import is_relative, parse_when
from olo_magics.kernel import Kernel


def as_of(kernel: Kernel, line: str, cell: str | None) -> Any:
    """``%olo as-of WHEN``: from here on every table without a pin of its own is read as it was then.

    WHEN is a date or a time (UTC where it names no zone): ``2026-01-31``, ``2026-01-31 12:00``, ``3 days ago``, or the
    name of a tag or branch. It holds for PySpark's own reads, too: ``spark.table``, ``spark.sql``, ``spark.read``; what
    it can't reach is read as it is now, with a warning.

    ``%olo as-of`` shows the pin, ``%olo as-of --clear`` takes it back.
    """
    if line == "--clear":
        kernel.as_of = ""
        kernel.session.as_of = None
        print("Reading the present again.")
    elif line.startswith("-"):
        raise OloError(
            f"There is no option {line}.", code="magic-line", hint="Write a time, a tag or a branch, or --clear."
        )
    elif line:
        written = line.strip("'\"")
        pin = parse_when(written)
        kernel.session.as_of, kernel.as_of = pin, pin_text(pin)
        kernel.pin_spark()
        print(f"Reading everything as of {kernel.as_of}.")
        if is_relative(written):
            print(f"A re-run at another time would read another state. To keep it: %olo as-of {kernel.as_of}")
        elif isinstance(pin, RefPin):
            print("A branch moves with each write, a tag stays: pin a tag or a time to get the same rows again.")
    else:
        print(f"Reading everything as of {kernel.as_of}." if kernel.as_of else "No pin: reading the present.")
