"""Facts about libraries and languages, as data files."""
