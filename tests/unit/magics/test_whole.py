"""The rows of a result for a front end that wants more than the notebook keeps."""

from __future__ import annotations

import base64
from typing import Any

import pyarrow as pa
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from olo_magics.whole import ROWS_TYPE, publish_rows

from .conftest import Run


def _published(shell: InteractiveShell, query_id: str, fingerprint: str) -> Any:
    with capture_output() as captured:
        publish_rows(shell, query_id, fingerprint)
    return captured.outputs[0].data[ROWS_TYPE]


def test_a_result_gives_all_its_rows_once_more(run: Run, shell: InteractiveShell) -> None:
    kept = run("%%olo sql\nSELECT n FROM UNNEST(sequence(1, 5000)) AS t (n)").provenance
    data = _published(shell, kept.query_id, kept.fingerprint)
    with pa.ipc.open_stream(base64.b64decode(data["preview"])) as reader:
        assert reader.read_all()["n"].to_pylist() == list(range(1, 5001))


def test_another_result_is_never_given_in_its_place(run: Run, shell: InteractiveShell) -> None:
    kept = run("%%olo sql\nSELECT 1 AS n").provenance
    for query_id, fingerprint in ((kept.query_id, "another"), ("another", kept.fingerprint), ("", "")):
        assert "run the cell again" in _published(shell, query_id, fingerprint)["failure"]
