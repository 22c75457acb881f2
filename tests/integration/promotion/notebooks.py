"""Notebooks that ran: cells executed in order against a real session, as a kernel would record them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olo_converters.capture import CellRun
from olo_converters.magic_line import parse_sql_line
from olo_converters.notebook import Notebook, parse_notebook
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.capture import Observed, SqlRun
from olo_jupyter.promotion.promote import PromotionRequest

_BINDABLE = (bool, int, float, str)


@dataclass
class Ran:
    """A notebook after its cells ran."""

    notebook: Notebook
    observed: Observed
    path: Path

    def request(self, name: str, **more: Any) -> PromotionRequest:
        return PromotionRequest(name, self.notebook, self.path, observed=self.observed, **more)


def notebook_of(cells: Sequence[tuple[str, str]]) -> Notebook:
    documents = [
        {"id": name, "cell_type": "code", "source": source, "outputs": [], "execution_count": number, "metadata": {}}
        for number, (name, source) in enumerate(cells, start=1)
    ]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": documents})
    return parse_notebook(text, "notebooks/flights.ipynb")


def run(cells: Sequence[tuple[str, str]], session: Session, root: Path) -> Ran:
    """Execute the cells: SQL by the session, Python here."""
    variables: dict[str, Any] = {}
    results: list[SqlRun] = []
    runs: list[CellRun] = []
    for number, (name, source) in enumerate(cells, start=1):
        if source.startswith("%%olo sql"):
            line, _, body = source.partition("\n")
            wanted = parse_sql_line(line.removeprefix("%%olo sql"))
            values = {key: value for key, value in variables.items() if isinstance(value, _BINDABLE)}
            earlier = {key: value for key, value in variables.items() if isinstance(value, Result)}
            result = session.sql(body, parameters=values, limit=wanted.limit, results=earlier)
            results.append(SqlRun(name, wanted.result, result))
            variables[wanted.result] = result
        elif not source.startswith("%"):
            exec(source, variables)
            variables.pop("__builtins__", None)
        runs.append(CellRun(name, source, number))
    return Ran(notebook_of(cells), Observed(runs, results, variables), root / "notebooks" / "flights.ipynb")
