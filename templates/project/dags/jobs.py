"""Airflow's DAGs: the jobs of this project, for the target that is deployed here (else the one that OLO_TARGET names)."""

from olo_jobs.airflow import load_dags

globals().update(load_dags(__file__))
