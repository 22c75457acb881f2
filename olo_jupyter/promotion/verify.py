"""The proof: run the artefact in a clean process at the captured snapshots, and compare what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.project import LAYERS
from olo_jupyter.promotion.compare import Comparison, Rows, compare
from olo_jupyter.promotion.isolation import CATALOG, Isolation
from olo_jupyter.promotion.step import Step, StepError, run_step

Status = Literal["verified", "different", "unverified"]


@dataclass(frozen=True)
class Verification:
    """The outcome of the proof.

    Args:
        status: ``verified`` only where the artefact ran at the captured snapshots and gave the notebook's rows.
        reason: Why not, in one sentence; '' for verified.
        engine: The engine that it ran on.
        comparison: None where nothing could be compared.
        reads: Snapshots that the artefact really read.
        tests: Names of the dbt tests that passed.
        failed: dbt tests that failed, with their messages.
        stepped: For an incremental model, the snapshots that it was stepped through.
    """

    status: Status
    reason: str = ""
    engine: str = ""
    comparison: Comparison | None = None
    reads: Mapping[str, int] = field(default_factory=dict)
    tests: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    stepped: tuple[Mapping[str, int], ...] = ()


def verify(
    source: Path,
    steps: Sequence[Step],
    relation: str,
    expected: Rows,
    pins: Mapping[str, int],
    isolation: Isolation,
    sensitive: Collection[str] = (),
    namespaces: Collection[str] = (),
    on_step: Callable[[str], None] = lambda _: None,
    before: Sequence[Mapping[str, int]] = (),
) -> Verification:
    """Run ``steps`` from ``source``, upstream ones first, and compare the last one's table with ``expected``.

    Args:
        source: The project's files, as they will be committed.
        relation: ``namespace.table`` that the last step writes; dbt's own record of it wins.
        expected: The notebook's rows.
        pins: Snapshot id of every table that the notebook read, by full name.
        sensitive: Columns whose values no evidence may show.
        namespaces: Those that the steps write besides.
        on_step: Told what happens.
        before: Earlier snapshots of those tables, oldest first: everything runs at each of them, then at ``pins``, so
            that an incremental model goes on from what it has.
    """
    engine = isolation.settings.default_engine
    passed: list[str] = []
    failed: list[str] = []
    reads: dict[str, int] = {}
    _create_namespaces(isolation, [relation.rpartition(".")[0], *namespaces])
    try:
        for at, earlier in enumerate(before, start=1):
            on_step(f"step {at} of {len(before) + 1}")
            for step in steps:
                run_step(step, steps, source, isolation, earlier, {}, with_tests=False)
        for step in steps:
            on_step(f"run {step.name}")
            built, good, bad = run_step(step, steps, source, isolation, pins, reads, with_tests=not before)
            relation = built or relation
            passed += good
            failed += bad
        if pins and not reads:
            raise StepError("it read none of the tables that the notebook read")
        on_step("compare")
        actual = _read_back(relation, isolation)
    except StepError as error:
        failed += error.failed
        return Verification("unverified", str(error), engine, reads=reads, tests=tuple(passed), failed=tuple(failed))
    try:
        comparison = compare(expected, actual, sensitive)
    except OloError as error:
        reason = f"the rows can't be compared: {error.message}"
        return Verification("unverified", reason, engine, reads=reads, tests=tuple(passed), failed=tuple(failed))
    reason = "" if comparison.same else _difference(comparison)
    return Verification(
        "verified" if comparison.same else "different", reason, engine, comparison, reads, tuple(passed), tuple(failed)
    )


def _create_namespaces(isolation: Isolation, names: Iterable[str]) -> None:
    """The namespaces that a target has: modules and scripts don't create their own."""
    with Session(isolation.settings, catalog=CATALOG) as session:
        catalog = session.catalogs.catalog(CATALOG)
        for namespace in dict.fromkeys((*LAYERS, *names)):
            catalog.create_namespace_if_not_exists(tuple(namespace.split(".")))


def _read_back(relation: str, isolation: Isolation) -> Rows:
    namespace, _, table = relation.rpartition(".")
    with Session(isolation.settings, catalog=CATALOG, namespace=namespace) as session:
        try:
            result = session.execute(f"SELECT * FROM {TableName(CATALOG, namespace, table)}")
        except OloError as error:
            raise StepError(
                f"the table {relation} that it should have written can't be read: {error.message}"
            ) from error
        return Rows(result.columns, result.arrow)


def _difference(comparison: Comparison) -> str:
    if comparison.schema:
        return f"the columns differ: {'; '.join(comparison.schema)}"
    notebook, artefact = comparison.rows
    if notebook != artefact:
        return f"the notebook has {notebook:,} rows, the artefact {artefact:,}"
    return f"the same number of rows ({notebook:,}), but values differ"
