"""The generated test: the pure function on small frozen inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from olo_converters.capture import ColumnFact
from olo_converters.conversion import Example, Request
from olo_converters.python.checks import Check
from olo_converters.python.literals import literal, rows_literal
from olo_converters.python.source import FRAMES


def module_of_tests(
    request: Request,
    arguments: list[tuple[str, str, str]],
    frames: Mapping[str, str],
    example: Example,
    columns: tuple[ColumnFact, ...],
    target: str = "",
    checks: Sequence[Check] = (),
    returns: str = "Any",
) -> str:
    """The text of ``tests/unit/test_<name>.py``.

    Args:
        arguments: Of the entry function: (name, annotation, default or '').
        frames: Arguments that are frames, with the method that made them (``to_pandas``).
        columns: Of the result, as seen; with no expected rows only these are checked.
        target: The notebook's name of the result; ``checks``: its asserts on it.
        returns: The annotation of what the entry function gives.
    """
    name, package = request.name, request.project.package
    needs = {f"from {package}.{name} import {name}", "import pandas as pd"}
    body: list[str] = []
    call: list[str] = []
    for argument, _, default in arguments:
        if default:
            continue
        constant = argument.upper()
        body.append(f"{constant} = {rows_literal(example.inputs.get(argument, ()), needs)}")
        call.append(f"{argument}={_frame(constant, frames.get(argument, 'to_pandas'), needs)}")
    expected = example.expected
    if expected is not None:
        body.append(f"EXPECTED = {rows_literal(expected, needs)}")
    # A frame of another library, or what wasn't seen, can't be promised to a type checker.
    frame = "pd.DataFrame" if returns == "pd.DataFrame" else "Any"
    if frame == "Any":
        needs.add("from typing import Any")
    lines = [f"def result() -> {frame}:\n    return {name}({', '.join(call)})\n"]
    if columns:
        names = literal([column.name for column in columns], needs)
        lines.append(f"def test_columns() -> None:\n    assert list(result().columns) == {names}\n")
    elif expected is None:
        lines.append("def test_gives_a_result() -> None:\n    assert result() is not None\n")  # of a type nobody saw
    if expected is not None:
        lines.append(
            "def test_rows() -> None:\n"
            "    actual = result().reset_index(drop=True)\n"
            "    expected = pd.DataFrame(EXPECTED, columns=actual.columns)\n"
            "    pd.testing.assert_frame_equal(actual, expected, check_dtype=False)\n"
        )
    for number, check in enumerate(checks, start=1):
        needs.update(check.imports)
        names = "".join(f"    {line}\n" for line in check.names)
        lines.append(
            f"def check_{number}({target}: pd.DataFrame) -> None:\n"
            f'    """An assert of the notebook, cell {check.cell}."""\n{names}{check.text}\n\n\n'
            f"def test_check_{number}() -> None:\n    check_{number}(result())\n"
        )
    heading = f'"""Tests of {package}.{name} on small frozen inputs; values of sensitive columns are synthetic."""'
    imports = "from __future__ import annotations\n\n" + "\n".join(sorted(needs))
    return "\n\n".join([heading, imports, *body, *lines]) + "\n"


def _frame(constant: str, method: str, needs: set[str]) -> str:
    if FRAMES[method] == "polars":
        needs.add("import polars as pl")
        return f"pl.DataFrame({constant})"
    return f"pd.DataFrame({constant})"
