"""Spark as an engine: classic sessions and Spark Connect."""

from olo_jupyter.lakehouse.engines.spark.engine import SparkEngine

__all__ = ["SparkEngine"]
