"""``olo costs``, ``olo backup``, ``olo restore``."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from olo_jupyter.cli.asked import Which, connected
from olo_jupyter.cli.output import print_json, print_table

_AGE = re.compile(r"(\d+)([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def costs(
    by: Annotated[
        Literal["job", "target", "user", "engine"], typer.Option(help="job, target, user or engine.")
    ] = "job",
    since: Annotated[str, typer.Option(help="A day, or an age such as 24h, 30d, 4w.")] = "30d",
    target: Annotated[
        str | None, typer.Option(help="Jobs of this target, where they run: `orchestrators` in olo.yml.")
    ] = None,
    orchestrator: Which = None,
    as_json: JsonOption = False,
) -> None:
    """Show what jobs, targets, people or engines used and cost: CPU hours and bytes scanned, times prices in olo.yml.

    Jobs and targets count what their tasks used on this machine, with --target what they used where its jobs run
    (Airflow: the last try of each task); people and engines the statements in the history.

    Examples:

        olo costs --by job --since 7d

        olo costs --target prod

        olo costs --by user --since 2026-11-01 --json
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.costs import costs as use_case
    from olo_jupyter.jobs.costs import task_costs

    settings, begin = project_settings(), _moment(since)
    if target is None and orchestrator is None:
        found = use_case(settings.state, settings.prices, by, begin)
    elif by == "job" or by == "target":
        with connected(target or "sandbox", orchestrator) as asked:
            found = task_costs(asked.usage(begin), settings.prices, by)
    else:
        raise typer.BadParameter(f"costs by {by} are of statements, which no target has: leave out --target")
    currency = settings.prices.currency
    if as_json:
        print_json({"by": by, "since": since, "currency": currency, "costs": [asdict(one) for one in found]})
        return
    rows = [
        (
            one.name,
            "" if one.cpu_hours is None else f"{one.cpu_hours:.3f}",
            f"{one.bytes_scanned / 1e9:.3f}",
            "no price" if one.cost is None else f"{one.cost:.2f}",
        )
        for one in found
    ]
    unpriced = any(one.cost is None for one in found)
    hint = "Set prices: {cpu_hour: …, tib_scanned: …} in olo.yml." if unpriced else ""
    print_table((by, "CPU hours", "GB scanned", currency), rows, caption=hint if rows else "Nothing ran since then.")


def backup(
    archive: Annotated[Path, typer.Argument(help="The archive to write: .tar.gz.")],
    as_json: JsonOption = False,
) -> None:
    """Back up the project's state folder: run records, history, lineage, logs. Runs may go on meanwhile.

    Example:

        olo backup state-2026-11-27.tar.gz
    """
    from olo_jupyter.backup import back_up
    from olo_jupyter.config import project_settings

    settings = project_settings()
    made = back_up(settings.state, archive)
    if as_json:
        print_json(asdict(made))
    else:
        typer.echo(f"{made.files} files, {made.bytes:,} bytes of {settings.state} are in {archive}.")


def restore(
    archive: Annotated[Path, typer.Argument(help="An archive that olo backup made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Also over records that are there: they are kept beside.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup back as the project's state folder. A damaged archive changes nothing.

    Examples:

        olo restore state-2026-11-27.tar.gz

        OLO_STATE=/srv/trial olo restore state-2026-11-27.tar.gz
    """
    from olo_jupyter.backup import restore as use_case
    from olo_jupyter.config import project_settings

    settings = project_settings()
    made, kept = use_case(archive, settings.state, force=force)
    if as_json:
        print_json({**asdict(made), "kept": str(kept) if kept else None})
        return
    typer.echo(f"{made.files} files, {made.bytes:,} bytes are in {settings.state}.")
    if kept is not None:
        typer.echo(f"What was there is in {kept}.")


def _moment(text: str) -> datetime:
    if found := _AGE.fullmatch(text.strip()):
        return datetime.now(UTC) - int(found[1]) * _UNITS[found[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is neither a day (2026-11-01) nor an age (24h, 30d, 4w)") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
