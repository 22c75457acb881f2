"""What one run of the benchmarks is told: where it keeps its data, and which scales it measures."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from olo_jupyter.config import CatalogSettings, EmbeddedSettings, Settings
from tests.services.cache import folder


@dataclass(frozen=True)
class Options:
    """What one run is told.

    Args:
        cache: Folder where data is kept between runs.
        scales: TPC-H's scale factors to measure; scale 10 is measured for its memory.
        full: Measure with the full counts (1,000 queries, 50 moments of interruption), else a tenth of them.
    """

    cache: Path
    scales: tuple[int, ...] = (1,)
    full: bool = True

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Options:
        """What ``make bench`` passes on: ``OLO_CACHE``, ``SCALE`` (``10``: scale 10 besides 1), ``QUICK``."""
        more = tuple(int(scale) for scale in environ.get("SCALE", "").split(",") if scale.strip())
        return cls(folder() / "bench", tuple(dict.fromkeys((1, *more))), not environ.get("QUICK"))


def lake_settings(folder: Path, embedded: EmbeddedSettings | None = None) -> Settings:
    """The settings of a project whose one catalog ``dev`` lies in ``folder``: a SQLite file and a warehouse."""
    properties = {"uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/warehouse"}
    return Settings(
        root=folder,
        user="bench",
        state=folder / "state",
        catalogs={"dev": CatalogSettings(properties=properties)},
        embedded=embedded or EmbeddedSettings(),
    )
