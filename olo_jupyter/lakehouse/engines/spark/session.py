"""The Spark sessions that statements run in: the user's own where there is one, else one that is made here.

Translated statements run in a session beside it (same server or context, own settings and temporary views), so that
nothing of the user's is changed. Native ones run in the user's own.
"""

from __future__ import annotations

import socket
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from olo_jupyter.config import Settings
from olo_jupyter.engine_settings import SparkSettings
from olo_jupyter.lakehouse.engines.spark.catalogs import spark_conf
from olo_jupyter.lakehouse.engines.spark.errors import is_spark_error, to_query_error
from olo_jupyter.lakehouse.errors import QueryError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JARS = "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0"
_DRIVERS = {
    "jdbc:postgresql": "org.postgresql:postgresql:42.7.7",
    "jdbc:sqlite": "org.xerial:sqlite-jdbc:3.50.3.0",
    "jdbc:mysql": "com.mysql:mysql-connector-j:9.4.0",
}
_EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"

_PATIENCE_SECONDS = 10
_RETRIES = 6
"""Of a call that fails on its way to the server: about 20 s."""
_OURS = "_olo_made"

FIXED = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
    "spark.sql.variable.substitute": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.groupByOrdinal": "true",
    "spark.sql.orderByOrdinal": "true",
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.storeAssignmentPolicy": "ANSI",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
}
"""Settings on which the meaning of a translated statement rests."""


def is_connect(session: SparkSession) -> bool:
    """Whether it is a session of Spark Connect."""
    return type(session).__module__.startswith("pyspark.sql.connect")


