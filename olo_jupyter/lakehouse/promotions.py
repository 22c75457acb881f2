"""Which types of columns Iceberg lets become others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import QueryError, Unsupported

if TYPE_CHECKING:
    from pyiceberg.types import IcebergType


def check_promotion(name: str, now: IcebergType, wanted: IcebergType) -> None:
    """Iceberg's promotions, by its specification.

    PyIceberg 0.12 also lets the scale of a decimal change, and then every old value reads as another number.

    Raises:
        QueryError: ``iceberg-commit-error``.
    """
    from pyiceberg import types

    if (now, wanted) in ((types.IntegerType(), types.LongType()), (types.FloatType(), types.DoubleType())):
        return
    if isinstance(now, types.DecimalType) and isinstance(wanted, types.DecimalType):  # noqa: SIM102 - mypy follows it
        if now.scale == wanted.scale and now.precision <= wanted.precision:
            return
    raise QueryError(
        f"Failed to set column type: Cannot change column type: {name}: {now} -> {wanted}",
        code="iceberg-commit-error",
        hint="Iceberg widens integer to bigint, real to double, and decimal(p, s) to more digits before the point.",
    )


def parts_of(now: IcebergType, wanted: IcebergType, shape: str) -> list[tuple[str, IcebergType, IcebergType]]:
    """The parts of two nested types of one shape: name of the part, its type now, the wanted one.

    Args:
        shape: The beginning of the error's message.

    Raises:
        Unsupported: The shapes differ.
    """
    from pyiceberg.types import ListType, MapType, StructType

    if isinstance(now, ListType) and isinstance(wanted, ListType):
        return [("element", now.element_type, wanted.element_type)]
    if isinstance(now, MapType) and isinstance(wanted, MapType) and str(now.key_type) == str(wanted.key_type):
        return [("value", now.value_type, wanted.value_type)]
    if isinstance(now, StructType) and isinstance(wanted, StructType):
        names = [field.name.lower() for field in now.fields]
        if names == [field.name.lower() for field in wanted.fields]:
            pairs = zip(now.fields, wanted.fields, strict=True)
            return [(old.name, old.field_type, new.field_type) for old, new in pairs]
    hint = "ADD, DROP and RENAME COLUMN take fields of rows too: a.b."
    raise Unsupported(f"{shape}: its shape can't be changed so.", hint=hint)
