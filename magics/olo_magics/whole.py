"""More rows of a result than its cell's output keeps, for the grid of the front end that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.result import Result

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

ROWS_TYPE = "application/vnd.olo.rows+json"
MOST_ROWS = 100_000
MOST_BYTES = 64_000_000
"""What a page can hold well; the rest is for ``%olo export``."""


def publish_rows(shell: InteractiveShell, query_id: str, fingerprint: str) -> None:
    """Publish the rows of an earlier result, masked columns masked, or why that can't be.

    JupyterLab runs this silently: ``{"preview": Arrow stream in base64}``, else ``{"failure": text}``.

    Args:
        query_id: The result's, as its output keeps it.
        fingerprint: Likewise.
    """
    from IPython.display import display

    from olo_magics.render import arrow_stream

    result = _result(shell, query_id, fingerprint)
    data = (
        {"failure": "The kernel doesn't have this result any more: run the cell again."}
        if result is None
        else {"preview": arrow_stream(result, MOST_ROWS, MOST_BYTES)}
    )
    display({ROWS_TYPE: data}, raw=True)


def _result(shell: InteractiveShell, query_id: str, fingerprint: str) -> Result | None:
    kernel: Any = getattr(shell, "_olo_kernel", None)
    runs = getattr(kernel, "sql_runs", {})  # a kernel that ran no statement has the recorder alone
    known: list[Result] = [run.result for run in runs.values()]
    known += [value for value in shell.user_ns.values() if isinstance(value, Result)]
    for result in known:
        if (result.provenance.query_id, result.provenance.fingerprint) == (query_id, fingerprint):
            return result
    return None
