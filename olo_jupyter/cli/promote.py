"""``olo promote``."""
