"""A Trino server as the engine uses it: sign-in, the protocol, its JSON into Arrow. The engine itself is engines/trino.py."""
