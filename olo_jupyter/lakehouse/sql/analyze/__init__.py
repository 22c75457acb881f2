"""From a tree to DuckDB's text: names resolved and types known by Trino's rules, clause by clause."""
