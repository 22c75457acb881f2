"""What a task read and wrote, as OpenLineage datasets. Needs openlineage-python, which whoever emits events has."""

from __future__ import annotations

from typing import Any

from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    dataset_version_dataset,
    output_statistics_output_dataset,
    schema_dataset,
)

from olo_jobs.activity import Activity


def datasets(activity: Activity) -> tuple[list[InputDataset], list[OutputDataset]]:
    """Inputs and outputs with their snapshots, schemas, column lineage and rows.

    The namespace is the catalog, the name the rest: ``lake``, ``silver.flights``.
    """
    read = [
        InputDataset(*_split(name), facets=_facets(activity, name, snapshot))
        for name, snapshot in activity.reads.items()
        if name not in activity.writes
    ]
    written = [
        OutputDataset(*_split(name), facets=_facets(activity, name, snapshot), outputFacets=_statistics(activity, name))
        for name, snapshot in activity.writes.items()
    ]
    return read, written


def _facets(activity: Activity, table: str, snapshot: int) -> dict[str, Any]:
    told: dict[str, Any] = {"version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=str(snapshot))}
    if table in activity.columns:
        fields = [schema_dataset.SchemaDatasetFacetFields(name, type) for name, type in activity.columns[table]]
        told["schema"] = schema_dataset.SchemaDatasetFacet(fields=fields)
    if table in activity.sources:
        made = {
            column: column_lineage_dataset.Fields(
                inputFields=[
                    column_lineage_dataset.InputField(*_split(source), field=field) for source, field in inputs
                ]
            )
            for column, inputs in activity.sources[table].items()
        }
        told["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(fields=made)
    return told


def _statistics(activity: Activity, table: str) -> dict[str, Any]:
    rows = activity.rows.get(table)
    if rows is None:
        return {}
    return {"outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)}


def _split(name: str) -> tuple[str, str]:
    catalog, _, table = name.partition(".")
    return catalog, table
