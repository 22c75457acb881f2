"""An Iceberg REST catalog: Iceberg's own reference server over PostgreSQL. It checks no rights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.cache import installed
from tests.services.java import COMPILER, compile_class, java
from tests.services.maven import copy_jars
from tests.services.postgres import Postgres
from tests.services.process import Process, free_port, http_answers

VERSION = "1.11.0"
"""The newest whose test jar, which holds the servlet, is published."""
JAVA = 17
CATALOG = "rest"

_JARS = {
    "lib": [
        f"org.apache.iceberg:iceberg-core:{VERSION}",
        f"org.apache.iceberg:iceberg-core:{VERSION}:tests",
        f"org.apache.iceberg:iceberg-aws:{VERSION}",
        f"org.apache.iceberg:iceberg-aws-bundle:{VERSION}",
        "org.apache.hadoop:hadoop-client-api:3.4.1",
        "org.apache.hadoop:hadoop-client-runtime:3.4.1",
        "org.eclipse.jetty.ee10:jetty-ee10-servlet:12.1.0",
        "org.postgresql:postgresql:42.7.7",
        "org.slf4j:slf4j-simple:2.0.17",
    ],
    "compiler": [COMPILER],
}
_SERVER = """import java.nio.file.*;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.rest.*;
import org.eclipse.jetty.ee10.servlet.*;
import org.eclipse.jetty.server.*;

public class RestServer {
    public static void main(String[] arguments) throws Exception {
        Properties given = new Properties();
        try (var file = Files.newBufferedReader(Path.of(arguments[1]))) { given.load(file); }
        Map<String, String> properties = new HashMap<>();
        given.forEach((key, value) -> properties.put((String) key, (String) value));
        var catalog = CatalogUtil.buildIcebergCatalog(properties.remove("name"), properties, new Configuration());
        var servlet = new RESTCatalogServlet(new RESTCatalogAdapter(catalog));
        var context = new ServletContextHandler();
        context.addServlet(new ServletHolder(servlet), "/*");
        var server = new Server(new java.net.InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])));
        server.setHandler(context);
        server.start();
        server.join();
    }
}
"""


@dataclass
class Rest:
    """A running REST catalog; its tables are files in ``folder``/warehouse."""

    port: int
    process: Process
    folder: Path

    @property
    def uri(self) -> str:
        """The endpoint, e.g. ``http://127.0.0.1:8181``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"ICEBERG_REST_URI": self.uri}

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def install() -> Path:
    """The server's folder in the cache (lib/), filled at the first call: 160 MB."""
    java(JAVA)
    return installed(f"iceberg-rest-{VERSION}", json.dumps([_JARS, _SERVER]), _build)


def start(folder: Path, postgres: Postgres, more: Mapping[str, str] | None = None) -> Rest:
    """Start a server that keeps its catalog in ``postgres`` and its tables in ``folder``.

    Args:
        more: Properties of the catalog over its own, e.g. a warehouse on S3.

    Raises:
        ServiceError: It didn't come up; the message carries the end of its log.
    """
    home, port = install(), free_port()
    warehouse = folder / "warehouse"
    warehouse.mkdir(exist_ok=True)
    properties = folder / "catalog.properties"
    properties.touch(mode=0o600)
    values = {
        "name": CATALOG,
        "type": "jdbc",
        "uri": postgres.jdbc,
        "jdbc.user": postgres.user,
        "jdbc.password": postgres.password,
        "jdbc.schema-version": "V1",
        "warehouse": f"file://{warehouse}",
        **(more or {}),
    }
    properties.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
    command = [str(java(JAVA)), "-Xmx256M", "-XX:-UsePerfData", "-cp", f"{home / 'lib'}/*"]
    process = Process([*command, "RestServer", str(port), str(properties)], folder / "rest.log", cwd=folder)
    process.wait_until(http_answers(f"http://127.0.0.1:{port}/v1/config"), 60, "The Iceberg REST catalog")
    return Rest(port, process, folder)


def _build(target: Path) -> None:
    copy_jars(_JARS, target)
    lib = target / "lib"
    compile_class("RestServer", _SERVER, java(JAVA), target / "compiler", lib, lib / "olo-rest-server.jar")
