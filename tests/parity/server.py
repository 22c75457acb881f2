"""The Trino to ask: one that runs already, or one started for the while."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.services import trino


@contextlib.contextmanager
def server(uri: str | None = None) -> Iterator[str]:
    """The endpoint of a Trino: ``uri``, else the environment's ``TRINO_URL``, else one started here for the while."""
    given = uri or os.environ.get("TRINO_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="olo-trino-") as folder:
        service = trino.start(Path(folder))
        try:
            yield service.uri
        finally:
            service.stop()
