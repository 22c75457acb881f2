"""``olo maintain``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from olo_jupyter.cli.output import FAILED, error_json, error_text, print_json
from olo_jupyter.cli.query import open_session

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.maintenance.reports import OnStep
    from olo_jupyter.lakehouse.maintenance.run import Chores, Maintained
    from olo_jupyter.lakehouse.names import TableName
    from olo_jupyter.lakehouse.session import Session

_LEAST_AGE = timedelta(hours=24)
"""A younger orphan may be a file of a write that still runs."""
_SHOWN_PATHS = 20


def maintain(
    tables: Annotated[
        list[str] | None, typer.Argument(help="Tables, e.g. silver.flights; default: all tables of the catalog.")
    ] = None,
    expire: Annotated[
        str | None,
        typer.Option("--expire", metavar="OLDER_THAN", help="Expire snapshots older than this: 7d, 36h, or a time."),
    ] = None,
    retain_last: Annotated[
        int | None, typer.Option("--retain-last", min=1, help="Keep this many snapshots of each branch all the same.")
    ] = None,
    orphans: Annotated[bool, typer.Option("--orphans", help="Remove files that no snapshot refers to.")] = False,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="Least age of an orphan that goes; at least 24h.")
    ] = "7d",
    compact: Annotated[
        bool, typer.Option("--compact", help="Rewrite small files, and files with deleted rows, into fewer.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go, with sizes.")] = False,
    target: Annotated[str | None, typer.Option(help="Run in this target of the project.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a table.")] = False,
) -> None:
    """Look after tables: compact small files, expire old snapshots, remove orphan files.

    Branches, tags and their retention are respected. A run that was killed is safe to repeat.

    Examples:

        olo maintain silver.flights --expire 30d --retain-last 10 --dry-run

        olo maintain --compact --expire 7d --orphans
    """
    from olo_jupyter.errors import OloError
    from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
    from olo_jupyter.lakehouse.errors import QueryError
    from olo_jupyter.lakehouse.maintenance import run

    if expire is None and not orphans and not compact:
        raise typer.BadParameter("say what to do: --compact, --expire OLDER_THAN or --orphans (any of them)")
    if retain_last is not None and expire is None:
        raise typer.BadParameter("--retain-last goes with --expire")
    chores = run.Chores(
        expire=None if expire is None else _moment(expire),
        retain_last=retain_last,
        orphans=_age(older_than) if orphans else None,
        compact=compact,
        dry_run=dry_run,
    )
    failed = False
    with open_session(target) as session, _bar(as_json) as on_step:
        engine = session.engine("embedded")
        assert isinstance(engine, EmbeddedEngine)
        names = _names(session, tables or [])
        if not names:
            raise OloError("There is no table here.", code="table-not-found", hint="Name one, or choose a --target.")
        for name in names:
            on_step(str(name), 0.0)
            try:
                done = run.maintain(engine, name, chores, on_step)
            except QueryError as error:
                failed = True
                if as_json:
                    print_json({"table": str(name), "error": error_json(error)})
                else:
                    sys.stderr.write(f"error: {error_text(error)}\n")
                continue
            if as_json:
                print_json({"table": str(name), "dry_run": dry_run, **done.as_json()})
            else:
                sys.stdout.write(_told(done, chores))
    if failed:
        raise typer.Exit(FAILED)


def _names(session: Session, given: list[str]) -> list[TableName]:
    from olo_jupyter.lakehouse.names import TableName

    if given:
        return [session.name(text) for text in dict.fromkeys(given)]
    catalogs, catalog = session.catalogs, session.catalog
    return [
        TableName(catalog, namespace, table.lower())
        for namespace in catalogs.namespaces(catalog)
        for table in catalogs.tables(catalog, namespace)
    ]


def _moment(text: str) -> datetime:
    """``7d`` ago, or a time (UTC where it has no zone)."""
    from olo_jupyter.lakehouse.sql.procedures import duration

    try:
        return datetime.now(UTC) - duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--expire takes an age (7d, 36h) or a time (2026-01-31), not {text!r}") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _age(text: str) -> timedelta:
    from olo_jupyter.lakehouse.sql.procedures import duration

    try:
        age = duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"--older-than takes an age (7d, 36h), not {text!r}") from error
    if age < _LEAST_AGE:
        raise typer.BadParameter("--older-than must be 24h or more: younger files may belong to a write that runs")
    return age


@contextmanager
def _bar(as_json: bool) -> Iterator[OnStep]:
    """A progress bar on stderr, where somebody looks at it."""
    if as_json or not sys.stderr.isatty():
        yield lambda _what, _part: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda what, part: progress.update(task, description=escape(what), completed=part)


def _told(done: Maintained, chores: Chores) -> str:
    """What was done, for people."""
    would = "would be " if chores.dry_run else ""
    lines = [str(done.table)]
    if done.compacted is not None:
        each = done.compacted
        if not each.files_before:
            lines.append("compact: nothing to do")
        else:
            into = f"{_files(each.files_before)} ({_size(each.bytes_before)}) {would}rewritten into"
            after = f"{each.files_after}" + ("" if chores.dry_run else f" ({_size(each.bytes_after)})")
            proof = "" if chores.dry_run else f"; {each.rows} rows, the same before and after"
            lines.append(f"compact: {into} {after}{proof}")
    if done.expired is not None:
        gone = done.expired
        refs = f" and {', '.join(gone.refs)}" if gone.refs else ""
        lines.append(
            f"expire: {len(gone.snapshots)} of {len(gone.snapshots) + gone.kept} snapshots{refs} {would}expired, "
            f"{_files(gone.files.count)} ({_size(gone.files.bytes)}) {would}deleted"
        )
        lines += _left(gone.files.left)
    if done.orphans is not None:
        lines.append(
            f"orphans: {_files(done.orphans.files.count)} ({_size(done.orphans.files.bytes)}) {would}deleted, "
            f"{done.orphans.scanned} looked at, {done.orphans.young} too young"
        )
        if chores.dry_run:
            lines += [f"  {path}" for path in done.orphans.paths[:_SHOWN_PATHS]]
            more = len(done.orphans.paths) - _SHOWN_PATHS
            lines += [f"  and {more} more (--json lists all)"] if more > 0 else []
        lines += _left(done.orphans.files.left)
    return "\n  ".join(lines) + "\n"


def _left(paths: tuple[str, ...]) -> list[str]:
    return [f"  could not delete {path}" for path in paths[:_SHOWN_PATHS]]


def _files(count: int) -> str:
    return f"{count} file" + ("" if count == 1 else "s")


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TB"
