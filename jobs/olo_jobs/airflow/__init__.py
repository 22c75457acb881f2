"""Jobs of a project as DAGs of Airflow 3.

A DAG file of a project is a few lines::

    from olo_jobs.airflow import load_dags

    globals().update(load_dags(__file__))
"""

from __future__ import annotations

from olo_jobs.airflow.loader import load_dags

__all__ = ["load_dags"]
