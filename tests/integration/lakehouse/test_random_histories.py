"""Random histories of a table against a model in plain Python: each read, now and at each snapshot, is the model's."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import (
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    NestedField,
    StringType,
    StructType,
)

from olo_jupyter.lakehouse.session import Session

Row = dict[int, Any]
"""A row of the model: value by the column's number, which renaming doesn't change."""

WIDER: dict[str, IcebergType] = {"int": LongType(), "float": DoubleType(), "decimal(6, 2)": DecimalType(12, 2)}


@dataclass
class Model:
    """What the table should hold: columns (number → name, type), rows, and both of each snapshot."""

    columns: dict[int, tuple[str, IcebergType]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    snapshots: dict[int, tuple[dict[int, tuple[str, IcebergType]], list[Row]]] = field(default_factory=dict)
    numbers: int = 0


def value(rng: random.Random, type_: IcebergType) -> Any:
    if rng.random() < 0.2:
        return None
    match type_:
        case IntegerType():
            return rng.choice([0, 1, -1, 7, 2**31 - 1, -(2**31)])
        case LongType():
            return rng.choice([0, 1, 7, 2**40, -(2**63)])
        case FloatType() | DoubleType():
            return rng.choice([0.0, -1.5, 2.25, 1e10])
        case DecimalType():
            return Decimal(rng.choice([0, 150, -999999])).scaleb(-2)
        case StringType():
            return rng.choice(["", "a", "b", "ab", "ä" * 20, "it's"])
        case ListType():
            return [value(rng, type_.element_type) for _ in range(rng.randrange(3))]
        case StructType():
            return {inner.name: value(rng, inner.field_type) for inner in type_.fields}
    raise AssertionError(type_)


class History:
    """A table and its model, changed together."""

    def __init__(self, session: Session, table: Table, rng: random.Random) -> None:
        self.session, self.table, self.rng, self.model = session, table, rng, Model()

    def note(self) -> None:
        snapshot = self.table.refresh().current_snapshot()
        if snapshot is not None and snapshot.snapshot_id not in self.model.snapshots:
            self.model.snapshots[snapshot.snapshot_id] = (dict(self.model.columns), list(self.model.rows))

    def add(self) -> None:
        p, q = (NestedField(1, "p", IntegerType(), required=False), NestedField(2, "q", StringType(), required=False))
        types: list[IcebergType] = [IntegerType(), FloatType(), DecimalType(6, 2), StringType(), LongType()]
        types += [ListType(1, IntegerType(), False), StructType(p, q)]
        taken = {name for name, _ in self.model.columns.values()}
        name = next(name for name in self.rng.sample("abcdefghij", 10) if name not in taken)
        type_ = self.rng.choice(types)
        with self.table.update_schema() as update:
            update.add_column(name, type_)
        self.model.columns[self.model.numbers] = (name, type_)
        self.model.numbers += 1

    def append(self) -> None:
        made = [
            {number: value(self.rng, type_) for number, (_, type_) in self.model.columns.items()}
            for _ in range(self.rng.randrange(1, 4))
        ]
        named = [{self.model.columns[number][0]: v for number, v in row.items()} for row in made]
        self.table.append(pa.Table.from_pylist(named, schema=self.table.schema().as_arrow()))
        self.model.rows = [*self.model.rows, *made]

    def rename(self) -> None:
        number, (name, type_) = self.rng.choice(list(self.model.columns.items()))
        taken = {name for name, _ in self.model.columns.values()}
        new = next(name for name in self.rng.sample("abcdefghij", 10) if name not in taken)
        with self.table.update_schema() as update:
            update.rename_column(name, new)
        self.model.columns[number] = (new, type_)

    def rename_inside(self) -> None:
        rows = [item for item in self.model.columns.items() if isinstance(item[1][1], StructType)]
        if not rows:
            return
        number, (name, type_) = self.rng.choice(rows)
        assert isinstance(type_, StructType)
        old = type_.fields[0].name
        new = {"p": "r", "r": "p"}[old]
        with self.table.update_schema() as update:
            update.rename_column((name, old), new)
        first = NestedField(1, new, IntegerType(), required=False)
        self.model.columns[number] = (name, StructType(first, *type_.fields[1:]))
        self.model.rows = [
            {**row, number: row[number] and {new: row[number][old], "q": row[number]["q"]}} if number in row else row
            for row in self.model.rows
        ]

    def drop(self) -> None:
        partitioned = {f.source_id for spec in self.table.specs().values() for f in spec.fields}
        free = [
            (number, name)
            for number, (name, _) in self.model.columns.items()
            if self.table.schema().find_field(name).field_id not in partitioned
        ]
        if len(self.model.columns) < 3 or not free:
            return
        number, name = self.rng.choice(free)
        with self.table.update_schema() as update:
            update.delete_column(name)
        del self.model.columns[number]

    def widen(self) -> None:
        narrow = [item for item in self.model.columns.items() if str(item[1][1]) in WIDER]
        if not narrow:
            return
        number, (name, type_) = self.rng.choice(narrow)
        partitioned = {f.source_id for spec in self.table.specs().values() for f in spec.fields}
        if self.table.schema().find_field(name).field_id in partitioned:
            return
        with self.table.update_schema() as update:
            update.update_column(name, WIDER[str(type_)])
        self.model.columns[number] = (name, WIDER[str(type_)])

    def move(self) -> None:
        number, (name, type_) = self.rng.choice(list(self.model.columns.items()))
        with self.table.update_schema() as update:
            update.move_first(name)
        rest = {key: column for key, column in self.model.columns.items() if key != number}
        self.model.columns = {number: (name, type_), **rest}

    def partition(self) -> None:
        spec = self.table.spec()
        with self.table.update_spec() as update:
            if spec.fields:
                update.remove_field(spec.fields[0].name)
                return
            for _, (name, type_) in self.rng.sample(list(self.model.columns.items()), len(self.model.columns)):
                if isinstance(type_, StringType | IntegerType | LongType):
                    transform: Any = self.rng.choice((IdentityTransform(), BucketTransform(3), TruncateTransform(2)))
                    update.add_field(name, transform, f"part_{len(self.table.specs())}")
                    return

    def check(self) -> None:
        self.compare("", self.model.columns, self.model.rows)
        for snapshot_id, (columns, rows) in self.model.snapshots.items():
            if self.rng.random() < 0.3:
                self.compare(f"FOR VERSION AS OF {snapshot_id}", columns, rows)

    def compare(self, pin: str, columns: dict[int, tuple[str, IcebergType]], rows: list[Row]) -> None:
        def shown(kept: list[Row]) -> list[str]:
            return sorted(repr([row.get(number) for number in columns]) for row in kept)

        found = self.session.execute(f"SELECT * FROM t {pin}")
        assert [column.name for column in found.columns] == [name for name, _ in columns.values()]
        assert sorted(repr(list(row)) for row in found.rows()) == shown(rows)
        number, (name, type_) = self.rng.choice(list(columns.items()))
        if isinstance(type_, StructType | ListType):
            condition, kept = f"{name} IS NULL", [row for row in rows if row.get(number) is None]
        else:
            bound = value(self.rng, type_)
            literal = repr(bound).replace('"it\'s"', "'it''s'") if isinstance(bound, str) else str(bound)
            literal = f"DOUBLE '{bound}'" if isinstance(bound, float) else literal
            literal = f"DECIMAL '{bound}'" if isinstance(bound, Decimal) else literal
            condition = f"{name} IS NOT NULL" if bound is None else f"{name} >= {literal}"
            kept = [row for row in rows if row.get(number) is not None and (bound is None or row[number] >= bound)]
        found = self.session.execute(f"SELECT * FROM t {pin} WHERE {condition}")
        assert sorted(repr(list(row)) for row in found.rows()) == shown(kept), condition


@pytest.mark.parametrize("seed", range(3))
def test_history(session: Session, make: Callable[..., Table], seed: int) -> None:
    rng = random.Random(seed)
    history = History(session, make(Schema()), rng)
    history.add()
    history.add()
    steps = [history.append, history.add, history.rename, history.drop, history.widen, history.move]
    steps += [history.append, history.partition, history.rename_inside]
    for _ in range(25):
        rng.choice(steps)()
        history.note()
        if rng.random() < 0.5:
            history.check()
    history.check()
