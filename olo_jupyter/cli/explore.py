"""``olo tables``, ``describe``, ``refs``, ``tag``, ``diff``, ``history``, ``queries``, ``doctor``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from olo_jupyter.cli.output import FAILED, print_json, print_table, read_text
from olo_jupyter.cli.query import open_session, parameter_of, print_result, result_json

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.diff.report import Diff
    from olo_jupyter.lakehouse.result import Result

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Table = Annotated[str, typer.Argument(help="Table, e.g. silver.flights.")]


def tables(
    namespace: Annotated[str, typer.Argument(help="Namespace, or CATALOG.NAMESPACE; default: the whole catalog.")] = "",
    as_json: Json = False,
) -> None:
    """List the tables and views of a namespace.

    Example:

        olo tables silver --json
    """
    from olo_jupyter.lakehouse.browse import tables as listed

    with open_session(None) as session:
        _show(listed(session, namespace), as_json)


def describe(table: Table, as_json: Json = False) -> None:
    """List a table's columns with types and comments.

    Example:

        olo describe silver.flights
    """
    from olo_jupyter.lakehouse.browse import describe as described

    with open_session(None) as session:
        _show(described(session, table), as_json)


def refs(table: Table, as_json: Json = False) -> None:
    """List a table's branches and tags: names that FOR VERSION AS OF takes.

    Example:

        olo refs silver.flights
    """
    from olo_jupyter.lakehouse.browse import refs as listed

    with open_session(None) as session:
        _show(listed(session, table), as_json)


def tag(
    table: Table,
    name: Annotated[str, typer.Argument(help="Name of the tag.")],
    at: Annotated[
        str | None, typer.Option("--as-of", "--snapshot", help="A time (UTC), snapshot id or ref; default: now.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move a tag that is there already.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Take the tag away.")] = False,
    as_json: Json = False,
) -> None:
    """Name a snapshot, which then doesn't expire.

    Example:

        olo tag silver.flights q1-close --as-of 2026-03-31
    """
    from olo_jupyter.lakehouse.refs import create_ref, drop_ref
    from olo_jupyter.lakehouse.time_travel import parse_when
    from olo_jupyter.store.audit import audited

    with open_session(None) as session:
        full = session.name(table)
        pin = parse_when(at) if at and not drop else None
        with audited(session.settings, "drop tag" if drop else "tag", f"table/{full}", after={"tag": name}) as after:
            if drop:
                drop_ref(session.catalogs, full, name, "tag")
                told = {"table": str(full), "tag": name, "dropped": True}
            else:
                exists: Literal["replace", "error"] = "replace" if replace else "error"
                after["snapshot"] = create_ref(session.catalogs, full, name, "tag", pin, exists=exists)
                told = {"table": str(full), "tag": name, "snapshot": after["snapshot"]}
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{full}: tag {name} is gone." if drop else f"{full}: tag {name} names snapshot {told['snapshot']}.")


def diff(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[TABLE] PIN PIN", help="A table and two pins; with --query or --file two pins."),
    ],
    key: Annotated[
        list[str] | None, typer.Option("--key", help="Column that tells rows apart; repeat, or separate by commas.")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", help="Compare this query's results.")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Likewise, from a file; - is stdin.")] = None,
    param: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for `:NAME`; VALUE as JSON, else text.")] = None,
    engine: Annotated[str | None, typer.Option(help="Engine that runs a query at both pins.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows of each kind to show at most.")] = 50,
    full: Annotated[bool, typer.Option("--full", help="Count the drift of values over all rows.")] = False,
    target: Annotated[str | None, typer.Option(help="Run in this target of the project.")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where something differs.")] = False,
    as_json: Json = False,
) -> None:
    """Show what changed in a table or a query between two pins: columns, rows, the spread of values.

    A pin is a time (UTC where it names no zone), a snapshot id, a tag or a branch; `now` is the present.

    Examples:

        olo diff silver.flights yesterday now --key flight_id

        olo diff --query "SELECT carrier, count(*) AS n FROM silver.flights GROUP BY 1" 2026-01-31 now --key carrier
    """
    text = query if query is not None else read_text(file, stdin=True) if file is not None else None
    wanted = 2 if text is not None else 3
    if len(words) != wanted:
        given = f"{len(words)} given: {' '.join(words)}"
        needs = "two pins" if text is not None else "a table and two pins"
        raise typer.BadParameter(f"a diff needs {needs}; {given}")
    *named, first, second = words
    with open_session(target) as session:
        found = session.diff(
            text if text is not None else named[0],
            first,
            second,
            key=[column for item in key or [] for column in item.split(",") if column.strip()],
            engine=engine,
            parameters=dict(parameter_of(item) for item in param or []),
            limit=limit,
            full=full,
        )
    if as_json:
        print_json(found.as_json())
    else:
        _print_diff(found)
    if exit_code and not found.same:
        raise typer.Exit(FAILED)


def history(
    text: Annotated[list[str] | None, typer.Argument(help="Words that the run must have in it.")] = None,
    state: Annotated[str, typer.Option(help="finished, failed, cancelled, running or lost; default: all.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Runs at most, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List the statements that ran, newest first: who, where, how long, how they ended. Secrets are masked.

    Example:

        olo history silver.flights --state failed --json
    """
    from olo_jupyter.config import load_settings
    from olo_jupyter.lakehouse.history import STATES, History
    from olo_jupyter.lakehouse.preflight import size_text

    if state and state not in STATES:
        raise typer.BadParameter(f"there is no state {state!r}; states: {', '.join(STATES)}")
    entries = History(load_settings()).entries(" ".join(text or []), limit, state)
    if as_json:
        for entry in entries:
            print_json(entry.as_json())
        return
    print_table(
        ("id", "started (UTC)", "state", "engine", "rows", "read", "seconds", "sql"),
        [
            (
                entry.id,
                entry.started[:19].replace("T", " "),
                entry.state,
                entry.engine,
                entry.rows,
                "" if entry.bytes is None else size_text(entry.bytes),
                None if entry.seconds is None else f"{entry.seconds:.2f}",
                " ".join(entry.sql.split())[:100],
            )
            for entry in entries
        ],
    )


