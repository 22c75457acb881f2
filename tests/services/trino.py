"""Trino 483 from Maven's jars: a coordinator that is its own worker, with the catalogs the tests need.

Catalogs: ``tpch``, ``tpcds``, ``memory`` and, beside a PostgreSQL, ``iceberg`` (JDBC catalog, ``file:`` warehouse) and
``guarded``: the same tables under Trino's file-based access control.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.cache import installed
from tests.services.java import COMPILER, compile_class, java
from tests.services.maven import copy_jars
from tests.services.postgres import Postgres
from tests.services.process import Process, free_port, http_answers

VERSION = "483"
JAVA = 25
CATALOG = "lake"
"""Name of the shared Iceberg catalog: PyIceberg's SqlCatalog of this name on the same database sees the same tables."""

GUARDED_RULES = {
    "schemas": [{"user": "ana", "owner": False}, {"owner": True}],
    "tables": [
        {
            "user": "ana",
            "schema": "guarded",
            "table": "people",
            "privileges": ["SELECT"],
            "filter": "region = 'north'",
            "columns": [{"name": "salary", "mask": "CAST(NULL AS integer)"}],
        },
        {"user": "ana", "privileges": []},
        {"privileges": ["SELECT", "INSERT", "DELETE", "UPDATE", "OWNERSHIP"]},
    ],
}
"""The rules of the catalog ``guarded``: ana sees the people of the north, without what they earn."""

_PLUGINS = {
    "iceberg": "io.trino.plugin.iceberg.IcebergPlugin",
    "tpch": "io.trino.plugin.tpch.TpchPlugin",
    "tpcds": "io.trino.plugin.tpcds.TpcdsPlugin",
    "memory": "io.trino.plugin.memory.MemoryPlugin",
}
_CATALOGS: Mapping[str, Mapping[str, str]] = {
    # The standard's own column names (c_custkey) and exact money: the queries of TPC-H run as they are written.
    "tpch": {"tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL"},
    "tpcds": {},
    "memory": {"memory.max-data-per-node": "512MB"},
}
_JARS = {
    "lib": ["io.trino:trino-main"],
    **{f"plugin/{name}": [f"io.trino:trino-{name}"] for name in _PLUGINS},
    "plugin/iceberg/hdfs": ["io.trino:trino-hdfs"],
    "compiler": [COMPILER],
}
# By reflection, so that any compiler can make it without reading Trino's own classes.
_LAUNCHER = f"""public class Launcher {{
    public static void main(String[] arguments) throws Exception {{
        Class<?> server = Class.forName("io.trino.server.Server");
        server.getMethod("start", String.class).invoke(server.getConstructor().newInstance(), "{VERSION}");
    }}
}}
"""


@dataclass
class Trino:
    """A running Trino. ``uri`` is its HTTP endpoint; any user name, no password."""

    port: int
    process: Process
    folder: Path
    iceberg: bool

    @property
    def uri(self) -> str:
        """The endpoint, e.g. ``http://127.0.0.1:8080``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        catalogs = [*_CATALOGS, *(["iceberg", "guarded"] if self.iceberg else [])]
        return {"TRINO_URL": self.uri, "catalogs": ", ".join(catalogs)}

    @property
    def node(self) -> str:
        """Its name in its cluster."""
        return node_of(self.port)

    def running(self) -> bool:
        """Whether it takes queries."""
        return answering(self.port)()

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def node_of(port: int) -> str:
    """The name of the server on a port in its cluster."""
    return f"olo-{port}"


def answering(port: int) -> Callable[[], bool]:
    """A health check: whether the server on a port has started."""
    return http_answers(f"http://127.0.0.1:{port}/v1/info", lambda body: json.loads(body).get("starting") is False)


def install() -> Path:
    """Trino's folder in the cache (lib/, plugin/), filled at the first call: 480 MB, a few minutes."""
    java(JAVA)
    return installed(f"trino-{VERSION}", json.dumps([_JARS, _PLUGINS, _LAUNCHER]), _build)


def start(
    folder: Path,
    postgres: Postgres | None = None,
    more: Mapping[str, str] | None = None,
    *,
    quick: bool = True,
) -> Trino:
    """Start a server whose files are in ``folder``; with ``postgres`` it has the catalog ``iceberg``.

    Args:
        folder: Its files.
        postgres: Where the catalog ``iceberg`` is kept.
        more: Properties over its own.
        quick: Whether it starts fast rather than computes fast: see :func:`launch`.

    Raises:
        ServiceError: It didn't come up in time; the message carries the end of its log.
    """
    port = free_port()
    catalogs: dict[str, Mapping[str, str]] = {
        name: {"connector.name": name, **more} for name, more in _CATALOGS.items()
    }
    if postgres is not None:
        iceberg = _iceberg(postgres, folder / "warehouse")
        rules = folder / "guarded.json"
        rules.write_text(json.dumps(GUARDED_RULES))
        guard = {"iceberg.security": "file", "security.config-file": str(rules)}
        catalogs |= {"iceberg": iceberg, "guarded": {**iceberg, **guard}}
    process = launch(folder, port, {"http-server.http.port": str(port), **(more or {})}, catalogs, quick=quick)
    return Trino(port, process, folder, iceberg=postgres is not None)


