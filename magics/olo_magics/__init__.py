"""olo_magics."""
