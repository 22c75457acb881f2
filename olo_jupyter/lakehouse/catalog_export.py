"""A catalog of olo.yml as other engines are told of it: Trino's catalog properties, Spark's configuration.

Secrets are taken out: Trino reads them from its environment, for Spark they are named beside the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from olo_jupyter.config import CatalogSettings
from olo_jupyter.lakehouse.engines.spark.catalogs import spark_conf
from olo_jupyter.lakehouse.errors import QueryError

For = Literal["trino", "spark"]

_SECRET = re.compile(r"password|secret|credential|token|access-key", re.IGNORECASE)
_DRIVERS = {"postgresql": "org.postgresql.Driver", "mysql": "com.mysql.cj.jdbc.Driver"}
_OAUTH2 = {
    "credential": "iceberg.rest-catalog.oauth2.credential",
    "token": "iceberg.rest-catalog.oauth2.token",
    "scope": "iceberg.rest-catalog.oauth2.scope",
    "oauth2-server-uri": "iceberg.rest-catalog.oauth2.server-uri",
}
_S3 = {
    "s3.endpoint": "s3.endpoint",
    "s3.region": "s3.region",
    "s3.access-key-id": "s3.aws-access-key",
    "s3.secret-access-key": "s3.aws-secret-key",
}


@dataclass(frozen=True)
class Exported:
    """A catalog in another engine's words.

    Args:
        name: The catalog's name there.
        properties: By key; a secret's value is ``${ENV:NAME}`` for Trino, '' for Spark.
        secrets: Value of each secret by the name of the environment variable that it is to be in.
        secret_keys: Key of each secret by that name.
    """

    name: str
    properties: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    secret_keys: dict[str, str] = field(default_factory=dict)

    def text(self, engine: For) -> str:
        """The file that the engine reads: ``etc/catalog/NAME.properties``, or lines of ``spark-defaults.conf``."""
        if engine == "trino":
            return "".join(f"{key}={value}\n" for key, value in self.properties.items())
        lines = []
        for key, value in self.properties.items():
            lines.append(f"{key} {value}\n" if value else f"# {key}: give it at the start, --conf {key}=…\n")
        return "".join(lines)


def exported(name: str, settings: CatalogSettings, engine: For, name_there: str = "") -> Exported:
    """The catalog ``name`` for an engine.

    Args:
        name_there: Its name in the engine; default: the same.

    Raises:
        QueryError: unsupported: the engine can't open such a catalog; what does.

    Example:
        >>> dev = CatalogSettings(type="sql", properties={"uri": "postgresql+psycopg2://ana:pw@db/lake", "warehouse": "s3://w"})
        >>> trino = exported("dev", dev, "trino")
        >>> trino.properties["iceberg.jdbc-catalog.connection-password"], list(trino.secrets)
        ('${ENV:OLO_DEV_PASSWORD}', ['OLO_DEV_PASSWORD'])
    """
    there = name_there or name
    found = _trino(name, settings) if engine == "trino" else spark_conf(name, there, settings)
    secrets: dict[str, str] = {}
    keys: dict[str, str] = {}
    properties: dict[str, str] = {}
    for key, value in found.items():
        short = key.removeprefix(f"spark.sql.catalog.{there}.")
        if value and _SECRET.search(short.rpartition(".")[2]):
            variable = f"OLO_{name}_{short.rpartition('.')[2]}".upper().replace("-", "_").replace("CONNECTION_", "")
            secrets[variable], keys[variable] = value, key
            value = f"${{ENV:{variable}}}" if engine == "trino" else ""
        properties[key] = value
    return Exported(there, properties, secrets, keys)


def _trino(name: str, settings: CatalogSettings) -> dict[str, str]:
    properties = settings.properties
    found = {"connector.name": "iceberg"}
    match settings.type:
        case "sql":
            found |= _jdbc(name, properties)
        case "rest":
            found |= {"iceberg.catalog.type": "rest", "iceberg.rest-catalog.uri": properties.get("uri", "")}
            if "warehouse" in properties:
                found["iceberg.rest-catalog.warehouse"] = properties["warehouse"]
            if "prefix" in properties:
                found["iceberg.rest-catalog.prefix"] = properties["prefix"]
            signed = {key: properties[ours] for ours, key in _OAUTH2.items() if ours in properties}
            if signed:
                found |= {"iceberg.rest-catalog.security": "OAUTH2", **signed}
        case "hive":
            found |= {"iceberg.catalog.type": "hive_metastore", "hive.metastore.uri": properties.get("uri", "")}
        case "glue":
            found["iceberg.catalog.type"] = "glue"
            region = properties.get("glue.region") or properties.get("client.region")
            if region:
                found["hive.metastore.glue.region"] = region
        case other:
            raise QueryError(f"Trino has no Iceberg catalog of the type {other} (catalog {name}).", code="unsupported")
    return found | _files(properties)


def _jdbc(name: str, properties: dict[str, str]) -> dict[str, str]:
    parts = urlsplit(properties.get("uri", ""))
    kind = parts.scheme.partition("+")[0].replace("postgres", "postgresql").replace("postgresqlql", "postgresql")
    if kind not in _DRIVERS:
        raise QueryError(
            f"Catalog {name} is kept in {kind or 'no database'}, which Trino can't open.",
            code="unsupported",
            hint="Trino reads catalogs in PostgreSQL or MySQL, and REST catalogs. A SQLite file is for one machine.",
        )
    prefix = "iceberg.jdbc-catalog"
    port = f":{parts.port}" if parts.port else ""
    found = {
        "iceberg.catalog.type": "jdbc",
        f"{prefix}.catalog-name": name,  # part of each table's key in the database
        f"{prefix}.driver-class": _DRIVERS[kind],
        f"{prefix}.connection-url": f"jdbc:{kind}://{parts.hostname or 'localhost'}{port}{parts.path}",
        f"{prefix}.default-warehouse-dir": properties.get("warehouse", ""),
    }
    if parts.username:
        found[f"{prefix}.connection-user"] = unquote(parts.username)
    if parts.password:
        found[f"{prefix}.connection-password"] = unquote(parts.password)
    return found


def _files(properties: dict[str, str]) -> dict[str, str]:
    """What Trino needs to reach the files."""
    warehouse = properties.get("warehouse", "")
    s3 = {key: properties[ours] for ours, key in _S3.items() if ours in properties}
    if s3 or warehouse.startswith(("s3:", "s3a:")):
        path_style = {"s3.path-style-access": "true"} if "s3.endpoint" in s3 else {}
        return {"fs.native-s3.enabled": "true", **s3, **path_style}
    if warehouse.startswith(("gs:", "gcs:")):
        return {"fs.native-gcs.enabled": "true"}
    if warehouse.startswith(("abfs:", "abfss:", "wasb:", "wasbs:")):
        return {"fs.native-azure.enabled": "true"}
    return {"fs.hadoop.enabled": "true"} if warehouse.startswith(("file:", "/", "hdfs:")) else {}
