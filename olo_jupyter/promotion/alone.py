"""A plan without a project: from the notebook's text alone."""

from __future__ import annotations

from olo_converters.conversion import Request
from olo_converters.convert import convert
from olo_converters.notebook import Notebook
from olo_converters.options import PromoteOptions
from olo_jupyter.promotion.promote import Promotion


def plan_alone(
    notebook: Notebook, name: str, source: str | None, at: str | None = None, options: PromoteOptions | None = None
) -> Promotion:
    """What a promotion would write in a new project, where nothing is known but the notebook. Runs none of it.

    Args:
        name: Of the artefact.
        source: The variable or cell; None as in ``Request``.
        at: Id of the promoting cell; None: the notebook's end.
    """
    options = options or PromoteOptions()
    made = convert(Request(notebook, name, options, source, at))
    return Promotion(
        made.name,
        made.kind,
        options.layer,
        made.relation,
        "",
        "refused" if made.is_refused else "planned",
        made.artefacts,
        made.findings,
        cells=made.cells,
        slice=made.slice,
    )
