"""Which process it was: for records that must not stay "running" after their process is gone."""

from __future__ import annotations

import os
from pathlib import Path


def process_identity(pid: int) -> str:
    """A process as ``pid/start``, so that a reused pid is not taken for it; '' when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        return f"{pid}/{stat.rpartition(')')[2].split()[19]}"
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return f"{pid}/?"
    return f"{pid}/?"
