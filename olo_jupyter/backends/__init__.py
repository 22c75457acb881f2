"""Clients of services, each behind a Protocol."""
