"""Connecting to an Airflow as olo.yml names it."""

from __future__ import annotations

import os

from olo_jupyter.backends.airflow import AirflowClient
from olo_jupyter.config import OrchestratorSettings, Settings
from olo_jupyter.jobs.airflow.orchestrator import AirflowOrchestrator
from olo_jupyter.jobs.orchestrator import OrchestratorError


def connect(settings: Settings, target: str, options: OrchestratorSettings) -> AirflowOrchestrator:
    """The Airflow that olo.yml names.

    Raises:
        OrchestratorError: orchestrator-not-found: it names no address; config: its certificates can't be read.
    """
    if not options.url:
        raise OrchestratorError(
            "The orchestrator has no address.", code="orchestrator-not-found", hint="Write orchestrators.airflow.url."
        )
    name = next((name for name, one in settings.orchestrators.items() if one is options), "airflow")
    try:
        client = AirflowClient(
            options.url,
            token=os.environ.get(options.token_env, ""),
            username=options.username,
            password=lambda: os.environ.get(options.password_env, ""),
            seconds=options.seconds,
            ca_file=options.ca_file,
            setting=f"orchestrators.{name}",
        )
    except OSError as error:
        raise OrchestratorError(
            f"orchestrators.{name}.ca_file: {options.ca_file} holds no certificates that can be read.",
            code="config",
            hint="A relative path counts from olo.yml's folder.",
        ) from error
    return AirflowOrchestrator(client, target, settings.user, prefix=options.prefix)
