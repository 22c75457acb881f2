"""What every orchestrator must do: one suite, run against each of them (tests/unit/jobs, tests/services)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.errors import OloError
from olo_jupyter.jobs.orchestrator import Orchestrator
from olo_jupyter.jobs.query import JobQuery, RunQuery
from olo_jupyter.jobs.records import ENDED, RunRecord

ODD = 'it\'s "odd"; $(touch pwned) `touch pwned` ${HOME} %s | & > x\nsecond line 🙂 \\ {{ day }}'
DIAMOND = """\
version: 1
name: diamond
description: Two ways from one task to another.
owner: ana
tags: [demo]
schedule: {cron: "0 6 * * *", timezone: Europe/Berlin}
parameters:
  day: {type: date, default: "{{ logical_date }}"}
  word: {type: string, default: hello}
  count: {type: integer, default: 3, minimum: 1}
tasks:
  - {name: first, shell: {command: [printf, "<%s|%s|%s>\\\\n", "{{ word }}", "{{ day }}", "{{ count }}"]}}
  - {name: left, depends_on: [first], shell: {command: 'printf "<%s>\\n" "$WORD"'}, env: {WORD: "{{ word }}"}}
  - {name: right, depends_on: [first], shell: {command: [echo, right]}}
  - {name: last, depends_on: [left, right], shell: {command: 'test ! -e pwned'}}
"""
FLAKY = """\
version: 1
name: flaky
parameters: {marker: {type: string}}
tasks:
  - {name: before, shell: {command: 'echo before >> "$MARKER.runs"'}, env: {MARKER: "{{ marker }}"}}
  - name: fails
    depends_on: [before]
    retries: {attempts: 2, initial: 0s, max: 1s}
    shell: {command: 'echo try >> "$MARKER.tries"; test -e "$MARKER" || { echo not there yet; exit 3; }'}
    env: {MARKER: "{{ marker }}"}
  - {name: after, depends_on: [fails], shell: {command: 'true'}}
"""
SLOW = """\
version: 1
name: slow
parameters: {pidfile: {type: string}}
tasks:
  - name: sleeps
    shell: {command: 'sleep 300 & echo $! > "$PIDFILE"; echo started; wait'}
    env: {PIDFILE: "{{ pidfile }}"}
