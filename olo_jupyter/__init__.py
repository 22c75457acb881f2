"""OLO Jupyter: explore Iceberg tables in notebooks, promote cells to production with proof."""

from importlib.metadata import version

__version__ = version("olo-jupyter")
