"""olo_converters."""
