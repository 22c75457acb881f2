"""Run a job and keep its records."""