class Sessions:
    """The sessions of one engine.

    Args:
        settings: The project's; ``engines.spark`` says where Spark is, ``catalogs`` what it must know.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._spark = settings.engines.spark or SparkSettings()
        self._lock = threading.Lock()
        self._own: SparkSession | None = None
        self._beside: tuple[SparkSession, SparkSession] | None = None
        self._prepared: set[int] = set()

    def native(self) -> SparkSession:
        """The user's running session, else one that is made.

        Raises:
            QueryError: Java, a jar or the server is missing; the hint says what to do.
        """
        with self._lock:
            return self._native()

    def translated(self) -> SparkSession:
        """A session beside :meth:`native` whose settings are :data:`FIXED` and that knows the catalogs of olo.yml."""
        with self._lock:
            base = self._native()
            if self._beside is None or self._beside[0] is not base:
                made = self._make_beside(base)
                try:
                    self._prepare(made)
                except Exception as error:
                    if not is_spark_error(error):
                        raise
                    raise to_query_error(error) from error
                self._beside = (base, made)
            return self._beside[1]

    def close(self) -> None:
        """Stop what was made here; the user's session goes on."""
        with self._lock:
            beside, own, self._beside, self._own = self._beside, self._own, None, None
            if beside is not None and is_connect(beside[1]):
                beside[1].stop()
            if own is not None and (beside is None or own is not beside[1]):
                own.stop()

    def _native(self) -> SparkSession:
        running = running_session()
        if running is not None and self._fits(running):
            return running
        if self._own is None:
            made: Any = self._connect() if self._spark.remote else self._start()
            setattr(made, _OURS, True)
            self._own = made
        return self._own

    def _fits(self, session: SparkSession) -> bool:
        """A project that names a server wants statements to run there."""
        if getattr(session, _OURS, False):
            return False  # another engine's of this process
        remote = self._spark.remote
        if remote is None:
            return True
        return is_connect(session) and _place(remote) == _place(f"sc://{_endpoint(session)}")

    def _connect(self) -> SparkSession:
        from pyspark.errors import PySparkException

        settings = self._spark
        url = str(settings.remote)
        if settings.token is not None:
            separator = ";" if "/;" in url else "/;"
            url = f"{url.rstrip('/')}{separator}token={settings.token.read(self._settings.user)}"
        _listens(url)
        try:
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession as Connect
        except ImportError as error:
            raise QueryError(
                f"Spark Connect needs a package that isn't installed here: {error}",
                code="engine-not-found",
                hint="Install it: pip install 'olo-jupyter[spark]', then restart the kernel.",
            ) from error
        try:
            made: Any = Connect.builder.remote(url).create()
            # By itself the client tries for ten minutes.
            made.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
            made.version  # noqa: B018  (the first call to the server)
        except (PySparkException, OSError, ValueError) as error:
            raise to_query_error(error) from error
        except Exception as error:
            if not is_spark_error(error):
                raise
            raise to_query_error(error) from error
        return made

    def _start(self) -> SparkSession:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        settings = self._spark
        builder = SparkSession.builder.master(settings.master or "local[*]").appName("olo")
        conf = {
            "spark.sql.extensions": _EXTENSIONS,
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.session.timeZone": "UTC",
            **self._catalogs(),
        }
        if not {"spark.jars", "spark.jars.packages", "spark.driver.extraClassPath"} & settings.conf.keys():
            drivers = {
                driver for start, driver in _DRIVERS.items() if any(value.startswith(start) for value in conf.values())
            }
            conf["spark.jars.packages"] = ",".join([JARS, *sorted(drivers)])
        for key, value in {**conf, **settings.conf}.items():
            builder = builder.config(key, value)
        try:
            session: SparkSession = builder.getOrCreate()
        except (PySparkException, OSError) as error:
            if "JAVA_GATEWAY_EXITED" in str(error) or isinstance(error, FileNotFoundError):
                raise QueryError(
                    "Spark needs Java 17 or 21, which isn't there or didn't start.",
                    code="engine-not-configured",
                    hint="Install a JDK and set JAVA_HOME, or name a Spark Connect server: engines.spark.remote.",
                ) from error
            raise to_query_error(error) from error
        except Exception as error:
            if not is_spark_error(error):
                raise
            raise to_query_error(error) from error
        session.sparkContext.setLogLevel("ERROR")
        return session

    def _make_beside(self, base: SparkSession) -> SparkSession:
        if not is_connect(base):
            return base.newSession()
        if base is self._own:
            return base
        from pyspark.sql.connect.session import SparkSession as Connect

        client: Any = base.client
        made: Any = Connect.builder.channelBuilder(client._builder).create()
        return made

    def _prepare(self, session: SparkSession) -> None:
        for key, value in FIXED.items():
            if session.conf.get(key, None) != value:
                session.conf.set(key, value)
        known = self._catalogs()
        for spark_name in self.names().values():
            if session.conf.get(f"spark.sql.catalog.{spark_name}", None) is None:
                for key, value in known.items():
                    if key == f"spark.sql.catalog.{spark_name}" or key.startswith(f"spark.sql.catalog.{spark_name}."):
                        session.conf.set(key, value)

    def names(self) -> dict[str, str]:
        """Catalog of olo.yml → its name in Spark."""
        given = self._spark.catalogs
        return {name: given.get(name, name) for name in self._settings.catalogs}

    def _catalogs(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, spark_name in self.names().items():
            settings = self._settings.catalogs[name]
            if settings.access == "trino":
                continue
            try:
                found |= spark_conf(name, spark_name, settings)
            except QueryError:
                continue  # said when a statement names it
        return found


def _place(url: str) -> tuple[str, int]:
    """Host and port of an address ``sc://…``.

    Example:
        >>> _place("sc://spark.example.org/;token=x")
        ('spark.example.org', 15002)
    """
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 15002


def _endpoint(session: SparkSession) -> str:
    client: Any = session.client
    return str(client._builder.endpoint)


def _listens(url: str) -> None:
    """Raise at once where nobody is there.

    Raises:
        QueryError: ``engine-not-reachable``.
    """
    host, port = _place(url)
    try:
        with socket.create_connection((host, port), timeout=_PATIENCE_SECONDS):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise to_query_error(ConnectionError(f"{host}:{port}: {reason}")) from error


def running_session() -> SparkSession | None:
    """The session that runs in this process, if pyspark was imported at all."""
    if "pyspark.sql.connect.session" in sys.modules:
        connect = sys.modules["pyspark.sql.connect.session"].SparkSession
        active = connect.getActiveSession()
        if active is not None and not active.is_stopped:
            return active
    if "pyspark.sql" in sys.modules:
        classic = sys.modules["pyspark.sql.session"].SparkSession
        active = classic._instantiatedSession
        if active is not None and active._sc._jsc is not None:
            return active
    return None
