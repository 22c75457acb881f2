"""Writes what is published of the routes, after a route, answer or role changed.

docs/openapi.json, docs/security.md, and the typed client labextension/src/frame/routes.ts.
"""

from __future__ import annotations

import json
from pathlib import Path

from olo_jupyter.server.openapi import document
from olo_jupyter.server.security_page import security_page
from olo_jupyter.server.typescript import client

ROOT = Path(__file__).parents[1]
page = ROOT / "docs" / "security.md"
page.write_text(security_page(page.read_text(encoding="utf-8")), encoding="utf-8")
(ROOT / "docs" / "openapi.json").write_text(json.dumps(document(), indent=2) + "\n", encoding="utf-8")
(ROOT / "labextension" / "src" / "frame" / "routes.ts").write_text(client(document()), encoding="utf-8")
