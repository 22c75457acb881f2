"""Workspaces: a group of project, catalogs, experiments and people, written in Git and made so by ``olo apply``."""
