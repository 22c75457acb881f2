"""The documentation: it builds without a warning, its links lead somewhere, its code is right."""
