"""Catalogs that can't be opened, and names that aren't there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.catalog import Catalogs, nearest
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName


def catalogs(tmp_path: Path, **settings: Any) -> Catalogs:
    known = {"dev": CatalogSettings(**settings)}
    return Catalogs(Settings(root=tmp_path, user="ana", state=tmp_path / "state", catalogs=known))


@pytest.mark.parametrize(
    "settings",
    [
        {"properties": {}},
        {"type": "rest", "properties": {"uri": "http://127.0.0.1:9/"}},
        {"properties": {"uri": "sqlite:////proc/nothing/catalog.db"}},
        {"properties": {"uri": "nonsense"}},
    ],
)
def test_catalog_that_cannot_be_opened(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(QueryError) as refused:
        catalogs(tmp_path, **settings).load(TableName("dev", "silver", "t"))
    assert refused.value.code in ("catalog-not-available", "iceberg-missing-metadata")
    assert "dev" in refused.value.message


def test_sqlite_waits_for_other_writers(tmp_path: Path) -> None:
    opened = catalogs(tmp_path, properties={"uri": f"sqlite:///{tmp_path}/c.db", "warehouse": f"file://{tmp_path}"})
    assert opened.catalog("dev").properties["uri"].endswith("?timeout=60")
    assert opened.catalog("dev") is opened.catalog("dev")
    opened.close()


def test_names_that_are_not_there(tmp_path: Path) -> None:
    opened = catalogs(tmp_path, properties={"uri": f"sqlite:///{tmp_path}/c.db", "warehouse": f"file://{tmp_path}"})
    catalog = opened.catalog("dev")
    catalog.create_namespace("silver")
    catalog.create_namespace("gold")
    catalog.create_namespace(("a", "b"))
    from pyiceberg.schema import Schema

    catalog.create_table("silver.flights", Schema())
    assert opened.namespaces("dev") == ("a", "a.b", "gold", "silver")
    assert opened.tables("dev", "silver") == ("flights",)

    def hint(*parts: str) -> str:
        with pytest.raises(QueryError) as missing:
            opened.load(TableName(*parts))
        return missing.value.hint

    assert hint("dev", "silver", "fligths") == "Did you mean flights?"
    assert hint("dev", "gold", "flights") == "Did you mean silver.flights?"
    assert hint("dev", "silver", "zebra") == "There is: flights."
    assert hint("dev", "gold", "zebra") == "The schema has no tables."
    assert hint("dev", "slver", "flights") == "Did you mean silver?"
    assert hint("dve", "silver", "flights") == "Did you mean dev?"
    opened.close()


def test_many_names_are_cut_short() -> None:
    assert nearest("zzz", [f"t{i}" for i in range(12)]).endswith("and 2 more.")


def test_a_guarded_catalog_is_governed_unless_somebody_wrote_otherwise() -> None:
    assert CatalogSettings().access == "direct"
    assert CatalogSettings(guarded_by="opa").access == "trino"
    assert CatalogSettings(guarded_by="trino", access="direct").access == "direct"


def test_a_governed_catalog_has_no_second_name(tmp_path: Path) -> None:
    place = {"uri": f"sqlite:///{tmp_path}/c.db", "warehouse": f"file://{tmp_path}"}
    catalogs = {
        "sales": CatalogSettings(properties=place, guarded_by="trino"),
        "again": CatalogSettings(properties=place),
        "own": CatalogSettings(properties={**place, "uri": f"sqlite:///{tmp_path}/own.db"}),
    }
    opened = Catalogs(Settings(root=tmp_path, user="ana", state=tmp_path, catalogs=catalogs))
    for name in ("sales", "again"):
        with pytest.raises(QueryError, match="governed") as refused:
            opened.catalog(name)
        assert refused.value.code == "access-denied"
    assert opened.namespaces("own") == ()
    opened.close()
