"""Notebook in, artefacts out. Pure: no network, no engine, no Jupyter.

The doors::

    notebook.read_notebook(path) -> Notebook;  notebook.parse_notebook(text, path, suffix) -> Notebook
    magic_line.parse_sql_line(line) -> SqlLine;  magic_line.parse_promote_line(line) -> PromoteLine
    options.parse_options(yaml_text) -> PromoteOptions
    names.check_artefact_name(name) -> str
    graph.build_graph(notebook, catalog="dev", namespace="") -> Graph
    slice.slice_for(graph, target, at=None, capture=Capture()) -> Slice      (target: variable name or cell id)
    convert.convert(request: conversion.Request) -> conversion.Conversion   (picks dbt or Python, and writes the job)
    dbt.to_model(request) -> Conversion;  python.to_module(request) -> Conversion
    findings.CATALOGUE: every code with its severity and explanation
"""
