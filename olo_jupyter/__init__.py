"""OLO Jupyter: explore Iceberg tables in notebooks, promote cells to production with proof."""


def __getattr__(name: str) -> str:
    # Reading the distribution's metadata costs more than importing the magics: only when asked for.
    if name == "__version__":
        from importlib.metadata import version

        return version("olo-jupyter")
    raise AttributeError(name)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab finds the prebuilt extension, for developers' links."""
    return [{"src": "labextension", "dest": "olo-jupyter"}]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    """The server extension that the file in jupyter-config enables."""
    from olo_jupyter.server.extension import OloExtension

    return [{"module": "olo_jupyter.server.extension", "app": OloExtension}]
