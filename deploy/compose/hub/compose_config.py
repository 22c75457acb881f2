"""The Hub in a container: jupyterhub_config, which listens beyond the container's loopback, and lets Prometheus in."""

import os

from olo_jupyter.hub.configure import configure

c = get_config()  # noqa: F821 - JupyterHub gives it
configure(c)
# Compose publishes the port on this machine's loopback only.
c.JupyterHub.bind_url = "http://0.0.0.0:8000"
c.JupyterHub.services.append({"name": "prometheus", "api_token": os.environ["HUB_METRICS_TOKEN"]})
c.JupyterHub.load_roles.append({"name": "prometheus", "services": ["prometheus"], "scopes": ["read:metrics"]})
