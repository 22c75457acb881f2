"""Measurements: ratios taken in one run, each written with its goal to RESULTS.md."""
