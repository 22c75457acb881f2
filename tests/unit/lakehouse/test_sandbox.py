"""In the sandbox the embedded engine writes its own gold only, whichever way a write comes."""

from pathlib import Path

import pandas as pd
import pytest

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    def catalog(name: str) -> CatalogSettings:
        place = {"uri": f"sqlite:///{tmp_path}/{name}.db", "warehouse": f"file://{tmp_path}/{name}"}
        return CatalogSettings(properties=place)

    catalogs = {name: catalog(name) for name in ("dev", "ana_sandbox")}
    settings = Settings(root=tmp_path, user="ana", state=tmp_path / "state", catalogs=catalogs)
    with Session(settings, catalog="dev") as owner:
        owner.execute("CREATE SCHEMA dev.silver")
        owner.execute("CREATE TABLE dev.silver.t AS SELECT 1 AS n")
    monkeypatch.setenv("OLO_TARGET", "sandbox")
    monkeypatch.setenv("OLO_SANDBOX_CATALOG", "ana_sandbox")
    return Session(settings, catalog="ana_sandbox", sources="dev", target="sandbox")


def test_own_gold_is_written(session: Session) -> None:
    session.execute("CREATE SCHEMA gold")
    session.execute("CREATE TABLE gold.silver_t AS SELECT * FROM silver.t")
    assert len(session.sql("SELECT * FROM gold.silver_t")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE dev.silver.u AS SELECT 1 AS n",
        "INSERT INTO dev.silver.t SELECT 2",
        "INSERT INTO silver.t SELECT 2",
        "DELETE FROM dev.silver.t WHERE n = 1",
        "UPDATE dev.silver.t SET n = 2",
        "MERGE INTO dev.silver.t t USING (SELECT 1 AS n) s ON t.n = s.n WHEN MATCHED THEN DELETE",
        "DROP TABLE dev.silver.t",
        "ALTER TABLE dev.silver.t ADD COLUMN m integer",
        "TRUNCATE TABLE dev.silver.t",
        "CREATE SCHEMA dev.gold",
        "DROP SCHEMA dev.silver",
        "CREATE VIEW dev.silver.v AS SELECT 1 AS n",
        "COMMENT ON TABLE dev.silver.t IS 'x'",
        "CREATE SCHEMA ana_sandbox.silver",
    ],
)
def test_a_write_elsewhere_is_refused_and_changes_nothing(session: Session, text: str) -> None:
    with pytest.raises(QueryError) as refused:
        session.execute(text)
    assert refused.value.code in ("sandbox-write", "table-not-found", "schema-not-found"), refused.value
    if "dev" in text:
        assert refused.value.code == "sandbox-write"
    assert session.sql("SELECT * FROM dev.silver.t").to_pandas()["n"].tolist() == [1]


def test_a_frame_is_refused_too(session: Session) -> None:
    with pytest.raises(QueryError, match="ana_sandbox only"):
        session.write("dev.silver.t", pd.DataFrame({"n": [2]}))
