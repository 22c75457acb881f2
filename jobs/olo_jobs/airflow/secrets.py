"""Secrets in Airflow: its Variable of that name, and with it every secrets backend that it is set up with."""

from __future__ import annotations

import os

from airflow.sdk import Variable

from olo_jobs.commands import SecretError, secret_of
from olo_jobs.fields import SecretRef


def secret(reference: SecretRef) -> str:
    """The value of a secret: Airflow's Variable, else the environment of the worker.

    Raises:
        SecretError: Neither has it.
    """
    value = Variable.get(reference.secret, default=None)
    if value:
        return str(value)
    try:
        return secret_of(os.environ)(reference)
    except SecretError:
        raise SecretError(
            f"The secret {reference.secret!r} isn't set: make it a Variable of Airflow, or set {reference.variable}."
        ) from None
