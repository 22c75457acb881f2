"""A JupyterHub with OLO: sign-in by OpenID Connect, roles by groups, the shared service. See docs/hub.md.

    jupyterhub -f jupyterhub_config/jupyterhub_config.py

Its settings are environment variables OLO_HUB_…; what you set below ``configure(c)`` wins.
"""

from olo_jupyter.hub.configure import configure

c = get_config()  # noqa: F821 - JupyterHub gives it
configure(c)
