"""``%%olo promote``: from the cell to a branch with proof."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olo_converters.capture import CellRun
from olo_converters.magic_line import parse_promote_line
from olo_converters.notebook import Notebook, read_notebook
from olo_converters.options import parse_options
from olo_converters.promoting import promoting_cell
from olo_jupyter.errors import OloError
from olo_jupyter.promotion.capture import Observed, SqlRun
from olo_magics.failure import CellError
from olo_magics.kernel import Kernel
from olo_magics.promotion_view import PromotionView

if TYPE_CHECKING:
    from olo_jupyter.promotion.promote import Promotion

NOTEBOOK_VARIABLE = "OLO_NOTEBOOK"
PROGRESS_TYPE = "application/vnd.olo.promote+json"
"""What ``--json`` publishes: ``{"step": …}`` for each step, at last ``{"promotion": …, "succeeded": …}``."""


def promote(kernel: Kernel, line: str, cell: str | None) -> PromotionView | None:
    """``%%olo promote NAME [--from VARIABLE|CELL] [--plan] [--open-pr] [--no-verify] [--json]``, then YAML.

    Writes the dbt model (for an SQL result) or Python module, its tests and its job, proves in a clean process that it
    gives what the notebook gave, and pushes a branch. ``--plan`` only shows what would be written, ``--open-pr`` opens
    the pull request on GitHub, GitLab, Gitea or Forgejo (or brings the open one up to date), ``--no-verify`` publishes
    without the proof, as unverified. ``--json`` gives each step and the outcome, files included, as JSON for programs:
    JupyterLab's panel runs this. The body may hold:
    kind, layer, materialized, unique_key, time_column, schedule, tests, owner, tags, description, pins, from.
    """
    from olo_jupyter.promotion import promote as promotion

    wanted = parse_promote_line(line)
    path = notebook_path(kernel)
    notebook = read_notebook(path) if path is not None else None
    runs = _known_runs(kernel, notebook)
    at, source, body = _current_cell(kernel, notebook), wanted.source, cell or ""
    if wanted.as_json and at is None and notebook is not None:  # a program asks: the notebook's own cell counts
        at, line_there, body_there = promoting_cell(notebook, wanted.name)
        source = source or (line_there.source if line_there else None)
        body = body if body.strip() else body_there
    request = promotion.PromotionRequest(
        name=wanted.name,
        notebook=notebook,
        path=path,
        options=parse_options(body),
        source=source,
        at=at,
        observed=_observed(kernel, notebook, runs),
        open_pr=wanted.open_pr,
        verify=wanted.verify,
    )
    with _published() if wanted.as_json else _steps() as on_step:
        if wanted.plan:
            outcome = promotion.plan(request, kernel.session)
        else:
            from olo_jupyter.store.audit import audited

            kept = {"notebook": request.path.name if request.path else ""}
            with audited(kernel.session.settings, "promote", f"promotion/{request.name}", after=kept) as after:
                outcome = promotion.promote(request, kernel.session, on_step)
                after["status"] = outcome.status
    if wanted.as_json:
        _publish({"promotion": outcome.as_json(), "succeeded": outcome.succeeded})
        return None
    view = PromotionView(outcome)
    if wanted.plan:
        return view
    if outcome.publication is None:
        raise CellError(_refusal(outcome), view.lines())
    return view


def notebook_path(kernel: Kernel) -> Path | None:
    """The notebook's file, as far as anybody tells the kernel: VS Code, the environment, Jupyter Server."""
    told = kernel.variables.get("__vsc_ipynb_file__") or os.environ.get(NOTEBOOK_VARIABLE)
    told = told or os.environ.get("JPY_SESSION_NAME")
    if not told:
        return None
    candidates = [Path(told), Path.cwd() / Path(told).name]
    return next((path.resolve() for path in candidates if path.is_file()), None)


def _observed(kernel: Kernel, notebook: Notebook | None, runs: list[CellRun]) -> Observed | None:
    """What this kernel saw; None where it is new and ran nothing of the notebook: then the file's outputs tell."""
    ids = {cell.id for cell in notebook.cells} if notebook is not None else set()
    if kernel.recorder.current is None and ids and not any(run.cell in ids for run in runs):
        return None
    return Observed(runs, _known_results(kernel, runs), kernel.variables)


def _current_cell(kernel: Kernel, notebook: Notebook | None) -> str | None:
    current = kernel.recorder.current
    return _identified(current, notebook).cell if current is not None else None


def _known_runs(kernel: Kernel, notebook: Notebook | None) -> list[CellRun]:
    return [_identified(run, notebook) for run in kernel.recorder.runs]


def _identified(run: CellRun, notebook: Notebook | None) -> CellRun:
    """A run with the file's id of its cell, where the front end gave none: the cell with the same source."""
    if notebook is None or not run.cell.startswith("#"):
        return run
    same = [cell.id for cell in notebook.cells if cell.source.strip() == run.source.strip()]
    return replace(run, cell=same[0]) if len(same) == 1 else run


def _known_results(kernel: Kernel, runs: list[CellRun]) -> list[SqlRun]:
    ids = {original.cell: run.cell for original, run in zip(kernel.recorder.runs, runs, strict=True)}
    return [replace(run, cell=ids.get(run.cell, run.cell)) for run in kernel.sql_runs.values()]


def _refusal(outcome: Promotion) -> OloError:
    return OloError(f"{outcome.name} was not promoted: {outcome.status}.", code=f"promotion-{outcome.status}")


@contextmanager
def _published() -> Iterator[Callable[[str], None]]:
    """Publishes the step that runs now, for a front end that draws it."""
    yield lambda step: _publish({"step": step})


def _publish(data: dict[str, Any]) -> None:
    from IPython.display import display

    display({PROGRESS_TYPE: data, "text/plain": json.dumps(data, ensure_ascii=False)}, raw=True)


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Shows the step that runs now; gone when the promotion is through."""
    from IPython.display import clear_output

    def show(step: str) -> None:
        clear_output(wait=True)
        print(f"promote: {step} …")

    try:
        yield show
    finally:
        clear_output(wait=True)
