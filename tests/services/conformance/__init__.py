"""Tables that Spark, Trino and PyIceberg wrote, read at every snapshot by the embedded engine, Trino and Spark.

``python -m tests.services.conformance.report`` writes docs/conformance.md.
"""
