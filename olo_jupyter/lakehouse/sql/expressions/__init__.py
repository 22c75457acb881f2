"""Expressions: Trino's types and DuckDB's text for each node, function by function."""
