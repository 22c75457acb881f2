"""Lineage: OpenLineage events in, a graph of jobs, datasets and columns out; the product's own store, and Marquez."""
