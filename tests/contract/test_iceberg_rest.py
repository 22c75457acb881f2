"""The Iceberg REST catalog by its published description: sign-in and its renewal, rights, pages, ETags, faults."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa
import pytest
from pyiceberg.catalog import load_catalog

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse import rest_catalog
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from tests.authority import serving
from tests.contract.iceberg_rest import CREDENTIAL, Catalog, Reply

NAMES = [f"t{number:03}" for number in range(25)]


@pytest.fixture
def metadata(tmp_path: Path) -> dict[str, Any]:
    """Of a real table with one snapshot."""
    catalog = load_catalog("m", type="sql", uri=f"sqlite:///{tmp_path}/m.db", warehouse=f"file://{tmp_path}/m")
    catalog.create_namespace("silver")
    rows = pa.table({"a": [1, 2]})
    table = catalog.create_table("silver.t", schema=rows.schema)
    table.append(rows)
    found: dict[str, Any] = json.loads(Path(url2pathname(urlsplit(table.metadata_location).path)).read_text())
    return found


@pytest.fixture
def server(metadata: dict[str, Any]) -> Catalog:
    return Catalog(metadata, list(NAMES))


@pytest.fixture
def url(server: Catalog) -> Iterator[str]:
    with serving(server) as url:
        yield url


def catalogs(url: str, folder: Path, **properties: str) -> Catalogs:
    given = {"uri": url, "credential": ":".join(CREDENTIAL), "scope": "PRINCIPAL_ROLE:ALL", **properties}
    one = CatalogSettings(type="rest", properties=given)
    return Catalogs(Settings(root=folder, user="ana", state=folder / "state", catalogs={"lake": one}))


def table(name: str) -> TableName:
    return TableName("lake", "silver", name)


def refused(call: Any) -> QueryError:
    with pytest.raises(QueryError) as caught:
        call()
    said = f"{caught.value.message} {caught.value.hint}"
    assert CREDENTIAL[1] not in said and "token-" not in said
    assert "lake" in said
    return caught.value


def test_client_credentials_give_a_token_that_is_renewed_when_it_ends(
    server: Catalog, url: str, tmp_path: Path
) -> None:
    found = catalogs(url, tmp_path)
    assert found.namespaces("lake") == ("silver",)
    (grant,) = server.grants[-1:]
    assert grant["grant_type"] == ["client_credentials"] and grant["scope"] == ["PRINCIPAL_ROLE:ALL"]
    before = len(server.tokens)
    server.expire()
    assert found.tables("lake", "silver") == tuple(NAMES), "asked again with a new token, and nobody noticed"
    assert len(server.tokens) == before + 1
    assert (401 in [status for _, _, status in server.sent]) is True


def test_a_wrong_secret(url: str, tmp_path: Path) -> None:
    error = refused(lambda: catalogs(url, tmp_path, credential="olo-client:wr0ng").namespaces("lake"))
    assert error.code == "authentication-failed"
    assert "invalid_client" in error.message and "wr0ng" not in error.message + error.hint


def test_what_isn_t_allowed_is_denied_and_the_rest_works(server: Catalog, url: str, tmp_path: Path) -> None:
    found = catalogs(url, tmp_path)
    server.denied.add("t001")
    error = refused(lambda: found.load(table("t001")))
    assert error.code == "access-denied" and "not authorized" in error.message
    assert found.load(table("t002")).schema().column_names == ["a"]
    missing = refused(lambda: found.load(table("t999")))
    assert missing.code == "table-not-found"


def test_pages_are_followed_to_the_end(server: Catalog, url: str, tmp_path: Path) -> None:
    found = catalogs(url, tmp_path, **{"rest-page-size": "10"})
    assert found.tables("lake", "silver") == tuple(NAMES)
    assert len([place for _, place, _ in server.sent if place.endswith("/tables")]) == 3


def test_a_table_that_did_not_change_isn_t_sent_again(server: Catalog, url: str, tmp_path: Path) -> None:
    found = catalogs(url, tmp_path)
    first = found.load(table("t001"))
    again = found.load(table("t001"))
    assert again.metadata == first.metadata
    assert _statuses(server, "t001") == [200, 304]
    server.metadata = {**server.metadata, "current-snapshot-id": -1, "refs": {}}
    assert found.load(table("t001")).current_snapshot() is None, "what changed is seen at once"
    assert _statuses(server, "t001") == [200, 304, 200]
    server.denied.add("t001")
    assert refused(lambda: found.load(table("t001"))).code == "access-denied", "a right that is gone is gone"


def test_answers_with_credentials_for_the_storage_are_never_used_again(
    server: Catalog, url: str, tmp_path: Path
) -> None:
    found = catalogs(url, tmp_path)
    server.vended = {"s3.secret-access-key": "v3nded"}
    for _ in range(2):
        assert found.load(table("t001")).io.properties["s3.secret-access-key"] == "v3nded"
    assert _statuses(server, "t001") == [200, 200]


def _statuses(server: Catalog, name: str) -> list[int]:
    return [status for _, place, status in server.sent if place.endswith(f"/tables/{name}")]


HTML = b"<html>Sign in, or tell the planted-s3cret</html>"


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "text/html"}, HTML),
        (200, {}, b'{"namespaces": 7, "planted-s3cret": 1}'),
        (500, {"Content-Type": "text/html"}, HTML),
        (502, {"Content-Type": "text/html"}, HTML),
        (503, {}, b""),
        (418, {}, b'{"planted-s3cret": 1}'),
    ],
)
def test_garbage_is_one_error_without_it(answer: Reply, server: Catalog, url: str, tmp_path: Path) -> None:
    found = catalogs(url, tmp_path)
    found.catalog("lake")
    server.fault = lambda: answer
    for call in (
        lambda: found.namespaces("lake"),
        lambda: found.tables("lake", "silver"),
        lambda: found.load(table("t001")),
    ):
        error = refused(call)
        assert error.code in ("catalog-not-available", "iceberg-invalid-metadata")
        assert "planted-s3cret" not in error.message + error.hint


def test_one_that_is_slow_is_left_in_peace_and_used_again(
    server: Catalog, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_catalog, "READ_SECONDS", 0.3)
    found = catalogs(url, tmp_path)
    found.catalog("lake")

    def slow() -> Reply:
        time.sleep(1.5)
        return 503, {}, b""

    server.fault = slow
    begun = time.monotonic()
    for _ in range(2):
        assert refused(lambda: found.namespaces("lake")).code == "catalog-not-available"
    sent = len(server.sent)
    begun = time.monotonic()
    error = refused(lambda: found.namespaces("lake"))
    assert time.monotonic() - begun < 0.3 and "asked again in" in error.message, "nobody waits for it now"
    server.fault = None
    end = time.monotonic() + 10
    while True:
        try:
            assert found.namespaces("lake") == ("silver",)
            break
        except QueryError:
            assert time.monotonic() < end, "it is back, and not used within ten seconds"
            time.sleep(0.2)
    assert len(server.sent) > sent
