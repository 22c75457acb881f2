"""Writes what is published of the routes, after a route, answer or role changed: docs/{openapi.json,security.md}."""

from __future__ import annotations

import json
from pathlib import Path

from olo_jupyter.server.openapi import document
from olo_jupyter.server.security_page import security_page

DOCS = Path(__file__).parents[1] / "docs"
page = DOCS / "security.md"
page.write_text(security_page(page.read_text(encoding="utf-8")), encoding="utf-8")
(DOCS / "openapi.json").write_text(json.dumps(document(), indent=2) + "\n", encoding="utf-8")
