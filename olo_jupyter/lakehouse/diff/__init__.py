"""What changed between two pins of a table or a query: columns, rows, the spread of values."""
