"""olo_jobs."""
