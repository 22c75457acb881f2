"""A real JupyterHub with a real Keycloak, as jupyterhub_config sets them up; its people, and what they see and may do.

Started once for all tests of this folder.
"""
