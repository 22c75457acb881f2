"""Which files a table's snapshots refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.data_files import extra, read_entries
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import ManifestFile
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.snapshots import Snapshot

Files = dict[str, int | None]
"""Locations and sizes in bytes, None where the metadata don't tell."""


@contextmanager
def readable(name: TableName) -> Iterator[None]:
    """Turn what reading a table's manifests raises into one error: nothing may go while it isn't known what is needed.

    Raises:
        QueryError: ``iceberg-bad-data``.
    """
    try:
        yield
    except (OSError, ValueError, EOFError) as error:
        raise QueryError(
            f"A manifest of '{name}' can't be read, so it isn't known which files are needed: {error}",
            code="iceberg-bad-data",
            hint="Nothing was removed. Bring the file back, or roll the table back to a whole snapshot.",
        ) from error


class Reach:
    """The files of snapshots of one table; each manifest is read once.

    Args:
        io: Opens the manifests.
    """

    def __init__(self, io: FileIO) -> None:
        self._io = io
        self._manifests: dict[int, list[ManifestFile]] = {}
        self._entries: dict[tuple[str, bool], Files] = {}

    def of(self, snapshots: Iterable[Snapshot]) -> Files:
        """All files that the snapshots need: manifest lists, manifests, data and delete files.

        Raises:
            OSError: A manifest list or a manifest can't be read.
        """
        found: Files = {}
        manifests: dict[str, ManifestFile] = {}
        for snapshot in snapshots:
            found[snapshot.manifest_list] = None
            manifests |= {manifest.manifest_path: manifest for manifest in self.manifests(snapshot)}
        for path, manifest in manifests.items():
            found[path] = manifest.manifest_length
            found |= self._files(manifest, live=True)
        return found

    def only(self, leaving: Iterable[Snapshot], staying: Iterable[Snapshot]) -> Files:
        """The files that ``leaving`` need, or once needed, and ``staying`` don't."""
        leaving, staying = list(leaving), list(staying)
        if not leaving:
            return {}
        kept = {manifest.manifest_path for snapshot in staying for manifest in self.manifests(snapshot)}
        found: Files = {snapshot.manifest_list: None for snapshot in leaving}
        for snapshot in leaving:
            for manifest in self.manifests(snapshot):
                # A file that a kept manifest has live is live in a snapshot that stays.
                if manifest.manifest_path not in kept and manifest.manifest_path not in found:
                    found[manifest.manifest_path] = manifest.manifest_length
                    found |= self._files(manifest, live=False)
        needed = self.of(staying)
        return {path: size for path, size in found.items() if path not in needed}

    def manifests(self, snapshot: Snapshot) -> list[ManifestFile]:
        """The manifests of a snapshot."""
        if snapshot.snapshot_id not in self._manifests:
            self._manifests[snapshot.snapshot_id] = snapshot.manifests(self._io)
        return self._manifests[snapshot.snapshot_id]

    def _files(self, manifest: ManifestFile, *, live: bool) -> Files:
        key = (manifest.manifest_path, live)
        if key not in self._entries:
            self._entries[key] = {
                entry.data_file.file_path: extra(entry.data_file, "content_size_in_bytes")
                or entry.data_file.file_size_in_bytes
                for entry in read_entries(manifest, self._io, discard_deleted=live)
            }
        return self._entries[key]


def statistics_files(metadata: TableMetadata, snapshot_ids: Iterable[int] | None = None) -> Files:
    """The statistics files of a table, or of some of its snapshots."""
    wanted = None if snapshot_ids is None else set(snapshot_ids)
    files = [*metadata.statistics, *metadata.partition_statistics]
    return {
        file.statistics_path: file.file_size_in_bytes for file in files if wanted is None or file.snapshot_id in wanted
    }


def metadata_files(metadata: TableMetadata, metadata_location: str) -> Files:
    """The metadata files that a table keeps: the current one and those of its log."""
    return dict.fromkeys([metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)])


def total(files: Mapping[str, int | None]) -> int:
    """The bytes of files, as far as the metadata tell."""
    return sum(size or 0 for size in files.values())


def sized(io: FileIO, files: Files) -> Files:
    """``files`` with the sizes that the metadata don't tell, asked of the storage; a file that is gone has none."""
    found = dict(files)
    for path, size in files.items():
        if size is None:
            with suppress(OSError):
                found[path] = len(io.new_input(path))
    return found
