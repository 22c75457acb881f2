"""Iceberg tables, time travel and one SQL on several engines."""
