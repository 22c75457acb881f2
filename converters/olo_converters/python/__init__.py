"""A slice of the notebook as a Python module of typed functions, with its tests."""

from olo_converters.python.module import build_module

__all__ = ["build_module"]
