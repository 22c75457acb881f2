"""What maintenance did, or would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Files:
    """Files that went, or would go."""

    count: int = 0
    bytes: int = 0
    left: tuple[str, ...] = ()
    """Files that couldn't be deleted; nobody refers to them any more, --orphans finds them later."""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"count": self.count, "bytes": self.bytes, "left": list(self.left)}


@dataclass(frozen=True)
class Expired:
    """Snapshots and refs that were expired, and their files."""

    snapshots: tuple[int, ...] = ()
    refs: tuple[str, ...] = ()
    kept: int = 0
    files: Files = Files()

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "snapshots": list(self.snapshots),
            "refs": list(self.refs),
            "kept": self.kept,
            "files": self.files.as_json(),
        }


@dataclass(frozen=True)
class Orphans:
    """Files that nothing refers to. ``paths`` are those that went, or would go."""

    paths: tuple[str, ...] = ()
    files: Files = Files()
    scanned: int = 0
    active: int = 0
    manifests: int = 0
    young: int = 0
    """Orphans that are too young to go: a write that runs may own them."""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "paths": list(self.paths),
            "files": self.files.as_json(),
            "scanned": self.scanned,
            "active": self.active,
            "young": self.young,
        }


@dataclass(frozen=True)
class Compacted:
    """Data files that were rewritten into fewer; ``rows`` and ``fingerprint`` are the same before and after."""

    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    delete_files: int = 0
    rows: int = 0
    snapshot_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return dict(vars(self))


OnStep = Callable[[str, float], None]
"""Called while work goes on: what is done, and which part of it (0 to 1)."""


def silent(_what: str, _part: float) -> None:
    """For those who don't watch."""
