"""How many bytes a read of some columns takes from the files of a scan, by what the manifests say of each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyiceberg.types import IcebergType, NestedField

    from olo_jupyter.lakehouse.data_files import DataTask


def bytes_of(tasks: Sequence[DataTask], fields: Iterable[NestedField] | None) -> int:
    """Bytes of ``fields`` where the manifests tell column sizes, else of whole files; with the delete files.

    Args:
        fields: None for all columns.
    """
    ids = None if fields is None else set(_leaves(fields))
    return sum(_bytes(task, ids) for task in tasks) + _delete_bytes(tasks)


def _bytes(task: DataTask, ids: set[int] | None) -> int:
    sizes = task.file.column_sizes
    if ids is None or not sizes:
        return task.file.file_size_in_bytes
    return min(sum(size for id_, size in sizes.items() if id_ in ids), task.file.file_size_in_bytes)


def _delete_bytes(tasks: Iterable[DataTask]) -> int:
    """Delete files, each once; of a deletion vector its own part of the file."""
    found = {
        (delete.file.file_path, delete.extent): delete.extent[1] if delete.extent else delete.file.file_size_in_bytes
        for task in tasks
        for delete in task.delete_files
    }
    return sum(found.values())


def _leaves(fields: Iterable[NestedField]) -> Iterator[int]:
    for field in fields:
        yield from _leaf_ids(field.field_id, field.field_type)


def _leaf_ids(id_: int, type_: IcebergType) -> Iterator[int]:
    from pyiceberg.types import ListType, MapType, StructType

    match type_:
        case StructType():
            yield from _leaves(type_.fields)
        case ListType():
            yield from _leaf_ids(type_.element_id, type_.element_type)
        case MapType():
            yield from _leaf_ids(type_.key_id, type_.key_type)
            yield from _leaf_ids(type_.value_id, type_.value_type)
        case _:
            yield id_
