"""Remove files under a table's folders that nothing refers to: what failed writes and killed runs left.

The folder is listed first and the table loaded after it, so a file that a commit brings in meanwhile is seen as
needed. Young files stay: a write that runs may own them. Files of other tables under the same folders stay too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.maintenance.deleting import delete_files
from olo_jupyter.lakehouse.maintenance.expire import refuse_without_gc
from olo_jupyter.lakehouse.maintenance.reach import Files as Locations
from olo_jupyter.lakehouse.maintenance.reach import Reach, metadata_files, readable, statistics_files
from olo_jupyter.lakehouse.maintenance.reports import Files, OnStep, Orphans, silent
from olo_jupyter.lakehouse.metadata_checks import same_place
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.views import list_views, view_location

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.table import Table

    from olo_jupyter.lakehouse.catalog import Catalogs


@dataclass(frozen=True)
class _Found:
    """A file under a table's folder: where it is, in the form of :func:`same_place`, its size and age."""

    location: str
    place: str
    size: int
    changed: datetime


def remove_orphans(
    catalogs: Catalogs,
    name: TableName,
    older_than: timedelta = timedelta(days=7),
    *,
    dry_run: bool = False,
    on_step: OnStep = silent,
) -> Orphans:
    """Remove the orphan files of a table that are older than ``older_than``.

    Args:
        catalogs: The project's catalogs: other tables of theirs keep their files.
        name: The table.
        older_than: The least age; no shorter than the longest write that may run.
        dry_run: Only tell.
        on_step: Called while it runs.

    Raises:
        QueryError: ``table-not-found``, ``gc-disabled``; a manifest or a neighbour's metadata that can't be read.
        Unsupported: The storage can't be listed here.
    """
    cutoff = datetime.now(UTC) - older_than
    with writing(name):
        table = catalogs.load(name)
        refuse_without_gc(table, name)
        on_step("listing files", 0.0)
        roots = _roots(table)
        found = list(_listed(table.io, roots))
        on_step("reading manifests", 0.0)
        table = catalogs.load(name)
        refuse_without_gc(table, name)
        reach = Reach(table.io)
        needed = _needed(table, name, reach)
        others, folders = _neighbours(catalogs, name, table, [same_place(root) for root in roots], on_step)
        hint = f"{table.location()}/metadata/version-hint.text"  # a Hadoop table's, of no snapshot
        known = {same_place(path) for path in (*needed, hint)} | others
        orphans = [file for file in found if file.place not in known and not _under(file.place, folders)]
        old = sorted((file for file in orphans if file.changed < cutoff), key=lambda file: file.location)
        sizes: Locations = {file.location: file.size for file in old}
        would = Files(len(old), sum(file.size for file in old))
        files = would if dry_run else delete_files(table.io, sizes, on_step)
        manifests = {each.manifest_path for snapshot in table.snapshots() for each in reach.manifests(snapshot)}
        return Orphans(
            tuple(sizes), files, len(found), len(needed), manifests=len(manifests), young=len(orphans) - len(old)
        )


def _needed(table: Table, name: TableName, reach: Reach) -> Locations:
    with readable(name):
        return {
            **reach.of(table.snapshots()),
            **metadata_files(table.metadata, table.metadata_location),
            **statistics_files(table.metadata),
        }


def _roots(table: Table) -> tuple[str, ...]:
    """The folders that a table writes to."""
    keys = ("write.data.path", "write.metadata.path", "write.object-storage.path", "write.folder-storage.path")
    named = [table.properties[key] for key in keys if key in table.properties]
    roots: list[str] = []
    for root in (table.location(), *named):
        if not _under(same_place(root), [same_place(known) for known in roots]):
            roots.append(root)
    return tuple(roots)


def _neighbours(
    catalogs: Catalogs, name: TableName, table: Table, roots: list[str], on_step: OnStep
) -> tuple[set[str], list[str]]:
    """What other tables and views have under ``roots``: files they need, and folders that are theirs alone."""
    files: set[str] = set()
    folders: list[str] = []
    names = list(_others(catalogs, name))
    for number, other in enumerate(names):
        on_step("looking at other tables", number / len(names))
        try:
            found = catalogs.find(other)
        except QueryError as error:
            raise QueryError(
                f"The table '{other}' can't be read, so it isn't known which files it needs: {error.message}",
                code=error.code,
                hint="Nothing was removed. Repair that table, or drop it.",
            ) from error
        if found is None or found.metadata.table_uuid == table.metadata.table_uuid:
            continue
        theirs = [same_place(root) for root in _roots(found)]
        if not any(_under(place, roots) or _under(root, [place]) for place in theirs for root in roots):
            continue
        files |= {same_place(path) for path in _needed(found, other, Reach(found.io))}
        folders += [place for place in theirs if _strictly_under(place, roots)]
    folders += [
        place
        for catalog, namespace, view in _views(catalogs)
        if (place := same_place(view_location(catalogs, TableName(catalog, namespace, view)))) and _under(place, roots)
    ]
    return files, folders


def _others(catalogs: Catalogs, name: TableName) -> Iterator[TableName]:
    for catalog in _direct(catalogs):
        for namespace in catalogs.namespaces(catalog):
            for table in catalogs.tables(catalog, namespace):
                other = TableName(catalog, namespace, table.lower())
                if other != name:
                    yield other


def _views(catalogs: Catalogs) -> Iterator[tuple[str, str, str]]:
    for catalog in _direct(catalogs):
        for namespace in catalogs.namespaces(catalog):
            for view in list_views(catalogs, catalog, namespace):
                yield catalog, namespace, view


def _direct(catalogs: Catalogs) -> list[str]:
    return [name for name in catalogs.names() if catalogs.settings.catalogs[name].access == "direct"]


def _under(place: str, folders: Iterable[str]) -> bool:
    """Whether a file or folder is one of ``folders``, or inside one."""
    return any(place == folder or place.startswith(f"{folder}/") for folder in folders)


def _strictly_under(place: str, folders: Iterable[str]) -> bool:
    return any(place.startswith(f"{folder}/") for folder in folders)


def _listed(io: FileIO, roots: Iterable[str]) -> Iterator[_Found]:
    from pyarrow.fs import FileSelector, FileType
    from pyiceberg.io.pyarrow import PyArrowFileIO

    if not isinstance(io, PyArrowFileIO):
        raise Unsupported(
            "Orphan files can't be listed with this catalog's py-io-impl.", hint="Leave out the property py-io-impl."
        )
    for root in roots:
        scheme, netloc, path = PyArrowFileIO.parse_location(root)
        filesystem = io.fs_by_scheme(scheme, netloc)
        for info in filesystem.get_file_info(FileSelector(path, recursive=True, allow_not_found=True)):
            if info.type == FileType.File:
                location = root.rstrip("/") + "/" + info.path.removeprefix(path.rstrip("/")).lstrip("/")
                yield _Found(location, same_place(location), info.size, info.mtime)
