"""Files of a write: partitions, sizes, what stays after a failure."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform, IdentityTransform
from pyiceberg.types import DoubleType, IntegerType, NestedField, StringType

from olo_jupyter.lakehouse import data_writer
from olo_jupyter.lakehouse.data_writer import DataFiles
from olo_jupyter.lakehouse.errors import QueryError

SCHEMA = Schema(
    NestedField(1, "k", IntegerType(), required=True),
    NestedField(2, "f", DoubleType()),
    NestedField(3, "te.xt ✓", StringType()),
)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    opened = load_catalog("c", type="sql", uri=f"sqlite:///{tmp_path}/c.db", warehouse=f"file://{tmp_path}/w")
    opened.create_namespace("s")
    return opened


def table(catalog: Catalog, *parts: PartitionField, **properties: str) -> Table:
    return catalog.create_table("s.t", SCHEMA, partition_spec=PartitionSpec(*parts), properties=properties)


def batches(count: int, rows: int) -> pa.RecordBatchReader:
    schema = pa.schema([("k", pa.int32()), ("f", pa.float64()), ("t", pa.string())])
    return pa.RecordBatchReader.from_batches(
        schema,
        (
            pa.record_batch(
                [
                    pa.array(range(batch * rows, (batch + 1) * rows), pa.int32()),
                    pa.array([(float("nan"), None, 0.5)[at % 3] for at in range(rows)]),
                    pa.array([f"{batch}-{at}" * 20 for at in range(rows)]),
                ],
                schema=schema,
            )
            for batch in range(count)
        ),
    )


def committed(target: Table, files: DataFiles) -> pa.Table:
    with target.transaction() as transaction, transaction.update_snapshot().fast_append() as producer:
        for file in files.files:
            producer.append_data_file(file)
    return target.refresh().scan().to_arrow().sort_by("k")


def test_a_partition_has_one_file_however_its_rows_come(catalog: Catalog) -> None:
    target = table(catalog, PartitionField(2, 1000, IdentityTransform(), "f"))
    files = DataFiles(target.metadata, target.io)
    files.write(batches(5, 30), ["k", "f", "te.xt ✓"])
    assert (len(files.files), files.rows) == (3, 150)
    found = committed(target, files)
    assert found["k"].to_pylist() == list(range(150))
    assert found["te.xt ✓"][31].as_py() == "1-1" * 20


def test_files_are_of_bounded_size(catalog: Catalog) -> None:
    limit = 20_000
    target = table(catalog, **{"write.target-file-size-bytes": str(limit), "write.parquet.compression-codec": "none"})
    files = DataFiles(target.metadata, target.io)
    files.write(batches(40, 50), ["K", "f", "te.xt ✓"])
    sizes = [file.file_size_in_bytes for file in files.files]
    assert len(sizes) > 3 and max(sizes) < 3 * limit
    assert committed(target, files).num_rows == 2000


def test_what_waits_and_what_is_open_is_bounded(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_writer, "_BUFFERED_BYTES", 20_000)
    monkeypatch.setattr(data_writer, "_OPEN_FILES", 3)
    target = table(catalog, PartitionField(1, 1000, BucketTransform(8), "k_bucket"))
    files = DataFiles(target.metadata, target.io)
    files.write(batches(10, 50), ["k", "f", "te.xt ✓"])
    assert committed(target, files)["k"].to_pylist() == list(range(500))


@pytest.mark.parametrize("parts", [(), (PartitionField(1, 1000, BucketTransform(4), "b"),)])
def test_a_failure_leaves_no_file(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: tuple[PartitionField, ...]
) -> None:
    monkeypatch.setattr(data_writer, "_ROW_GROUP_BYTES", 1)
    target = table(catalog, *parts)
    files = DataFiles(target.metadata, target.io)
    good = list(batches(2, 20))
    bad = pa.record_batch(
        [pa.nulls(1, pa.int32()), pa.nulls(1, pa.float64()), pa.nulls(1, pa.string())], schema=good[0].schema
    )
    with pytest.raises(QueryError, match="NOT NULL column: k"):
        files.write(pa.RecordBatchReader.from_batches(good[0].schema, [*good, bad]), ["k", "f", "te.xt ✓"])
    assert list(tmp_path.rglob("*.parquet")) == []


def test_an_interrupt_waits_for_no_slow_storage(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_writer, "_ROW_GROUP_BYTES", 1)
    target = table(catalog)
    write, writing = data_writer._File.write, threading.Event()

    def slowly(file: data_writer._File, rows: pa.Table) -> None:
        write(file, rows)
        writing.set()
        time.sleep(1.5)

    def interrupting() -> Iterator[pa.RecordBatch]:
        yield from given
        writing.wait()
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(data_writer._File, "write", slowly)
    given = list(batches(1, 20))
    files = DataFiles(target.metadata, target.io)
    with pytest.raises(KeyboardInterrupt):
        files.write(pa.RecordBatchReader.from_batches(given[0].schema, interrupting()), ["k", "f", "te.xt ✓"])
    assert files.files == [] and list(tmp_path.rglob("*.parquet")), "the slow write goes on"
    deadline = time.monotonic() + 30
    while list(tmp_path.rglob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.rglob("*.parquet")) == []


def test_a_failure_while_files_are_written_is_told(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(data_writer._File, "write", full)
    target = table(catalog)
    with pytest.raises(OSError, match="No space left"):
        DataFiles(target.metadata, target.io).write(batches(3, 20), ["k", "f", "te.xt ✓"])


def test_rows_are_in_their_own_partition_whatever_is_missing(catalog: Catalog) -> None:
    """Arrow groups (648, NULL) and (NULL, 10) in another order than it sorts them."""
    target = table(
        catalog, PartitionField(2, 1000, IdentityTransform(), "f"), PartitionField(3, 1001, IdentityTransform(), "t")
    )
    wanted = [
        (None, "b"),
        (1.0, "a"),
        (1.0, None),
        (None, "b"),
        (1.0, "c"),
        (None, None),
        (float("nan"), None),
        (1.0, None),
    ]
    rows = pa.table(
        {
            "k": pa.array(range(len(wanted)), pa.int32()),
            "f": pa.array([f for f, _ in wanted], pa.float64()),
            "t": pa.array([t for _, t in wanted], pa.string()),
        }
    )
    files = DataFiles(target.metadata, target.io)
    files.write(rows.to_reader(), ["k", "f", "te.xt ✓"])
    assert len(files.files) == 6
    found = committed(target, files)
    pairs = list(zip(found["f"].to_pylist(), found["te.xt ✓"].to_pylist(), strict=True))
    assert repr(pairs) == repr(wanted)
    for file in files.files:
        only = pq.read_table(file.file_path.removeprefix("file://"))
        values = {(repr(f), t) for f, t in zip(only.column(1).to_pylist(), only.column(2).to_pylist(), strict=True)}
        assert values == {(repr(file.partition[0]), file.partition[1])}
