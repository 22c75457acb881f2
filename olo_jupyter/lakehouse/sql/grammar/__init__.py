"""Trino's grammar (SqlBase.g4), written out: text in, a tree of sqlglot's nodes out.

sqlglot's own parser reads what twenty dialects have in common and guesses the rest: adjacent strings are joined,
``x[1]`` is renumbered, ``a = b IS NULL`` is regrouped, ``NULLS FIRST`` appears where nobody wrote it. Here a text is
either Trino's, read as Trino reads it, or a syntax error at its place. The nodes are
sqlglot's, so that its tools serve.
"""