"""
PERSON = "-Zoë O'Neill <zoe@example.org>"
"""Who asks: a name as a Hub may have it, which must not be taken for an option."""
JOBS = {"diamond": DIAMOND, "flaky": FLAKY, "slow": SLOW}


class OrchestratorSuite:
    """The suite; a subclass gives the fixture ``orchestrator``, which serves JOBS, schedules turned on."""

    patience = 60.0
    """Seconds that a run of these jobs may take."""

    def ended(self, orchestrator: Orchestrator, id: str) -> RunRecord:
        return self.until(lambda: orchestrator.run(id), lambda record: record.state in ENDED)

    def until(self, look: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
        end = time.monotonic() + self.patience
        while not holds(found := look()):
            assert time.monotonic() < end, f"after {self.patience} s: {found}"
            time.sleep(0.2)
        return found

    def text(self, orchestrator: Orchestrator, id: str, task: str) -> str:
        text, after = "", ""
        while (part := orchestrator.log(id, task, after=after)).after != after:
            text, after = text + part.text, part.after
        return text

    def test_lists_the_jobs(self, orchestrator: Orchestrator) -> None:
        jobs = {job.name: job for job in orchestrator.jobs()}
        assert set(jobs) >= set(JOBS)
        assert list(jobs) == sorted(jobs)
        diamond = jobs["diamond"]
        assert (diamond.description, diamond.owner, diamond.tags) == (
            "Two ways from one task to another.", "ana", ("demo",),
        )  # fmt: skip
        assert "0 6 * * *" in diamond.schedule
        assert not diamond.problem

    def test_runs_a_diamond_with_odd_parameters(self, orchestrator: Orchestrator) -> None:
        record = orchestrator.trigger("diamond", {"word": ODD, "day": "2026-01-31", "count": 7}, by=PERSON)
        assert record.user == PERSON
        assert record.state not in ENDED or record.state == "success"
        record = self.ended(orchestrator, record.id)
        assert (record.state, {task.name: task.state for task in record.tasks}) == (
            "success", dict.fromkeys(("first", "left", "right", "last"), "success"),
        )  # fmt: skip
        assert self.text(orchestrator, record.id, "first") == f"<{ODD}|2026-01-31|7>\n"
        assert self.text(orchestrator, record.id, "left") == f"<{ODD}>\n"
        started = {task.name: task.started for task in record.tasks}
        ended = {task.name: task.ended for task in record.tasks}
        assert all(started["last"] >= ended[name] for name in ("left", "right"))
        assert (record.user, record.rerun_by, record.cancelled_by) == (PERSON, "", "")
        assert {run.id: run.user for run in orchestrator.runs("diamond")}[record.id] == PERSON
        used = {one.task: one for one in orchestrator.usage() if one.job == "diamond"}
        assert set(used) == {"first", "left", "right", "last"}
        assert all(one.cpu_seconds > 0 and one.memory_bytes > 0 and one.target for one in used.values())
        assert orchestrator.usage(datetime.now(UTC) + timedelta(hours=1)) == []
        assert record.id in [run.id for run in orchestrator.runs(limit=50)]

    def test_a_default_counts_in_the_schedules_zone(self, orchestrator: Orchestrator) -> None:
        record = self.ended(orchestrator, orchestrator.trigger("diamond", {}).id)
        moment = record.moment
        assert moment is not None
        from zoneinfo import ZoneInfo

        day = moment.astimezone(ZoneInfo("Europe/Berlin")).date()
        assert self.text(orchestrator, record.id, "first") == f"<hello|{day}|3>\n"

    def test_reruns_what_failed_only(self, orchestrator: Orchestrator, tmp_path: Path) -> None:
        marker = tmp_path / "marker"
        record = self.ended(orchestrator, orchestrator.trigger("flaky", {"marker": str(marker)}).id)
        assert (record.state, record.user) == ("failed", "ana")
        assert {task.name: task.state for task in record.tasks} == {
            "before": "success", "fails": "failed", "after": "skipped",
        }  # fmt: skip
        assert record.task("fails").attempts == 2
        assert "not there yet" in self.text(orchestrator, record.id, "fails")
        marker.touch()
        again = orchestrator.rerun(record.id, by=PERSON)
        assert again.id == record.id
        again = self.until(lambda: orchestrator.run(record.id), lambda run: run.state == "success")
        assert {task.state for task in again.tasks} == {"success"}
        assert (again.user, again.rerun_by, again.cancelled_by) == ("ana", PERSON, "")
        assert Path(f"{marker}.runs").read_text() == "before\n"
        assert Path(f"{marker}.tries").read_text() == "try\n" * 3
        with pytest.raises(OloError) as error:
            orchestrator.rerun(record.id)
        assert error.value.code == "nothing-to-rerun"

    def test_logs_grow_and_a_cancel_ends_every_process(self, orchestrator: Orchestrator, tmp_path: Path) -> None:
        pidfile = tmp_path / "pid"
        record = orchestrator.trigger("slow", {"pidfile": str(pidfile)})
        self.until(lambda: pidfile.exists() and pidfile.read_text().strip(), bool)
        part = self.until(lambda: orchestrator.log(record.id, "sleeps"), lambda part: "started" in part.text)
        assert not part.complete
        assert orchestrator.log(record.id, "sleeps", after=part.after).text == ""
        child = int(pidfile.read_text())
        record = orchestrator.cancel(record.id, by=PERSON)
        record = self.ended(orchestrator, record.id)
        assert (record.state, record.user, record.cancelled_by) == ("cancelled", "ana", PERSON)
        self.until(lambda: Path(f"/proc/{child}").exists() and _runs(child), lambda alive: not alive)
        record = orchestrator.cancel(record.id, by="somebody else")
        assert (record.state, record.cancelled_by) == ("cancelled", PERSON)
        again = orchestrator.rerun(record.id, by="ben")
        self.until(lambda: orchestrator.run(record.id), lambda run: run.state == "running")
        again = self.ended(orchestrator, orchestrator.cancel(record.id).id)
        assert (again.state, again.user, again.rerun_by, again.cancelled_by) == ("cancelled", "ana", "ben", "ana")

    def test_backfills_once(self, orchestrator: Orchestrator) -> None:
        start, end = date(2026, 3, 28), date(2026, 3, 30)  # clocks change in Berlin on the 29th
        expected = (
            datetime(2026, 3, 28, 5, tzinfo=UTC),
            datetime(2026, 3, 29, 4, tzinfo=UTC),
            datetime(2026, 3, 30, 4, tzinfo=UTC),
        )
        preview = orchestrator.preview("diamond", start, end)
        assert tuple(moment.astimezone(UTC) for moment in preview.moments) == expected
        assert not preview.runs
        orchestrator.backfill("diamond", start, end, {}, by=PERSON)
        done = self.until(
            lambda: orchestrator.preview("diamond", start, end).runs, lambda runs: set(runs) == set(expected)
        )
        assert self.text(orchestrator, done[expected[1]], "first") == "<hello|2026-03-29|3>\n"
        assert {orchestrator.run(run).user for run in done.values()} == {PERSON}
        self.until(lambda: self.backfilled_again(orchestrator, start, end), bool)
        time.sleep(2)
        assert orchestrator.preview("diamond", start, end).runs == done

    def backfilled_again(self, orchestrator: Orchestrator, start: date, end: date) -> bool:
        try:
            orchestrator.backfill("diamond", start, end, {})
        except OloError as error:
            assert error.code in ("backfill-active", "nothing-to-backfill", "airflow-unavailable")
            return error.code == "nothing-to-backfill"
        return True

    def test_finds_jobs_by_what_they_say_and_how_they_go(self, orchestrator: Orchestrator) -> None:
        record = self.ended(orchestrator, orchestrator.trigger("diamond", {}).id)
        for query in (JobQuery(text="MOND"), JobQuery(owner="ana", text="iam"), JobQuery(tag="demo", text="dia")):
            page = orchestrator.find_jobs(query)
            assert ([one.job.name for one in page.jobs], page.total) == (["diamond"], 1), query
        (diamond,) = page.jobs
        assert diamond.last is not None
        assert (diamond.last.id, diamond.last.state) == (record.id, "success")
        assert diamond.ended >= diamond.succeeded >= 1
        page = orchestrator.find_jobs(JobQuery(limit=1, offset=1))
        assert (len(page.jobs), page.total) == (1, len(orchestrator.jobs()))
        assert orchestrator.find_jobs(JobQuery(text="no such job")).total == 0
        assert "diamond" in [one.job.name for one in orchestrator.find_jobs(JobQuery(state="success")).jobs]
        assert "diamond" not in [one.job.name for one in orchestrator.find_jobs(JobQuery(state="failed")).jobs]

    def test_finds_runs_page_by_page(self, orchestrator: Orchestrator) -> None:
        ids = {self.ended(orchestrator, orchestrator.trigger("diamond", {"count": n}).id).id for n in (1, 2)}
        first = orchestrator.find_runs(RunQuery(job="diamond", limit=1))
        second = orchestrator.find_runs(RunQuery(job="diamond", limit=1, after=first.next))
        assert {run.id for page in (first, second) for run in page.runs} == ids
        found = orchestrator.find_runs(RunQuery(text="DIAM", states=("success",), limit=50))
        assert ids <= {run.id for run in found.runs}
        assert all(run.job == "diamond" and run.state == "success" for run in found.runs)
        failed = orchestrator.find_runs(RunQuery(job="diamond", states=("failed",))).runs
        assert not failed, [(run, self.text(orchestrator, run.id, "first")) for run in failed]

    def test_tells_changed_runs(self, orchestrator: Orchestrator, tmp_path: Path) -> None:
        before = orchestrator.changes().after
        pidfile = tmp_path / "pid"
        record = orchestrator.trigger("slow", {"pidfile": str(pidfile)})

        def told() -> RunRecord | None:
            nonlocal before
            changes = orchestrator.changes(before)
            before = changes.after
            return {run.id: run for run in changes.runs}.get(record.id)

        self.until(told, lambda run: run is not None and run.task("sleeps").state == "running")
        orchestrator.cancel(record.id)
        self.until(told, lambda run: run is not None and run.state == "cancelled")

    def test_shows_what_a_job_is_made_of(self, orchestrator: Orchestrator) -> None:
        shape = orchestrator.shape("diamond")
        waits = {task.name: set(task.depends_on) for task in shape.tasks}
        assert waits == {"first": set(), "left": {"first"}, "right": {"first"}, "last": {"left", "right"}}
        assert [task.name for task in shape.tasks][0::3] == ["first", "last"]
        properties = shape.parameters["properties"]
        assert list(properties) == ["day", "word", "count"]
        assert properties["day"]["format"] == "date"
        assert (properties["word"]["default"], properties["count"]["minimum"]) == ("hello", 1)
        assert shape.parameters["required"] == []

    def test_says_what_it_does_not_have(self, orchestrator: Orchestrator) -> None:
        for code, call in (
            ("job-not-found", lambda: orchestrator.trigger("nope", {})),
            ("job-not-found", lambda: orchestrator.preview("nope", date(2026, 1, 1), date(2026, 1, 2))),
            ("job-not-found", lambda: orchestrator.shape("nope")),
            ("run-not-found", lambda: orchestrator.run("diamond/nope")),
            ("run-not-found", lambda: orchestrator.log("diamond/nope", "first")),
            ("run-not-found", lambda: orchestrator.cancel("nope")),
            ("bad-parameter", lambda: orchestrator.trigger("diamond", {"count": 0})),
        ):
            with pytest.raises(OloError) as error:
                call()
            assert error.value.code == code, error.value.message

    def test_versions(self, orchestrator: Orchestrator) -> None:
        versions = orchestrator.versions("diamond")
        assert versions
        assert [version.number for version in versions] == sorted((one.number for one in versions), reverse=True)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
