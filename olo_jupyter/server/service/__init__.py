"""The shared service `olo serve`: the routes outside Jupyter Server, for a team, in one or several replicas."""
