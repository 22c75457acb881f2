"""Tables on S3 and in an Iceberg REST catalog: the embedded engine reads and writes them, DuckDB reads the S3 files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.scan import Planner
from olo_jupyter.lakehouse.session import Session
from tests.services.rest import Rest
from tests.services.s3 import BUCKET, S3


def _session(folder: Path, **catalog: object) -> Session:
    settings = CatalogSettings.model_validate(catalog)
    return Session(
        Settings(root=folder, user="services", state=folder / "state", catalogs={"dev": settings}), namespace="silver"
    )


@pytest.fixture
def on_s3(s3: S3, tmp_path: Path) -> Iterator[Session]:
    properties = {"uri": f"sqlite:///{tmp_path}/catalog.db", **s3.properties}
    with _session(tmp_path, type="sql", properties=properties) as session:
        session.sql("CREATE SCHEMA silver")
        yield session


def test_files_on_s3_are_read_by_duckdb_itself(on_s3: Session, s3: S3) -> None:
    on_s3.sql(
        "CREATE TABLE t WITH (partitioning = ARRAY['k']) AS SELECT * FROM (VALUES (1, 'a b?*'), (2, 'ß')) t(n, k)"
    )
    on_s3.sql("INSERT INTO t SELECT n + 10, k FROM t")
    assert list((s3.folder / "data" / BUCKET).rglob("*.parquet"))
    plan = Planner().plan(Reading(on_s3.catalogs).pinned(TableName("dev", "silver", "t"), None), ["n"])
    assert len(plan.direct) == 4
    assert not plan.indirect
    assert sorted(on_s3.sql("SELECT * FROM t").rows()) == [(1, "a b?*"), (2, "ß"), (11, "a b?*"), (12, "ß")]
    assert list(on_s3.sql("SELECT sum(a.n * b.n) FROM t a JOIN t b ON a.k = b.k").rows()) == [(144 + 196,)]


def test_an_object_that_is_gone(on_s3: Session, s3: S3) -> None:
    on_s3.sql("CREATE TABLE gone AS SELECT 1 AS n")
    (found,) = (s3.folder / "data" / BUCKET).rglob("silver/gone/**/*.parquet")
    found.unlink()
    with pytest.raises(QueryError) as gone:
        on_s3.sql("SELECT * FROM gone")
    assert gone.value.code == "iceberg-cannot-open-split"


def test_a_wrong_secret_is_told_and_never_shown(s3: S3, tmp_path: Path) -> None:
    wrong = {"s3.secret-access-key": "not the secret"}
    properties = {"uri": f"sqlite:///{tmp_path}/catalog.db", **s3.properties, **wrong}
    with _session(tmp_path, type="sql", properties=properties) as session:
        session.sql("CREATE SCHEMA silver")
        with pytest.raises(QueryError) as refused:
            session.sql("CREATE TABLE t AS SELECT 1 AS n")
        assert "not the secret" not in f"{refused.value.message} {refused.value.hint}"


def test_a_rest_catalog(rest: Rest, tmp_path: Path) -> None:
    with _session(tmp_path, type="rest", properties={"uri": rest.uri}) as session:
        session.sql("CREATE SCHEMA silver")
        session.sql("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t(n, k)")
        session.sql("INSERT INTO t SELECT n + 10, k FROM t")
        assert sorted(session.sql("SELECT * FROM t").rows()) == [(1, "a"), (2, "b"), (11, "a"), (12, "b")]
        first = next(iter(session.sql('SELECT snapshot_id FROM "t$snapshots" ORDER BY committed_at').rows()))[0]
        assert list(session.sql(f"SELECT count(*) FROM t FOR VERSION AS OF {first}").rows()) == [(2,)]
        assert list(
            session.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'silver'").rows()
        ) == [("t",)]
        session.sql("DROP TABLE t")
