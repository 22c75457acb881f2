"""What the routes take and answer, one file an area.

Snapshot ids are decimal strings: a browser reads JSON numbers as doubles.
"""
