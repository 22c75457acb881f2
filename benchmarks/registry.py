"""All benchmarks by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from benchmarks import (
    airflow,
    dbt,
    explore,
    extension,
    jobs,
    lineage,
    magics,
    panels,
    publish,
    resources,
    scan,
    service,
    tpch,
    trino,
    writes,
)
from benchmarks.measure import Figure
from benchmarks.options import Options

BENCHMARKS: Mapping[str, Callable[[Options], Iterator[Figure]]] = {
    "magics": magics.figures,
    "explore": explore.figures,
    "tpch": tpch.figures,
    "writes": writes.figures,
    "resources": resources.figures,
    "dbt": dbt.figures,
    "trino": trino.figures,
    "jobs": jobs.figures,
    "lineage": lineage.figures,
    "publish": publish.figures,
    "scan": scan.figures,
    "service": service.figures,
    "extension": extension.figures,
    "panels": panels.figures,
    "airflow": airflow.figures,
}
"""A benchmark gives its figures one by one, so that the ones before a failure are seen."""
