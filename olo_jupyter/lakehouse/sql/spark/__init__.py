"""Trino SQL as Spark's: typed by the same rules, each lowering's answers compared with Trino's."""
