"""``olo sql`` and ``olo snapshots``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from olo_jupyter.cli.output import FAILED, error_json, error_text, print_json, print_table, read_text

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.result import Result

SHOWN_ROWS = 50


def sql(
    statement: Annotated[str | None, typer.Argument(help="Trino SQL; several statements end with `;`.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Read the statements from a file; - is stdin.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="Engine that runs it.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Read every table as it was then: a time (UTC), a tag, a branch.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Run in this target of the project.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE for `:NAME`; VALUE as JSON, else text. NAME:date=, NAME:timestamp= for those."),
    ] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on after a statement that failed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a statement.")] = False,
) -> None:
    """Run Trino SQL on the lakehouse.

    Examples:

        olo sql "SELECT carrier, count(*) FROM silver.flights GROUP BY 1"

        olo sql --file report.sql --as-of 2026-01-31 --json

        olo sql "SELECT * FROM silver.flights WHERE carrier = :c LIMIT 5" --param c=UA
    """
    from olo_jupyter.errors import OloError
    from olo_jupyter.lakehouse.errors import QueryError
    from olo_jupyter.lakehouse.time_travel import parse_when

    text = _text(statement, file)
    parameters = dict(parameter_of(item) for item in param or [])
    done, failed = 0, False
    with open_session(target) as session:
        pin = parse_when(as_of) if as_of else None
        session.engine(engine)
        for source, outcome in session.script(
            text, engine=engine, as_of=pin, parameters=parameters, keep_going=keep_going
        ):
            done += 1
            if isinstance(outcome, QueryError):
                failed = True
                if as_json:
                    print_json({"sql": source, "error": error_json(outcome)})
                else:
                    sys.stderr.write(f"error: {error_text(outcome)}\n{_caret(text, outcome)}")
            elif as_json:
                print_json(result_json(source, outcome))
            else:
                print_result(outcome)
    if not done:
        raise OloError("There is no statement to run.", code="no-sql", hint="Give SQL, not just blanks or comments.")
    if failed:
        raise typer.Exit(FAILED)


def snapshots(
    table: Annotated[str, typer.Argument(help="Table, e.g. silver.flights.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List a table's snapshots, newest first: what FOR VERSION AS OF takes.

    Example:

        olo snapshots silver.flights
    """
    from olo_jupyter.lakehouse.browse import snapshots as listed

    with open_session(None) as session:
        result = listed(session, table)
        if as_json:
            print_json(result_json(result.provenance.sql, result))
        else:
            _print_snapshots(result)


def _print_snapshots(result: Result) -> None:
    """Snapshots with what their writers counted; --json has the whole summary and the manifest lists."""
    rows = []
    for row in result.arrow.to_pylist():
        summary = dict(row["summary"] or ())
        counts = [summary.get(name) for name in ("added-records", "deleted-records", "total-records")]
        shown = ["" if count is None else f"{int(count):,}" for count in counts]
        at = row["committed_at"].strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        rows.append((row["snapshot_id"], f"{at} UTC", row["operation"], *shown))
    header = ("snapshot", "committed at", "operation", "rows added", "rows deleted", "rows")
    print_table(header, rows, caption=_counted(len(rows), "snapshot"))


def open_session(target: str | None) -> Any:
    """The session of the environment, or of a target of the project; to be used as a context."""
    import os

    from olo_jupyter.config import load_settings
    from olo_jupyter.lakehouse.session import Session
    from olo_jupyter.project.project import Project

    if target is None:
        return Session.from_environment()
    environment = Project(load_settings()).target(target).environment()
    return Session.from_environment({**os.environ, **environment})


def _text(statement: str | None, file: Path | None) -> str:
    if (statement is None) == (file is None):
        raise typer.BadParameter("give a statement or --file, one of the two")
    return statement if statement is not None else read_text(cast("Path", file), stdin=True)


_TYPED: dict[str, Callable[[str], Any]] = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat}


def parameter_of(item: str) -> tuple[str, Any]:
    """``NAME=VALUE`` as name and value; VALUE is JSON, else text. ``NAME:date=`` and ``NAME:timestamp=`` take ISO 8601.

    Example:
        >>> parameter_of("n=7"), parameter_of("day:date=2026-01-31")
        (('n', 7), ('day', datetime.date(2026, 1, 31)))
    """
    named, equals, text = item.partition("=")
    name, colon, kind = named.partition(":")
    if not equals or not name.isidentifier() or (colon and kind not in _TYPED):
        raise typer.BadParameter(f"--param takes NAME=VALUE, NAME:date=VALUE or NAME:timestamp=VALUE, not {item!r}")
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    if not colon or value is None:
        return name, value
    try:
        return name, _TYPED[kind](str(value))
    except ValueError as error:
        raise typer.BadParameter(f"--param {name}: {text} is no {kind} such as 2026-01-31") from error


def result_json(source: str, result: Result) -> dict[str, Any]:
    """A result as ``--json`` shows it."""
    from olo_jupyter.lakehouse.json_rows import json_rows

    provenance = result.provenance
    shown: dict[str, Any] = {
        "sql": source,
        "engine": provenance.engine,
        "columns": [{"name": column.name, "type": column.type} for column in result.columns],
        "rows": list(json_rows(result)),
        "snapshots": dict(provenance.snapshots),
        "seconds": round(provenance.seconds, 6),
    }
    if provenance.written:
        shown["written"] = dict(provenance.written)
    return shown


def print_result(result: Result) -> None:
    """A result for people: the first rows, and what was done."""
    from olo_jupyter.lakehouse.json_rows import json_rows
    from olo_jupyter.lakehouse.result import Result as Rows

    provenance = result.provenance
    if provenance.written:
        tables = ", ".join(f"{name} (snapshot {snapshot})" for name, snapshot in provenance.written.items())
        sys.stdout.write(f"{_counted(provenance.rows)} written to {tables} · {provenance.seconds:.2f} s\n")
        return
    if not result.columns:
        sys.stdout.write(f"done · {provenance.seconds:.2f} s\n")
        return
    counted = _counted(len(result))
    head = Rows(result.columns, result.arrow.slice(0, SHOWN_ROWS), provenance)
    more = f" (the first {SHOWN_ROWS} shown; --json gives all)" if len(result) > SHOWN_ROWS else ""
    print_table(
        [column.name for column in result.columns],
        json_rows(head),
        caption=f"{counted}{more} · {provenance.engine} · {provenance.seconds:.2f} s",
    )


def _counted(number: int, thing: str = "row") -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _caret(text: str, error: Any) -> str:
    lines = text.splitlines()
    if not error.line or not 1 <= error.line <= len(lines):
        return ""
    line = lines[error.line - 1]
    caret = f"  {' ' * (error.column - 1)}^\n" if error.column else ""
    return f"  {line}\n{caret}"
