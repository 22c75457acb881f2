"""Experiments and models in MLflow."""
