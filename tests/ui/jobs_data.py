"""Jobs and runs to look at: a job of several tasks in every state, a long log with colours, odd names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from openlineage.client.uuid import generate_new_uuid

from olo_jobs.activity import Activity
from olo_jupyter.backends.lineage.file import LineageFile
from olo_jupyter.jobs.records import RunRecord, State, TaskRun
from olo_jupyter.jobs.store import RunStore

LONG = 1_000_000
"""Lines of the long log."""
ODD = "<b>é</b> & 🙂 " + "very_" * 90 + "long"

PIPELINE = """\
version: 1
name: carrier_report
description: From the raw flights to the report that the carriers get.
owner: ana
tags: [daily, report]
schedule: {cron: "30 5 * * mon-fri", timezone: Europe/Berlin}
parameters:
  day: {type: date, default: "{{ logical_date }}", description: The day to report.}
  threshold: {type: integer, default: 15, minimum: 0, maximum: 240, description: Minutes that count as late.}
  mode: {type: string, default: full, enum: [full, quick]}
tasks:
  - name: ingest
    shell: {command: 'for i in 1 2 3 4 5 6; do printf "\\033[32mpart $i\\033[0m of 6 read\\n"; sleep 0.5; done'}
  - {name: flights, depends_on: [ingest], shell: {command: 'echo flights built'}}
  - {name: airlines, depends_on: [ingest], shell: {command: 'echo airlines built'}}
  - name: delays
    depends_on: [flights, airlines]
    shell: {command: 'test "$MODE" = full || { echo "quick is not built yet" >&2; exit 3; }'}
    env: {MODE: "{{ mode }}"}
  - {name: publish, depends_on: [delays], shell: {command: 'echo published'}}
"""
BROKEN = """\
version: 1
name: broken
tasks:
  - {name: one, shell: {command: [echo]}, depends_on: [nothing]}
"""
FAILURE = "test not_null_delays_carrier failed: 3 rows"
ORDER = ("ingest", "flights", "airlines", "delays", "publish")


def make_jobs(root: Path, state: Path) -> None:
    """Write job files and records of their runs."""
    (root / "jobs" / "carrier_report.yml").write_text(PIPELINE, encoding="utf-8")
    (root / "jobs" / "broken.yml").write_text(BROKEN, encoding="utf-8")
    store = RunStore(state / "runs.db")
    now = datetime.now(UTC)
    for number in range(12, 0, -1):
        failed = number in (1, 5)
        store.save(_run(state, f"report-{number}", now - timedelta(hours=24 * number - 3), failed=failed))
    odd = _run(state, "odd-names", now - timedelta(days=20), failed=True)
    odd.tasks[3].message = odd.message = ODD
    odd.parameters["mode"] = ODD
    store.save(odd)
    log = state / "runs" / "report-2" / "delays.log"
    with log.open("w", encoding="utf-8") as stream:
        for number in range(LONG):
            stream.write(f"\033[2m06:00:{number % 60:02}\033[0m \033[34mINFO\033[0m step {number} of {LONG} is done\n")
    (state / "runs" / "report-3" / "delays.log").write_bytes(b"\x00\x01\xff binary \x1b[31mred\n" + b"x" * 50_000)


def make_lineage(state: Path) -> None:
    """Events of runs: from two raw tables to a report, one test failing, column by column."""
    told = LineageFile(state / "lineage" / "events.jsonl", "flights")
    flights = [("flight", "bigint"), ("carrier", "varchar"), ("dep_delay", "integer")]
    ways = {
        "ingest": Activity(
            reads={"dev.bronze.flights": 11},
            writes={"dev.silver.flights": 21},
            rows={"dev.silver.flights": 336_776},
            columns={"dev.silver.flights": flights},
            sources={"dev.silver.flights": {name: [("dev.bronze.flights", name)] for name, _ in flights}},
        ),
        "delays": Activity(
            reads={"dev.silver.flights": 21, "dev.silver.airlines": 22},
            writes={"dev.gold.delays": 31},
            rows={"dev.gold.delays": 1_204},
            columns={"dev.gold.delays": [("carrier_name", "varchar"), ("mean_delay", "double")]},
            sources={
                "dev.gold.delays": {
                    "carrier_name": [("dev.silver.airlines", "name")],
                    "mean_delay": [("dev.silver.flights", "dep_delay")],
                }
            },
        ),
        "publish": Activity(
            reads={"dev.gold.delays": 31}, writes={"dev.gold.report": 41}, rows={"dev.gold.report": 16}
        ),
        "score": Activity(reads={"dev.gold.delays": 31}, writes={"dev.gold.scores": 51}, rows={"dev.gold.scores": 16}),
    }
    for task, activity in ways.items():
        run = str(generate_new_uuid())
        told.emit("START", job=f"carrier_report.{task}", run_id=run)
        failed = task == "score"
        told.emit(
            "FAIL" if failed else "COMPLETE",
            job=f"carrier_report.{task}",
            run_id=run,
            activity=activity,
            error="3 rows without a carrier" if failed else "",
        )


def _run(state: Path, id: str, at: datetime, *, failed: bool) -> RunRecord:
    folder = state / "runs" / id
    folder.mkdir(parents=True, exist_ok=True)
    tasks = []
    states: dict[str, State] = dict.fromkeys(ORDER, "success")
    if failed:
        states |= {"delays": "failed", "publish": "skipped"}
    begun = at
    for index, name in enumerate(ORDER):
        seconds = (41, 94, 62, 133, 12)[index]
        start = begun + timedelta(seconds=(0, 42, 42, 137, 271)[index])
        log = folder / f"{name}.log"
        log.write_text(
            f"\033[1m{name}\033[0m begins\n\033[33mWARN\033[0m 3 rows without a carrier were left out\n"
            + (f"\033[31mError:\033[0m {FAILURE}\n" if states[name] == "failed" else "")
        )
        ran = states[name] != "skipped"
        tasks.append(
            TaskRun(
                name=name, kind=("python", "dbt", "dbt", "dbt", "http")[index], state=states[name], attempts=int(ran),
                started=start if ran else None, ended=start + timedelta(seconds=seconds) if ran else None,
                rows=(None, 336_776, 16, 1_204, None)[index] if states[name] == "success" else None,
                writes={"dev.silver.flights": 6_214_387_651_234_567_891} if name == "flights" else {},
                tests_passed=4 if name == "delays" else 0, log=str(log),
                message=FAILURE if states[name] == "failed" else "",
            )
        )  # fmt: skip
    return RunRecord(
        id=id, job="carrier_report", target="dev", user="ana", ref="main", state="failed" if failed else "success",
        started=at, moment=at, ended=at + timedelta(seconds=285), tasks=tasks,
        parameters={"day": at.date().isoformat(), "threshold": 15, "mode": "full"},
    )  # fmt: skip
