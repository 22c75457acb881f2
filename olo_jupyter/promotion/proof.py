"""What a proof needs: the notebook's rows, the snapshots it read, and the steps that give the artefact's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from olo_converters.conversion import Conversion
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.frames import of_frame
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.capture import SqlRun
from olo_jupyter.promotion.compare import Rows
from olo_jupyter.promotion.draft import Draft
from olo_jupyter.promotion.isolation import isolated
from olo_jupyter.promotion.merge import Record
from olo_jupyter.promotion.step import Step
from olo_jupyter.promotion.stepped import State, states
from olo_jupyter.promotion.verify import Verification, verify


@dataclass(frozen=True)
class Proof:
    """Everything to run and compare.

    Args:
        expected: The notebook's rows; None where there are none to compare with.
        reason: Why nothing can be proved; '' where it can.
        pins: Snapshot id of each table read, by full name.
        steps: Upstream promotions first, the promotion itself last.
        engine: The engine that gave the notebook's result.
        namespaces: Those that a script of the job writes.
    """

    expected: Rows | None
    reason: str
    pins: Mapping[str, int]
    steps: tuple[Step, ...]
    engine: str
    namespaces: tuple[str, ...] = ()


def prepare(draft: Draft, package: str, places: Mapping[str, str]) -> Proof:
    """What the proof of ``draft`` takes; a reason where it can't be done.

    Args:
        places: Where files are that the repository has moved, by their generated paths.
    """
    conversion = draft.conversion
    upstream = _upstream(conversion.depends_on, draft.known.records)
    cells = {*conversion.cells, draft.target.cell, *(cell for record in upstream for cell in record.cells)}
    runs = [run for run in draft.observed.results if run.cell in cells]
    pins, conflict = _pins(runs, conversion.prepared)
    steps = [
        Step(record.model) if record.kind == "dbt" else Step(record.name, f"{package}.{record.name}:main")
        for record in upstream
    ]
    tests = next((a.path for a in conversion.artefacts if conversion.main and a.kind == "test"), "")
    # As a job would run it: by its own defaults. Given the seen values, it would hide a default that isn't one of them.
    required = dict(conversion.required)
    if conversion.script:
        steps.append(Step(conversion.name, script=places.get(conversion.script, conversion.script)))
    steps += [Step(name, main) for name, main in conversion.steps]
    steps += [Step(name, values=required) for name in conversion.staged]
    steps.append(Step(conversion.name, _placed(conversion.main, places), places.get(tests, tests), required))
    engine = next((run.result.provenance.engine for run in runs), "")
    expected, reason = _expected(draft)
    if conversion.uses_random or conversion.uses_clock:
        what = "random draws" if conversion.uses_random else "the clock"
        reason = reason or f"it depends on {what}: a second run gives another result"
    return Proof(expected, reason or conflict, pins, tuple(steps), engine, _namespaces(conversion.prepared))


def verified(
    source: Path,
    proof: Proof,
    conversion: Conversion,
    sensitive: Collection[str],
    session: Session,
    on_step: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Run the proof on the project's files in ``source``: a full build, and for an incremental model its steps, too.

    Args:
        sensitive: Columns whose values no evidence may show.
        on_step: Told what happens.
    """
    assert proof.expected is not None

    def once(before: Sequence[State]) -> Verification:
        assert proof.expected is not None
        with isolated(session.settings, session.catalog) as isolation:
            return verify(
                source,
                proof.steps,
                conversion.relation,
                proof.expected,
                proof.pins,
                isolation,
                sensitive,
                proof.namespaces,
                on_step,
                before,
            )

    whole = once(())
    if not conversion.is_incremental or whole.status != "verified":
        return whole
    through, reason = states(proof.pins, session)
    if reason:
        return replace(whole, status="unverified", reason=f"a full refresh gives the notebook's rows, but {reason}")
    done = once(through[:-1])
    again = f"stepped through {len(through)} snapshots it is not what a full refresh gives: {done.reason}"
    return replace(
        whole,
        status=done.status,
        reason=again if done.status != "verified" else "",
        comparison=done.comparison or whole.comparison,
        stepped=through,
    )


def _namespaces(tables: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(".".join(table.split(".")[1:-1]) for table in tables if table.count(".") > 1))


def _placed(main: str, places: Mapping[str, str]) -> str:
    """A function as ``module:name``, of the module where the repository has it.

    Example:
        >>> _placed("flights.score:main", {"src/flights/score.py": "src/flights/late/score.py"})
        'flights.late.score:main'
    """
    module, _, name = main.partition(":")
    place = places.get(f"src/{module.replace('.', '/')}.py", "")
    return f"{place.removeprefix('src/').removesuffix('.py').replace('/', '.')}:{name}" if place else main


def _upstream(names: tuple[str, ...], records: Mapping[str, Record]) -> list[Record]:
    """The promotions that it builds on, each after its own."""
    ordered: dict[str, Record] = {}

    def add(name: str, above: frozenset[str]) -> None:
        record = records.get(name)
        if record is None or name in ordered or name in above:
            return
        for other in record.depends_on:
            add(other, above | {name})
        ordered[name] = record

    for name in names:
        add(name, frozenset())
    return list(ordered.values())


def _pins(runs: list[SqlRun], made: tuple[str, ...]) -> tuple[dict[str, int], str]:
    """The snapshots that were read, but of tables that the artefact makes itself."""
    pins: dict[str, int] = {}
    for run in runs:
        for table, snapshot in run.result.provenance.snapshots.items():
            if table.partition("@")[0] in made:
                continue
            if pins.setdefault(table, snapshot) != snapshot:
                return pins, (
                    f"the notebook read {table} at snapshots {pins[table]} and {snapshot}: "
                    "run its cells again, so that all read one"
                )
    return pins, ""


def _expected(draft: Draft) -> tuple[Rows | None, str]:
    """The notebook's rows."""
    run = next((run for run in draft.observed.results if run.cell == draft.target.cell), None)
    if run is not None:
        return _of_result(run.result)
    name = draft.target.source
    if name not in draft.observed.variables:
        return None, f"the value of {name} is not in the notebook file: promote it from the live notebook"
    value = draft.observed.variables[name]
    if isinstance(value, Result):
        return _of_result(value)
    try:
        rows = of_frame(value)
    except OloError as error:
        return None, f"the value of {name} can't be compared: {error.message}"
    return Rows(rows.columns, rows.arrow), ""


def _of_result(result: Result) -> tuple[Rows | None, str]:
    if result.truncated:
        return None, "--limit cut the notebook's result: run the cell without it"
    provenance = result.provenance
    if len(result) == provenance.rows:
        return Rows(result.columns, result.arrow), ""
    if provenance.fingerprint:
        return Rows(result.columns, result.arrow, provenance.fingerprint, provenance.rows), ""
    return None, "the notebook file holds neither the rows nor their fingerprint: run the cell again"
