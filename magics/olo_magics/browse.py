"""``%olo tables``, ``describe``, ``snapshots``, ``refs``, ``tag``: the catalog from a cell."""

from __future__ import annotations

from typing import Literal

from olo_converters.magic_line import LineError, read_line
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse import browse
from olo_jupyter.lakehouse.refs import create_ref, drop_ref
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.time_travel import parse_when
from olo_magics.kernel import Kernel


def tables(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo tables [NAMESPACE]``: tables and views of a namespace, or of the whole catalog.

    NAMESPACE may name another catalog: ``%olo tables ana_sandbox.gold``.
    """
    return browse.tables(kernel.session, line.strip())


def describe(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo describe TABLE``: columns with types and comments."""
    return browse.describe(kernel.session, _given(line))


def snapshots(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo snapshots TABLE``: the table's history, newest first: what FOR VERSION AS OF takes."""
    return browse.snapshots(kernel.session, _given(line))


def refs(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo refs TABLE``: branches and tags: names that FOR VERSION AS OF takes."""
    return browse.refs(kernel.session, _given(line))


def tag(kernel: Kernel, line: str, cell: str | None) -> None:
    """``%olo tag TABLE NAME [--snapshot ID | --as-of WHEN] [--replace]``: a name for a snapshot, which then stays.

    Without a pin the present one is named. ``FOR VERSION AS OF 'NAME'`` and ``--ref NAME`` read it. ``--drop`` takes
    the tag away.
    """
    words = read_line(line, ("--snapshot", "--as-of"), ("--replace", "--drop"))
    if len(words.rest) != 2:
        raise LineError("Name a table and the tag.", hint="Write e.g. %olo tag silver.flights q1-close")
    table, name = kernel.session.name(words.rest[0]), words.rest[1]
    from olo_jupyter.store.audit import audited

    settings = kernel.session.settings
    if "--drop" in words.flags:
        with audited(settings, "drop tag", f"table/{table}", after={"tag": name}):
            drop_ref(kernel.session.catalogs, table, name, "tag")
        print(f"Tag {name} of {table} is gone.")
        return
    when = words.values.get("--snapshot") or words.values.get("--as-of")
    exists: Literal["replace", "error"] = "replace" if "--replace" in words.flags else "error"
    pin = parse_when(when) if when else kernel.session.as_of
    with audited(settings, "tag", f"table/{table}", after={"tag": name}) as after:
        snapshot = create_ref(kernel.session.catalogs, table, name, "tag", pin, exists=exists)
        after["snapshot"] = snapshot
    print(f"{table}: tag {name} names snapshot {snapshot}. Read it: FOR VERSION AS OF '{name}', or --ref {name}")


def _given(line: str) -> str:
    if not line:
        raise OloError("Name a table.", code="no-table", hint="For example: silver.flights")
    return line
