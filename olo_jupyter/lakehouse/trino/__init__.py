"""A Trino server as engines/trino.py uses it: sign-in, the text that is sent, the protocol, its JSON into Arrow."""
