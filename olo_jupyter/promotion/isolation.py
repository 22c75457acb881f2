"""A project beside the project: the same catalogs to read, and one of its own to write, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from olo_jupyter.config import CatalogSettings, Settings

CATALOG = "olo_verify"
_KERNELS_OWN = ("PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME", "MPLBACKEND", "IPYTHONDIR")


@dataclass(frozen=True)
class Isolation:
    """Where an artefact runs for its proof.

    Args:
        settings: The project's, with the catalog ``olo_verify`` besides; what runs here writes there only.
        folder: Its olo.yml, dbt profile, warehouse, logs and reports.
        sources: The catalog that tables without one are read from: where the notebook read them.
    """

    settings: Settings
    folder: Path
    sources: str

    def environment(self, source: Path, pins: str, report: Path) -> dict[str, str]:
        """The variables of a clean process: nothing of the kernel's own, the captured pins, the isolated catalog."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("JPY_", "OLO_", "DBT_"))}
        for name in _KERNELS_OWN:
            kept.pop(name, None)
        return {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
            "PYTHONPATH": str(source / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OLO_PROJECT": str(self.folder),
            "OLO_USER": self.settings.user,
            "OLO_STATE": str(self.folder / "state"),
            "OLO_TARGET": "sandbox",
            "OLO_CATALOG": CATALOG,
            "OLO_SANDBOX_CATALOG": CATALOG,
            "OLO_SOURCES": self.sources,
            "OLO_PINS": pins,
            "OLO_REPORT": str(report),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def write_profile(self, name: str) -> None:
        """dbt's profile ``name``: target ``sandbox`` writes the isolated catalog, whatever the project's own says."""
        own = {"type": "olo", "catalog": CATALOG, "schema": "gold", "threads": 1}
        outputs = {"sandbox": own, "sources": {**own, "catalog": self.sources}}
        profile = {name: {"target": "sandbox", "outputs": outputs}}
        (self.folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")


@contextmanager
def isolated(settings: Settings, sources: str) -> Iterator[Isolation]:
    """An isolated project in the state folder, removed at the end; only its owner can read it."""
    parent = settings.state / "verify"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        own = CatalogSettings(
            properties={"uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/warehouse"}
        )
        catalogs: Mapping[str, CatalogSettings] = {**settings.catalogs, CATALOG: own}
        inside = settings.model_copy(update={"catalogs": catalogs, "root": folder, "state": folder / "state"})
        values = inside.model_dump(mode="json", exclude={"root", "user", "state"}, exclude_none=True)
        (folder / "olo.yml").write_text(yaml.safe_dump(values), encoding="utf-8")
        yield Isolation(inside, folder, sources)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
