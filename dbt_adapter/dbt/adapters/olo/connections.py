"""Connections of dbt's threads, all on one session of the lakehouse."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dbt.adapters.contracts.connection import Connection, ConnectionState, Credentials
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.exceptions.connection import FailedToConnectError
from dbt.adapters.trino.connections import ConnectionWrapper, TrinoAdapterResponse, TrinoConnectionManager
from dbt_common.exceptions import DbtDatabaseError, DbtRuntimeError

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse import dbapi

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.session import Session

logger = AdapterLogger("Olo")


@cache
def leave_alone(_loaded: str) -> None:
    """Let the garbage collector leave alone what is loaded by now, once for each stage.

    It stays to dbt's end, and looking through it again and again took a tenth of a build.
    """
    gc.freeze()


@dataclass
class OloCredentials(Credentials):
    """What stands in profiles.yml under an output of type ``olo``.

    Args:
        database: The catalog (``catalog`` is an alias).
        schema: The namespace.
        project: Folder with olo.yml; default: OLO_PROJECT, else the nearest one at or above the working directory.
    """

    project: str | None = None
    # dbt-trino's code asks for these.
    prepared_statements_enabled: bool = True
    client_tags: list[str] | None = field(default=None)
    http_headers: dict[str, str] | None = field(default=None)

    _ALIASES = {"catalog": "database"}  # noqa: RUF012

    @property
    def type(self) -> str:
        return "olo"

    @property
    def unique_field(self) -> str:
        return str(Path(self.project or os.environ.get("OLO_PROJECT") or ".").resolve())

    def _connection_keys(self) -> tuple[str, ...]:
        return ("project", "database", "schema")


@dataclass
class OloAdapterResponse(TrinoAdapterResponse):
    """What a statement did, as run_results.json keeps it: snapshots as text, since JSON readers round big numbers.

    Args:
        snapshots_written: Snapshot id that each written table has now, by table name.
        snapshots_read: Snapshot id of each table read.
    """

    snapshots_written: dict[str, str] | None = None
    snapshots_read: dict[str, str] | None = None


class OloConnectionManager(TrinoConnectionManager):
    """Opens a project's session once for the process; dbt's threads share its engine, and so one memory limit."""

    TYPE = "olo"

    _sessions: ClassVar[dict[tuple[str, ...], Session]] = {}
    _opening = threading.Lock()

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:  # noqa: ARG002 - dbt's signature
        """Turn the DB-API's errors into dbt's, without a second copy of the statement."""
        try:
            yield
        except dbapi.Error as error:
            logger.debug(f"olo error {error.query_error.code}: {error}")
            raise DbtDatabaseError(str(error)) from error
        except OloError as error:
            raise DbtDatabaseError(error.message) from error
        except (DbtRuntimeError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise DbtRuntimeError(f"{type(error).__name__}: {error}") from error

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """A connection on the process's session.

        Raises:
            FailedToConnectError: The project's configuration or its catalog is wrong.
        """
        if connection.state == ConnectionState.OPEN:
            return connection
        try:
            handle = dbapi.connect(session=cls._shared_session(connection.credentials))
        except OloError as error:
            raise FailedToConnectError(" ".join(filter(None, (error.message, error.hint)))) from error
        connection.handle = ConnectionWrapper(handle, True)  # type: ignore[no-untyped-call]
        connection.state = ConnectionState.OPEN
        return connection

    @classmethod
    def _shared_session(cls, credentials: Any) -> Session:
        place = (credentials.unique_field, credentials.database, credentials.schema)
        with cls._opening:
            if place not in cls._sessions:
                opened = dbapi.connect(
                    credentials.project, catalog=credentials.database, schema=credentials.schema
                ).session
                opened.catalogs.catalog(credentials.database)
                opened.engine("embedded")
                cls._sessions[place] = opened
                leave_alone("manifest and lakehouse")
            return cls._sessions[place]

    @classmethod
    def release_sessions(cls) -> None:
        """Close the sessions: their memory, their spill folders and their catalogs' databases."""
        with cls._opening:
            for session in cls._sessions.values():
                session.close()
            cls._sessions.clear()

    def cleanup_all(self) -> None:
        """dbt is done: close its connections and the sessions."""
        super().cleanup_all()
        self.release_sessions()

    @classmethod
    def get_response(cls, cursor: Any) -> OloAdapterResponse:
        """What the last statement did."""
        response = TrinoConnectionManager.get_response(cursor)
        provenance = cursor._cursor.provenance
        written = {name: str(snapshot) for name, snapshot in provenance.written.items()} if provenance else {}
        read = {name: str(snapshot) for name, snapshot in provenance.snapshots.items()} if provenance else {}
        return OloAdapterResponse(
            _message=response._message,
            query=response.query,
            query_id=response.query_id,
            rows_affected=response.rows_affected,
            snapshots_written=written or None,
            snapshots_read=read or None,
        )

    def set_query_overrides(self, client_tags: Any, http_headers: Any) -> None:
        """Routing is for Trino's gateways; the embedded engine has none."""

    def clear_query_overrides(self) -> None:
        """As :meth:`set_query_overrides`."""
