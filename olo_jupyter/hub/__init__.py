"""OLO under JupyterHub: who signs in, what each may do, how a person's server starts and when it ends."""
