"""Airflow's pools: one for each resource profile that tasks name."""

from __future__ import annotations

from olo_jupyter.backends.airflow import AirflowClient, AirflowError
from olo_jupyter.backends.upstream.client import segment
from olo_jupyter.jobs.airflow.answers import DagTask, Tag, read

_SLOTS = 16


def make_pools(client: AirflowClient, dag_id: str) -> None:
    """Make the pools that a DAG's tasks name and Airflow lacks: in one that isn't there a task would wait for ever.

    Raises:
        AirflowError: They can't be looked up or made.
    """
    tasks, _ = client.page(f"dags/{segment(dag_id)}/tasks", "tasks")
    wanted = {pool for task in tasks if (pool := read(DagTask, task).pool)}
    if wanted <= {"default_pool"}:
        return
    known = {read(Tag, pool).name for pool in client.pages("pools", "pools", limit=10_000)}
    for name in sorted(wanted - known):
        body = {"name": name, "slots": _SLOTS, "description": "Made by olo for a resource profile."}
        try:
            client.send("POST", "pools", body, repeatable=True)
        except AirflowError as error:
            if error.code != "airflow-conflict":
                raise
