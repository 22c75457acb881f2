"""What the routes and the poller look at: the project at a folder, read again when its olo.yml changes."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from olo_jupyter.backends.registry import backend_for
from olo_jupyter.config import CONFIG_FILE, CatalogSettings, Settings, find_root, load_settings
from olo_jupyter.jobs.ended import EndedRuns
from olo_jupyter.server.folder import Folder, Stamp, stamp

if TYPE_CHECKING:
    from olo_jupyter.backends.lineage.base import LineageBackend
    from olo_jupyter.backends.lineage.intake import Intake
    from olo_jupyter.backends.mlflow.base import ExperimentTracker
    from olo_jupyter.jobs.store import RunStore
    from olo_jupyter.lakehouse.catalog import Catalogs
    from olo_jupyter.lakehouse.session import Session
    from olo_jupyter.project.project import Project
    from olo_jupyter.server.following import Following
    from olo_jupyter.server.watch import Watch
    from olo_jupyter.store.database import Database


def sqlite_file(settings: CatalogSettings) -> Path | None:
    """The database of a catalog that keeps its metadata in an SQLite file, else None."""
    _, found, path = settings.properties.get("uri", "").partition("sqlite:///")
    return Path(path.partition("?")[0]) if found and settings.type == "sql" else None


@dataclass(frozen=True)
class Opened:
    """A project with what hangs on its settings; each part is imported and opened when first asked for."""

    settings: Settings
    ended: EndedRuns = field(default_factory=EndedRuns)

    @cached_property
    def catalogs(self) -> Catalogs:
        """The project's catalogs."""
        from olo_jupyter.lakehouse.catalog import Catalogs

        return Catalogs(self.settings)

    @cached_property
    def session(self) -> Session:
        """The way into the lakehouse for what the panels show; statements may run on it from several threads."""
        from olo_jupyter.lakehouse.session import Session

        session = Session(self.settings)
        session.catalogs = self.catalogs
        session.engine("embedded")  # here, so that two first statements don't start one each
        return session

    @cached_property
    def project(self) -> Project:
        """The project's files."""
        from olo_jupyter.project.project import Project

        return Project(self.settings)

    @cached_property
    def job_folder(self) -> Folder:
        """The folder of the job files, for who looks whether one changed."""
        return Folder(self.settings.root / "jobs", ".yml")

    @cached_property
    def query_folder(self) -> Folder:
        """The folder of the saved queries, for who looks whether one changed."""
        from olo_jupyter.project.queries import FOLDER

        return Folder(self.settings.root / FOLDER, ".sql")

    @cached_property
    def lineage_backend(self) -> LineageBackend:
        """Lineage as it is stored; :meth:`lineage` is the one to ask."""
        return cast("LineageBackend", backend_for(self.settings, "lineage").connect(self.settings))

    @cached_property
    def _intake(self) -> Intake:
        from olo_jupyter.backends.lineage.intake import Intake

        name = backend_for(self.settings, "lineage").name
        return Intake(self.events_path, self.lineage_backend, name)

    @property
    def events_path(self) -> Path:
        """The file of the lineage events of this machine's runs, whether it is there or not."""
        return self.settings.state / "lineage" / "events.jsonl"

    @cached_property
    def experiments(self) -> ExperimentTracker:
        """The experiment tracker.

        Raises:
            BackendError: experiments-not-configured: olo.yml names none.
        """
        return cast("ExperimentTracker", backend_for(self.settings, "experiments").connect(self.settings))

    @cached_property
    def watch(self) -> Watch:
        """Looks at the configured services."""
        from olo_jupyter.server.services import services
        from olo_jupyter.server.watch import Watch

        return Watch(services(self))

    def lineage(self) -> LineageBackend:
        """The lineage backend, with the events of this machine's runs taken in.

        Raises:
            OloError: It is not set up rightly, or can't be reached.
        """
        self._intake.take()
        return self.lineage_backend

    def take_in_lineage(self) -> bool:
        """Take in some of the new events of this machine's runs; whether all are in.

        Raises:
            OloError: As :meth:`lineage`.
        """
        return self._intake.take(parts=1)

    @cached_property
    def database(self) -> Database:
        """The store: audit, events."""
        from olo_jupyter.store.database import Database, store_url

        return Database(store_url(self.settings))

    @cached_property
    def following(self) -> Following:
        """The orchestrators and logs that browsers look at."""
        from olo_jupyter.server.following import Following

        return Following(self.settings, self.ended)

    @property
    def runs_path(self) -> Path:
        """The file of the run records, whether it is there or not."""
        return self.settings.state / "runs.db"

    def close(self) -> None:
        """Close what was opened."""
        for part in ("session", "catalogs", "lineage_backend", "experiments", "watch", "following", "database"):
            if part in self.__dict__:
                self.__dict__[part].close()

    def runs(self) -> RunStore | None:
        """The run records; None where nothing ran yet (looking must not make files)."""
        from olo_jupyter.jobs.store import RunStore

        return RunStore(self.runs_path) if self.runs_path.exists() else None


class Workspace:
    """The project that holds at a folder. Safe to use from several threads.

    Args:
        folder: A folder in the project, or one without a project.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._stamp: tuple[Path | None, Stamp] | None = None
        self._opened: Opened | None = None
        self.ended = EndedRuns()
        """What ended on other machines; sums go on where olo.yml changes."""

    def open(self) -> Opened:
        """The project as olo.yml says now.

        Raises:
            ConfigError: olo.yml isn't valid; asking again after it was mended works.
        """
        with self._lock:
            now = self.config_stamp()
            if self._opened is None or now != self._stamp:
                settings = load_settings(self.folder)
                if self._opened is not None:
                    self._opened.close()
                self._opened, self._stamp = Opened(settings, self.ended), now
            return self._opened

    def close(self) -> None:
        """Let go of what was opened."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def config_stamp(self) -> tuple[Path | None, Stamp]:
        """Which olo.yml holds, and its stamp; OLO_PROJECT wins, as in load_settings."""
        named = os.environ.get("OLO_PROJECT")
        root = Path(named) if named else find_root(self.folder)
        return root, stamp(root / CONFIG_FILE) if root else None
