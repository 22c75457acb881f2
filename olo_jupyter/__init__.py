"""OLO Jupyter: explore Iceberg tables in notebooks, promote cells to production with proof."""


def __getattr__(name: str) -> str:
    # Reading the distribution's metadata costs more than importing the magics: only when asked for.
    if name == "__version__":
        from importlib.metadata import version

        return version("olo-jupyter")
    raise AttributeError(name)
