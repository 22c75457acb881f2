"""Catalogs in other engines' words, and how other programs connect."""

from __future__ import annotations

from pathlib import Path

import pytest

from olo_jupyter.config import CatalogSettings
from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.catalog_export import exported
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.trino.links import links

REST = CatalogSettings(
    type="rest",
    properties={
        "uri": "https://rest",
        "credential": "id:s3cret",
        "warehouse": "w",
        "s3.endpoint": "http://s3",
        "s3.secret-access-key": "k3y",
    },
)
SQL = CatalogSettings(
    type="sql", properties={"uri": "postgresql+psycopg2://ana:p%40ss@db:5433/lake", "warehouse": "s3://w"}
)


def test_secrets_are_named_not_written() -> None:
    for settings, engine in ((REST, "trino"), (REST, "spark"), (SQL, "trino"), (SQL, "spark")):
        found = exported("dev", settings, engine)  # type: ignore[arg-type]
        text = found.text(engine)  # type: ignore[arg-type]
        assert not any(secret in text + repr(found) for secret in ("s3cret", "k3y", "p@ss", "p%40ss"))
        assert found.secrets and set(found.secrets) == set(found.secret_keys)


def test_a_rest_catalog_in_trinos_words() -> None:
    assert exported("dev", REST, "trino", "lake").properties == {
        "connector.name": "iceberg",
        "iceberg.catalog.type": "rest",
        "iceberg.rest-catalog.uri": "https://rest",
        "iceberg.rest-catalog.warehouse": "w",
        "iceberg.rest-catalog.security": "OAUTH2",
        "iceberg.rest-catalog.oauth2.credential": "${ENV:OLO_DEV_CREDENTIAL}",
        "fs.native-s3.enabled": "true",
        "s3.endpoint": "http://s3",
        "s3.aws-secret-key": "${ENV:OLO_DEV_AWS_SECRET_KEY}",
        "s3.path-style-access": "true",
    }


def test_what_trino_cannot_open_is_refused() -> None:
    for settings in (CatalogSettings(properties={"uri": "sqlite:///a.db"}), CatalogSettings(type="in-memory")):
        with pytest.raises(QueryError, match="dev"):
            exported("dev", settings, "trino")


def test_links_have_no_secret(tmp_path: Path) -> None:
    settings = TrinoSettings.model_validate(
        {"host": "t", "ca_file": tmp_path / "ca.pem", "auth": {"type": "basic", "password": {"env": "PW"}}}
    )
    found = links(settings, "ana@example.org", "lake", "gold")
    assert found["jdbc"].startswith("jdbc:trino://t:443/lake/gold?user=ana%40example.org&SSL=true&SSLTrustStorePath=")
    assert found["sqlalchemy"].startswith("trino://ana%40example.org@t:443/lake/gold?protocol=https&verify=")
    assert found["dbt"]["password"] == "{{ env_var('PW') }}" and found["dbt"]["method"] == "ldap"
    assert "SSL=1" in found["odbc"] and "UID=ana@example.org" in found["odbc"]
