"""``%olo history``, ``%olo save``, ``%olo queries``: what ran, and what is kept to run again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from olo_converters.magic_line import LineError, read_line
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.history import STATES
from olo_jupyter.lakehouse.preflight import size_text
from olo_jupyter.lakehouse.result import Result
from olo_magics.chart import named_result
from olo_magics.kernel import Kernel
from olo_magics.progress import shown_progress
from olo_magics.sql import bindable, finished

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 60


def history(kernel: Kernel, line: str, cell: str | None) -> pd.DataFrame | None:
    """``%olo history [TEXT] [--state finished|failed|cancelled|running|lost] [--limit N]``: what ran, newest first.

    TEXT: only runs that have all of its words in their SQL, error, engine, notebook, tables or values. ``--id N`` shows
    one run whole, with its SQL. Secrets are masked.
    """
    import pandas as pd

    words = read_line(line, ("--state", "--limit", "--id"))
    limit = words.values.get("--limit", "50")
    number = words.values.get("--id", "0")
    if not limit.isdigit() or not number.isdigit():
        raise LineError("--limit and --id take whole numbers.", hint="Write e.g. --limit 100.")
    state = words.values.get("--state", "")
    if state and state not in STATES:
        raise LineError(f"There is no state {state!r}.", hint=f"States: {', '.join(STATES)}.")
    entries = kernel.session.history.entries(" ".join(words.rest), 1_000_000 if number != "0" else int(limit), state)
    if number != "0":
        found = [entry for entry in entries if entry.id == int(number)]
        if not found:
            raise OloError(f"The history has no run {number}.", code="run-not-found", hint="%olo history lists them.")
        values = found[0].as_json()
        print(
            "\n".join(f"{name}: {value}" for name, value in values.items() if name != "sql" and value not in ("", {}))
        )
        print(f"\n{values['sql']}")
        return None
    rows = [
        {
            "id": entry.id,
            "started (UTC)": entry.started[:19].replace("T", " "),
            "state": entry.state,
            "engine": entry.engine,
            "rows": entry.rows,
            "read": size_text(entry.bytes) if entry.bytes is not None else "",
            "seconds": None if entry.seconds is None else round(entry.seconds, 2),
            "as of": entry.as_of,
            "notebook": entry.notebook,
            "sql": one_line(entry.sql),
            "error": one_line(entry.error),
        }
        for entry in entries
    ]
    columns = ["id", "started (UTC)", "state", "engine", "rows", "read", "seconds", "as of", "notebook", "sql", "error"]
    return pd.DataFrame(rows, columns=columns).astype({"rows": "Int64"})


def one_line(text: str) -> str:
    """A text as a table shows it."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"


def save(kernel: Kernel, line: str, cell: str | None) -> None:
    """``%olo save NAME [--from RESULT] [--description TEXT] [--no-values] [--replace]``: keep a query in the project.

    Writes queries/NAME.sql with the statement that ran last (or that gave RESULT), its pin and the values that were
    bound to it. ``--no-values`` leaves the values out. ``%olo queries --run NAME`` and ``olo queries --run NAME`` run
    it again.
    """
    from olo_jupyter.project.queries import SavedQuery, save_query

    words = read_line(line, ("--from", "--description"), ("--no-values", "--replace"))
    if len(words.rest) != 1:
        raise LineError("Name the query." if not words.rest else f"{line!r} is not understood.", hint="%olo save NAME")
    if "--from" in words.values:
        result = named_result(kernel, words.values["--from"])
    elif kernel.last is not None:
        result = kernel.last
    else:
        raise OloError(
            "No statement ran yet.", code="no-sql", hint="Run a %%olo sql cell first, or give --from RESULT."
        )
    provenance = result.provenance
    session = kernel.session
    query = SavedQuery(
        name=words.rest[0],
        sql=provenance.sql,
        description=words.values.get("--description", ""),
        engine=provenance.engine if provenance.engine != session.settings.default_engine else "",
        as_of=provenance.as_of,
        parameters={} if "--no-values" in words.flags else provenance.parameters,
    )
    path = save_query(session.settings, query, replace="--replace" in words.flags)
    print(f"Saved as {path.relative_to(session.settings.root)}. Run it again: %olo queries --run {query.name}")


def queries(kernel: Kernel, line: str, cell: str | None) -> pd.DataFrame | Result:
    """``%olo queries [TEXT]``: saved queries. ``%olo queries [RESULT <<] --run NAME [--param NAME=VALUE]``

    ``--run`` runs one: values come from ``--param`` (more than one: ``--param a=1,b=2``), else from the query's own
    header, else from variables of the notebook. VALUE is JSON, else text.
    """
    import pandas as pd

    from olo_jupyter.project.queries import saved_queries

    words = read_line(line, ("--run", "--param"))
    if "--run" in words.values:
        if words.rest:
            raise LineError(f"{' '.join(words.rest)!r} is not understood.", hint="%olo queries --run NAME --param a=1")
        return _run(kernel, words.values["--run"], words.values.get("--param", ""), words.result)
    found, faults = saved_queries(kernel.session.settings)
    for fault in faults:
        print(fault.message)
    wanted = [word.lower() for word in words.rest]
    rows = [
        {
            "query": each.name,
            "description": each.description,
            "parameters": ", ".join(f"{name}={value}" for name, value in each.parameters.items()),
            "as of": each.as_of,
            "engine": each.engine,
            "sql": one_line(each.sql),
        }
        for each in found
        if all(word in f"{each.name} {each.description} {each.sql}".lower() for word in wanted)
    ]
    return pd.DataFrame(rows, columns=["query", "description", "parameters", "as of", "engine", "sql"])


def _run(kernel: Kernel, name: str, given: str, variable: str) -> Result:
    from olo_jupyter.lakehouse.time_travel import parse_when
    from olo_jupyter.project.queries import saved_query

    session = kernel.session
    query = saved_query(session.settings, name)
    values = dict(_parameter(item) for item in given.split(",") if item)
    with shown_progress() as on_progress:
        result = session.sql(
            query.sql,
            parameters={**bindable(kernel), **query.parameters, **values},
            engine=query.engine or None,
            as_of=parse_when(query.as_of) if query.as_of else None,
            notebook=kernel.notebook,
            cell=kernel.cell,
            on_progress=on_progress,
        )
    shown = ", ".join(f"{key} = {value!r}" for key, value in result.provenance.parameters.items())
    if shown:
        print(f"with {shown}")
    result = finished(
        kernel, replace(result, provenance=replace(result.provenance, as_of=query.as_of or kernel.as_of)), {}
    )
    if variable:
        kernel.variables[variable] = result
    return result


def _parameter(item: str) -> tuple[str, Any]:
    name, equals, value = item.partition("=")
    if not equals or not name.strip().isidentifier():
        raise LineError(f"--param takes NAME=VALUE, not {item!r}.", hint="Write e.g. --param threshold=30")
    try:
        return name.strip(), json.loads(value)
    except json.JSONDecodeError:
        return name.strip(), value
