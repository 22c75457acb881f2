"""The snapshot of a compaction: files are replaced by others with the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyiceberg.manifest import ManifestContent, ManifestEntry, ManifestEntryStatus, ManifestFile, ManifestWriterV2
from pyiceberg.table.snapshots import Operation, Summary

from olo_jupyter.lakehouse.commit import Rewrite

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Transaction


class _DeletesWriter(ManifestWriterV2):
    """A manifest of delete files, which PyIceberg 0.12 doesn't write."""

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


class ReplaceFiles(Rewrite):
    """One snapshot of the operation ``replace``; delete files that nothing needs any more leave with the data files.

    Raises:
        ValidationException: A file that should leave isn't in the table.
    """

    def __init__(
        self,
        transaction: Transaction,
        io: FileIO,
        leaving: Iterable[DataFile],
        coming: Iterable[DataFile],
        deletes: Iterable[DataFile] = (),
    ) -> None:
        super().__init__(transaction, io, leaving, coming)
        self._leaving_deletes = {file.file_path: file for file in deletes}

    def _existing_manifests(self) -> list[ManifestFile]:
        return [
            self._without_deletes(manifest) if manifest.content == ManifestContent.DELETES else manifest
            for manifest in super()._existing_manifests()
        ]

    def _without_deletes(self, manifest: ManifestFile) -> ManifestFile:
        entries = manifest.fetch_manifest_entry(self._io, discard_deleted=True)
        if not any(entry.data_file.file_path in self._leaving_deletes for entry in entries):
            return manifest
        writer = _DeletesWriter(
            self.spec(manifest.partition_spec_id),
            self.schema_for(self.spec(manifest.partition_spec_id)),
            self.new_manifest_output(),
            self.snapshot_id,
            self._compression,
        )
        with writer:
            for entry in entries:
                leaves = entry.data_file.file_path in self._leaving_deletes
                writer.add_entry(
                    ManifestEntry.from_args(
                        status=ManifestEntryStatus.DELETED if leaves else ManifestEntryStatus.EXISTING,
                        snapshot_id=self.snapshot_id if leaves else entry.snapshot_id,
                        sequence_number=entry.sequence_number,
                        file_sequence_number=entry.file_sequence_number,
                        data_file=entry.data_file,
                    )
                )
        return writer.to_manifest_file()

    def _summary(self, snapshot_properties: dict[str, str] | None = None) -> Summary:
        made = super()._summary(snapshot_properties or {})
        properties = dict(made.additional_properties)
        if self._leaving_deletes:
            files = self._leaving_deletes.values()
            properties["removed-delete-files"] = str(len(files))
            before = int(properties.get("total-delete-files", len(files)))
            properties["total-delete-files"] = str(max(0, before - len(files)))
            for kind, number in (("position", 1), ("equality", 2)):
                rows = sum(file.record_count for file in files if file.content.value == number)
                if rows:
                    total = int(properties.get(f"total-{kind}-deletes", rows))
                    properties[f"removed-{kind}-deletes"] = str(rows)
                    properties[f"total-{kind}-deletes"] = str(max(0, total - rows))
        return Summary(Operation.REPLACE, **properties)
