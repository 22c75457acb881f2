"""An Iceberg catalog of olo.yml in Spark's settings."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from olo_jupyter.config import CatalogSettings
from olo_jupyter.lakehouse.errors import QueryError

_CLASS = "org.apache.iceberg.spark.SparkCatalog"
_REST = {"oauth2-server-uri", "credential", "token", "scope", "prefix", "warehouse", "uri", "audience", "resource"}
_S3 = {
    "s3.endpoint": "s3.endpoint",
    "s3.access-key-id": "s3.access-key-id",
    "s3.secret-access-key": "s3.secret-access-key",
    "s3.session-token": "s3.session-token",
    "s3.region": "client.region",
}


def spark_conf(name: str, spark_name: str, settings: CatalogSettings) -> dict[str, str]:
    """The settings ``spark.sql.catalog.<spark_name>…`` of the catalog ``name``.

    Args:
        name: Its name in olo.yml: tables of a ``sql`` catalog are kept under it in the database.
        spark_name: Its name in Spark.

    Raises:
        QueryError: ``unsupported``: a type or database that Spark's Iceberg has no catalog for.

    Example:
        >>> found = spark_conf("dev", "dev", CatalogSettings(type="rest", properties={"uri": "http://host:8181"}))
        >>> found["spark.sql.catalog.dev.type"], found["spark.sql.catalog.dev.uri"]
        ('rest', 'http://host:8181')
    """
    properties = settings.properties
    found = {key: properties[ours] for ours, key in _S3.items() if ours in properties}
    if found:
        found["io-impl"] = "org.apache.iceberg.aws.s3.S3FileIO"
        if "s3.endpoint" in found:
            found["s3.path-style-access"] = "true"
    if "warehouse" in properties:
        found["warehouse"] = properties["warehouse"]
    if settings.type == "sql":
        found |= {"type": "jdbc", **_jdbc(name, properties.get("uri", ""))}
        if spark_name != name:
            # The catalog's name is part of each table's key in the database.
            raise QueryError(
                f"Spark knows the tables of the sql catalog {name!r} under that name only, not as {spark_name!r}.",
                code="engine-not-configured",
                hint=f"Name it {name!r} in Spark, too.",
            )
    elif settings.type in ("rest", "hive", "glue"):
        found |= {"type": settings.type}
        found |= {key: value for key, value in properties.items() if key in _REST}
    else:
        raise QueryError(
            f"Catalog {name!r} is of type {settings.type}, which Spark's Iceberg doesn't have.",
            code="unsupported",
            hint="Run it with --engine embedded.",
        )
    prefix = f"spark.sql.catalog.{spark_name}"
    # Other engines write between two statements.
    return {
        prefix: _CLASS,
        **{f"{prefix}.{key}": value for key, value in found.items()},
        f"{prefix}.cache-enabled": "false",
    }


def _jdbc(name: str, uri: str) -> Mapping[str, str]:
    """SQLAlchemy's URI as JDBC's.

    Example:
        >>> _jdbc("dev", "sqlite:////work/catalog.db")["uri"]
        'jdbc:sqlite:/work/catalog.db'
    """
    if uri.startswith("sqlite:///"):
        return {"uri": f"jdbc:sqlite:{uri.removeprefix('sqlite:///').partition('?')[0]}", "jdbc.schema-version": "V1"}
    parts = urlsplit(uri)
    kind = parts.scheme.partition("+")[0]
    if kind not in ("postgresql", "postgres", "mysql"):
        raise QueryError(
            f"Catalog {name!r} is kept in a {kind or 'database without a URI'}, for which Spark needs a JDBC driver "
            "that isn't known here.",
            code="unsupported",
            hint="Run it with --engine embedded.",
        )
    database = "postgresql" if kind == "postgres" else kind
    port = f":{parts.port}" if parts.port else ""
    found = {"uri": f"jdbc:{database}://{parts.hostname or ''}{port}{parts.path}", "jdbc.schema-version": "V1"}
    if parts.username:
        found["jdbc.user"] = _plain(parts.username)
    if parts.password:
        found["jdbc.password"] = _plain(parts.password)
    return found


def _plain(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text)
