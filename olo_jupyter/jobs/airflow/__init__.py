"""Airflow 3 as an orchestrator: its API's answers as jobs, runs and logs."""

from __future__ import annotations

from olo_jupyter.jobs.airflow.connect import connect
from olo_jupyter.jobs.airflow.orchestrator import AirflowOrchestrator

__all__ = ["AirflowOrchestrator", "connect"]
