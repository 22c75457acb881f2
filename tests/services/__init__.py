"""Real services for tests and people: installed once into a cache, started on loopback, stopped with their children.

One module a service; :mod:`tests.services.catalogue` lists them. For people::

    python -m tests.services up trino postgres

For tests: the session-scoped fixtures in ``conftest.py``.
"""
