"""The Git project: its blueprint, files, targets, models and jobs."""