def queries(
    run: Annotated[str | None, typer.Option("--run", metavar="NAME", help="Run this one.")] = None,
    param: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for `:NAME`; VALUE as JSON, else text.")] = None,
    engine: Annotated[str | None, typer.Option(help="Engine, instead of the query's own.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Pin, instead of the query's own.")] = None,
    target: Annotated[str | None, typer.Option(help="Run in this target of the project.")] = None,
    as_json: Json = False,
) -> None:
    """List the saved queries of the project, or run one.

    Examples:

        olo queries

        olo queries --run late_flights --param threshold=30
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.lakehouse.time_travel import parse_when
    from olo_jupyter.project.queries import saved_queries, saved_query

    settings = project_settings()
    if run is None:
        found, faults = saved_queries(settings)
        for query in found if as_json else ():
            print_json(query.as_json())
        if not as_json:
            rows = [(query.name, query.description, ", ".join(query.parameters), query.path) for query in found]
            print_table(("query", "description", "parameters", "file"), rows)
        for fault in faults:
            sys.stderr.write(f"error: {fault.message}\n")
        if faults:
            raise typer.Exit(FAILED)
        return
    query = saved_query(settings, run)
    pin = as_of or query.as_of
    with open_session(target) as session:
        result = session.sql(
            query.sql,
            parameters={**query.parameters, **dict(parameter_of(item) for item in param or [])},
            engine=engine or query.engine or None,
            as_of=parse_when(pin) if pin else None,
        )
        _show(result, as_json)


def doctor(as_json: Json = False) -> None:
    """Check the installation, the catalogs, the engines, Git and dbt, and say what to do where something is missing.

    Ends with 1 where something that is needed doesn't work.

    Example:

        olo doctor
    """
    from olo_jupyter.config import load_settings
    from olo_jupyter.project.doctor import examine

    checks = []
    marks = {"ok": "✓", "warning": "!", "failed": "✗"}
    for check in examine(load_settings()):
        checks.append(check)
        if as_json:
            print_json(check.as_json())
        else:
            typer.echo(f"{marks[check.state]} {check.area}: {check.name}: {check.found}")
            if check.hint:
                typer.echo(f"    → {check.hint}")
    failed = sum(check.state == "failed" for check in checks)
    if not as_json:
        warned = sum(check.state == "warning" for check in checks)
        typer.echo(f"{len(checks)} checks, {failed} failed, {warned} to look at.")
    if failed:
        raise typer.Exit(FAILED)


def _show(result: Result, as_json: bool) -> None:
    if as_json:
        print_json(result_json(result.provenance.sql, result))
    else:
        print_result(result)


def _print_diff(found: Diff) -> None:
    from olo_jupyter.lakehouse.diff.text import DRIFT_HEADER, drift_rows, lines
    from olo_jupyter.lakehouse.json_rows import json_rows

    typer.echo("\n".join(lines(found)))
    drift = drift_rows(found)
    if drift:
        typer.echo(f"\nValues, over {found.drift_rows}:")
        print_table(DRIFT_HEADER, drift)
    if len(found.rows):
        typer.echo("")
        more = "there are more rows: --limit N" if found.rows.truncated else ""
        print_table([column.name for column in found.rows.columns], json_rows(found.rows), caption=more)
