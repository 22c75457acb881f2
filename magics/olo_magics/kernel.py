"""What one kernel holds: the session, the notebook-wide pin, the recorder, the results of SQL cells."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from olo_jupyter.promotion.project_address import bring
from olo_magics.recorder import Recorder

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from olo_jupyter.lakehouse.result import Result
    from olo_jupyter.lakehouse.session import Session
    from olo_jupyter.promotion.capture import SqlRun
    from olo_magics.known_names import KnownNames
    from olo_magics.spark_reads import SparkReads


@dataclass
class Kernel:
    """The state behind the magics of one kernel."""

    shell: InteractiveShell
    recorder: Recorder
    as_of: str = ""
    sql_runs: dict[str, SqlRun] = field(default_factory=dict)
    """The last run of each SQL cell, by cell id."""
    last: Result | None = None
    """What the last statement gave."""
    warned: set[tuple[str, int]] = field(default_factory=set)
    """Tables and snapshots that the user was warned of: they may expire."""

    spark_reads: SparkReads | None = None
    """Pins PySpark's own reads; made with the first notebook-wide pin."""

    @cached_property
    def session(self) -> Session:
        """The lakehouse, opened at first use: the project at or above the notebook's folder."""
        from olo_jupyter.lakehouse.session import Session

        bring()
        return Session.from_environment()

    @cached_property
    def known_names(self) -> KnownNames:
        """What completion knows of the catalogs."""
        from olo_magics.known_names import KnownNames

        return KnownNames(self)

    @property
    def variables(self) -> dict[str, Any]:
        """The user's namespace."""
        variables: dict[str, Any] = self.shell.user_ns
        return variables

    @property
    def cell(self) -> str:
        """Id of the cell that runs now."""
        current = self.recorder.current
        return current.cell if current else ""

    @property
    def notebook(self) -> str:
        """Name of the notebook's file, as the front end tells it; '' where it doesn't."""
        told = self.variables.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or ""
        return PurePath(str(told)).name

    def pin_spark(self) -> None:
        """Let the notebook-wide pin hold for PySpark's own reads, too."""
        from olo_magics.spark_reads import SparkReads

        if self.spark_reads is None:
            self.spark_reads = SparkReads(self.shell, self.session)
        self.spark_reads.hold()

    def unregister(self, shell: InteractiveShell) -> None:
        """Take back what the extension registered, and close the session if there is one."""
        if self.spark_reads is not None:
            self.spark_reads.unregister(shell)
        self.recorder.unregister(shell)
        if "session" in self.__dict__:
            self.session.close()


Command = Callable[[Kernel, str, "str | None"], Any]
"""One subcommand: the kernel, the rest of the line, the cell's body (None for a line magic)."""
