"""A SELECT of the notebook as a dbt model with everything a project needs around it."""

from olo_converters.dbt.model import build_model

__all__ = ["build_model"]
