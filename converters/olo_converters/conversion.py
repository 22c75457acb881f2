"""What a conversion is asked for and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from olo_converters.artefact import Artefact
from olo_converters.capture import Capture, ProjectFacts, Row
from olo_converters.findings import Finding
from olo_converters.notebook import Notebook
from olo_converters.options import PromoteOptions


@dataclass(frozen=True)
class Example:
    """Small frozen inputs and what the artefact gives on them, for the generated tests.

    Args:
        inputs: Rows by input: full table name (dbt) or argument name (Python). Sensitive values are already synthetic.
        expected: Rows that come out. None: not computed; the test then checks columns only.
        covered, missed: For rows made so that the branches of the SQL count: the names of those that do, and don't.
    """

    inputs: Mapping[str, tuple[Row, ...]]
    expected: tuple[Row, ...] | None = None
    covered: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """One promotion to convert.

    Args:
        name: Of the artefact, e.g. ``daily_delays``; checked.
        source: Variable or cell id that is promoted; None: the variable ``name``, else the nearest result above the
            promoting cell (``at``), else the last result of the notebook.
        at: Id of the promoting cell: the target's value is the one it has there. None: at the notebook's end.
        example: Inputs and expected rows of the generated tests; ``Conversion.inputs`` tells what is needed.
        examples: Those of dbt models by name, of the ones that stand before the target, too: a unit test each.
        recorded: Path of the notebook as the repository names it, for provenance in the artefacts.
        job: Name of its job and of what is made beside it, '' for the artefact's name.
        tidy: Whether Python is formatted and linted; else the caller does that for many artefacts at once.
    """

    notebook: Notebook
    name: str
    options: PromoteOptions = field(default_factory=PromoteOptions)
    source: str | None = None
    at: str | None = None
    capture: Capture = field(default_factory=Capture)
    project: ProjectFacts = field(default_factory=ProjectFacts)
    example: Example | None = None
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    recorded: str = ""
    job: str = ""
    tidy: bool = True

    @property
    def promotion(self) -> str:
        """The name that stays, also where the repository gave the model another one."""
        return self.job or self.name


@dataclass(frozen=True)
class Input:
    """Something an artefact reads at its edge.

    Args:
        key: The key in ``Example.inputs``: a table's full name (dbt) or the argument's name (Python).
        sql: Trino SQL that gives its rows ('' for a whole table: ``table``); bind ``parameters``.
        rows: A sample with synthetic values in place of sensitive ones.
    """

    key: str
    table: str = ""
    sql: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Conversion:
    """What a conversion gives. With an ``error`` among the findings the artefacts must not be published.

    Args:
        kind: What the target became.
        name: Of the artefact: the model, or the module.
        relation: ``namespace.table`` that the artefact writes.
        cells: Ids of the cells that went into it, in order.
        slice: The notebook's own source that gives the target.
        artefacts: Files to write, each with its whole text (edits of existing files included).
        vars: dbt vars (dbt) or keyword arguments of ``main`` (Python) with their seen values.
        required: dbt vars without a default in the artefacts, with their seen values: each run has to be given them.
        inputs: What it reads, for examples and evidence.
        query: The SELECT as Trino SQL with each ``inputs`` table named by ``example_name(key)`` in place of its own:
            run it over the example's rows to get ``Example.expected`` (dbt only).
        entry: ``package.module:function`` of the pure function, called with the example's inputs (Python only).
        main: ``package.module:main`` (Python only).
        depends_on: Models of earlier promotions that it reads.
        staged: Models among the artefacts that it reads, upstream ones first.
        models: Those models as conversions of their own.
        steps: Python modules among the artefacts whose tables it reads: (name, ``package.module:main``), in order.
        script: SQL among the artefacts that the job runs first, '' for none.
        prepared: Full names of the tables that it writes.
        is_incremental: A run of the model goes on from what its table has.
        uses_random, uses_clock: The value can't be expected to repeat.
    """

    kind: Literal["dbt", "python"]
    name: str
    relation: str
    cells: tuple[str, ...]
    slice: str
    artefacts: tuple[Artefact, ...]
    findings: tuple[Finding, ...]
    vars: Mapping[str, Any] = field(default_factory=dict)
    required: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    query: str = ""
    entry: str = ""
    main: str = ""
    depends_on: tuple[str, ...] = ()
    staged: tuple[str, ...] = ()
    models: tuple[Conversion, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    script: str = ""
    prepared: tuple[str, ...] = ()
    is_incremental: bool = False
    uses_random: bool = False
    uses_clock: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether a finding stops the promotion."""
        return any(finding.severity == "error" for finding in self.findings)


def example_name(key: str) -> str:
    """The result name under which ``Conversion.query`` reads an input.

    Example:
        >>> example_name("dev.silver.flights")
        'example_dev_silver_flights'
    """
    return "example_" + "".join(char if char.isalnum() else "_" for char in key.lower())
