"""The embedded engine against the answers of a real Trino 483.

``cases/`` holds what is asked, ``answers/`` what Trino said (``python -m tests.parity.record``); ``test_parity.py``
asks the embedded engine the same and needs no Trino. ``python -m tests.parity.report`` writes docs/parity.md.
"""
