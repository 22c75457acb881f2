"""Looking after tables: expire snapshots, remove orphan files, compact small files."""
