"""Files, rows and bytes before a statement runs; the bound that refuses."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import Table

from olo_jupyter.config import load_settings
from olo_jupyter.config_file import ConfigError
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session

Make = Callable[..., Table]


@pytest.fixture
def days(session: Session, make: Make) -> Table:
    """Three files, one a day, ten rows each."""
    table = make(pa.table({"day": [1] * 10, "text": ["x" * 100] * 10}))
    for day in (2, 3):
        table.append(pa.table({"day": [day] * 10, "text": [f"{n}" * 50 for n in range(10)]}))
    return table


def test_conditions_and_columns_count(session: Session, days: Table) -> None:
    found = session.preflight("SELECT text FROM t WHERE day = 2")
    (scan,) = found.scans
    assert (scan.files, scan.all_files, scan.rows, scan.bound) == (1, 3, 10, False)
    whole = session.preflight("SELECT * FROM t")
    narrow = session.preflight("SELECT day FROM t")
    assert whole.files == 3
    assert 0 < narrow.bytes < whole.bytes
    assert whole.line().startswith("scans 3 files, 30 rows, ")


def test_pins_views_and_earlier_results(session: Session, days: Table) -> None:
    first = days.metadata.snapshots[0].snapshot_id
    assert session.preflight(f"SELECT * FROM t FOR VERSION AS OF {first}").files == 1
    session.sql("CREATE VIEW v AS SELECT day FROM t WHERE day > 1")
    assert session.preflight("SELECT * FROM v").files == 2
    assert session.preflight("WITH t2 AS (SELECT * FROM t) SELECT * FROM t2 JOIN v USING (day)").files == 5
    earlier = session.sql("SELECT 1 AS n")
    assert session.preflight("SELECT * FROM one", results={"one": earlier}).files == 0
    assert session.preflight("INSERT INTO t SELECT * FROM t WHERE day = 1").files == 1


def test_an_upper_bound_says_so(session: Session, days: Table) -> None:
    only_trino = "SELECT * FROM t MATCH_RECOGNIZE (MEASURES A.day AS d PATTERN (A) DEFINE A AS true) WHERE day = 2"
    spark = session.preflight("SELECT * FROM silver.t WHERE day = 2", dialect="spark")
    assert spark.bound
    assert spark.files == 3
    assert "at most 3 files" in spark.line()
    text = session.preflight(only_trino)
    assert text.bound or text.unknown
    session.sql("CREATE VIEW v AS SELECT day FROM t")
    assert session.preflight("SELECT `day` FROM silver.v", dialect="spark").files == 3


def test_what_is_not_known_is_told(session: Session, days: Table) -> None:
    found = session.preflight("SELECT * FROM tpch.tiny.nation, t")
    assert found.files == 3
    assert "tpch" in found.unknown[0]
    assert session.preflight("SELEC").unknown
    assert session.preflight("SELECT * FROM no_such").unknown


def test_delete_files_count(session: Session, days: Table, add_deletes: Callable[..., None]) -> None:
    before = session.preflight("SELECT day FROM t").bytes
    file = next(iter(days.scan().plan_files())).file.file_path
    positions = pa.table({"file_path": [file], "pos": pa.array([0], pa.int64())})
    add_deletes(days, positions, DataFileContent.POSITION_DELETES)
    assert session.preflight("SELECT day FROM t").bytes > before


def test_too_much_is_refused_before_it_runs(session: Session, days: Table) -> None:
    with pytest.raises(QueryError, match="more than the 10 B that --max-scan allows") as caught:
        session.sql("SELECT * FROM t", max_scan=10)
    assert caught.value.code == "scan-too-large"
    assert "partition column" in caught.value.hint
    assert len(session.sql("SELECT * FROM t WHERE day = 2", max_scan=10_000)) == 10
    with pytest.raises(QueryError) as caught:
        session.sql("SELECT * FROM tpch.tiny.nation", max_scan=10)
    assert caught.value.code == "scan-unknown"


def test_the_workspace_has_a_default(session: Session, days: Table, tmp_path: object) -> None:
    session.settings.max_scan = "0.01KB"
    with pytest.raises(QueryError, match=r"max_scan in olo\.yml"):
        session.sql("SELECT * FROM t")
    assert len(session.sql("SELECT * FROM t", max_scan=0)) == 30


def test_a_default_that_is_no_size(tmp_path: object) -> None:
    from pathlib import Path

    root = Path(str(tmp_path))
    (root / "olo.yml").write_text("version: 1\nmax_scan: much\n")
    with pytest.raises(ConfigError, match="no size such as 10GB"):
        load_settings(root, {})
    (root / "olo.yml").write_text("version: 1\nmax_scan: 1.5 GB\n")
    assert load_settings(root, {}).max_scan_bytes == 1_500_000_000
