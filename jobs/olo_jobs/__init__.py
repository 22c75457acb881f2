"""The job specification of OLO Jupyter: typed models, JSON Schema, a loader whose errors name file, line, column."""