def start_worker(folder: Path, coordinator: Trino) -> Trino:
    """Start a worker, which takes a part of the coordinator's queries, with files in ``folder``.

    Raises:
        ServiceError: It didn't come up in time; the message carries the end of its log.
    """
    port = free_port()
    own = {"coordinator": "false", "http-server.http.port": str(port), "discovery.uri": coordinator.uri}
    catalogs = {name: {"connector.name": name, **more} for name, more in _CATALOGS.items()}
    return Trino(port, launch(folder, port, own, catalogs), folder, iceberg=False)


def launch(
    folder: Path,
    port: int,
    config: Mapping[str, str],
    catalogs: Mapping[str, Mapping[str, str]],
    *,
    plugins: Path | None = None,
    quick: bool = True,
) -> Process:
    """Start a server and wait until it answers.

    Args:
        folder: Its files.
        port: The port that it listens on without TLS.
        config: Properties over the common ones.
        catalogs: Properties of each catalog, by name.
        plugins: A folder of plugins other than the installed one.
        quick: With Java's quick compiler only: it starts in half the time, and few queries of tests live long enough
            for the other one. False: as one runs it in earnest.

    Raises:
        ServiceError: It didn't come up in time; the message carries the end of its log.
    """
    home = install()
    etc = folder / "etc"
    (etc / "catalog").mkdir(parents=True, exist_ok=True)
    common = {
        "coordinator": "true",
        "node-scheduler.include-coordinator": "true",
        "discovery.uri": f"http://127.0.0.1:{port}",
        "query.max-memory": "1GB",
        "query.max-memory-per-node": "1GB",
        "memory.heap-headroom-per-node": "512MB",
        "plugin.dir": str(plugins or home / "plugin"),
        "catalog.config-dir": str(etc / "catalog"),
    }
    write_properties(etc / "config.properties", {**common, **config})
    write_properties(etc / "log.properties", {"io.trino.bootstrap": "WARN", "Bootstrap": "WARN", "io.airlift": "WARN"})
    for name, properties in catalogs.items():
        write_properties(etc / "catalog" / f"{name}.properties", properties)
    command = [
        str(java(JAVA)),
        "-Xmx2G",
        *(["-XX:TieredStopAtLevel=1"] if quick else []),
        "-XX:-UsePerfData",
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Djdk.attach.allowAttachSelf=true",
        "-Duser.timezone=UTC",
        "-Dfile.encoding=UTF-8",
        f"-Dnode.id={node_of(port)}",
        "-Dnode.environment=test",
        f"-Dnode.data-dir={folder / 'data'}",
        "-Dnode.bind-ip=127.0.0.1",
        "-Dnode.internal-address=127.0.0.1",
        f"-Dconfig={etc / 'config.properties'}",
        f"-Dlog.levels-file={etc / 'log.properties'}",
        "-cp",
        f"{home / 'lib'}/*",
        "Launcher",
    ]
    process = Process(command, folder / "trino.log", cwd=folder)
    process.wait_until(answering(port), 400, "Trino")
    return process


def _iceberg(postgres: Postgres, warehouse: Path) -> dict[str, str]:
    warehouse.mkdir(exist_ok=True)
    return {
        "connector.name": "iceberg",
        "iceberg.catalog.type": "jdbc",
        "iceberg.jdbc-catalog.catalog-name": CATALOG,
        "iceberg.jdbc-catalog.driver-class": "org.postgresql.Driver",
        "iceberg.jdbc-catalog.connection-url": postgres.jdbc,
        "iceberg.jdbc-catalog.connection-user": postgres.user,
        "iceberg.jdbc-catalog.connection-password": postgres.password,
        "iceberg.jdbc-catalog.default-warehouse-dir": f"file://{warehouse}",
        "fs.hadoop.enabled": "true",
    }


def write_properties(path: Path, properties: Mapping[str, str]) -> None:
    """Write a Java properties file."""
    path.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))


def _build(target: Path) -> None:
    copy_jars(_JARS, target, bom=f"io.trino:trino-root:{VERSION}")
    for name, plugin in _PLUGINS.items():
        make_plugin(target / "plugin" / name, plugin)
    launcher = target / "lib" / "olo-launcher.jar"
    compile_class("Launcher", _LAUNCHER, java(JAVA), target / "compiler", target / "none", launcher)


def make_plugin(place: Path, plugin: str) -> None:
    """Make a plugin of the jars in a folder: name its class, leave out what the server gives it."""
    # The server gives plugins these two itself; a second copy would be another class of the same name.
    for jar in [*place.glob("trino-spi-*.jar"), *place.glob("slice-*.jar")]:
        jar.unlink()
    with zipfile.ZipFile(place / "olo-service.jar", "w") as services:
        services.writestr("META-INF/services/io.trino.spi.Plugin", plugin + "\n")
