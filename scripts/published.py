"""Writes what is published of the routes: the tables of docs/security.md. Run it after a route or role changed."""

from __future__ import annotations

from pathlib import Path

from olo_jupyter.server.security_page import security_page

DOCS = Path(__file__).parents[1] / "docs"
page = DOCS / "security.md"
page.write_text(security_page(page.read_text(encoding="utf-8")), encoding="utf-8")
