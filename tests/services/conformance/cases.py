"""All tables of the suite."""

from __future__ import annotations

from tests.services.conformance import pyiceberg_tables, spark_tables, trino_tables

CASES = [*spark_tables.CASES, *trino_tables.CASES, *pyiceberg_tables.CASES]
