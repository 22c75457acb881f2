"""One file an engine, behind the Protocol in base.py."""
