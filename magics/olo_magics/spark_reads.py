"""The notebook-wide pin and PySpark: its reads are pinned from the next cell on, whenever it is imported."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from olo_jupyter.lakehouse.engines.spark.pinned_reads import PinnedReads
    from olo_jupyter.lakehouse.session import Session


class SparkReads:
    """Keeps PySpark's reading methods pinned while the session has a notebook-wide pin. Made when one is first set."""

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        self._session = session
        self._reads: PinnedReads | None = None
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)
        self.hold()

    def unregister(self, shell: InteractiveShell) -> None:
        """Stop, and give PySpark its own methods back."""
        shell.events.unregister("pre_run_cell", self._before)
        shell.events.unregister("post_run_cell", self._after)
        if self._reads is not None:
            self._reads.remove()

    def hold(self) -> bool:
        """Pin the methods of what is imported of pyspark; whether this was the first time."""
        if self._session.as_of is None or "pyspark.sql" not in sys.modules:
            return False
        first = self._reads is None
        if self._reads is None:
            from olo_jupyter.lakehouse.engines.spark.pinned_reads import PinnedReads

            self._reads = PinnedReads(self._session)
        self._reads.install()
        return first

    def _before(self, _info: Any) -> None:
        self.hold()

    def _after(self, _result: Any) -> None:
        if self.hold():
            from olo_jupyter.lakehouse.engines.spark.pinned_reads import NotPinnedWarning

            message = "Not pinned: what PySpark has read in this cell, which imported it. Run the cell again."
            warnings.warn(message, NotPinnedWarning, stacklevel=2)
