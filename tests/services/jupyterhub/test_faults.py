"""The shared service ends, and the rest goes on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.services.jupyterhub.hub import Hub
from tests.services.jupyterhub.person import Person
from tests.services.jupyterhub.processes import of_service
from tests.services.process import until


def test_the_shared_service_is_killed_and_is_back_while_the_rest_goes_on(hub: Hub, ana: Person) -> None:
    assert ana.server("GET", "/olo/api/jobs").status_code == 200
    before = len(hub.log.read_text(errors="replace"))
    (serve,) = [pid for pid, _ in of_service("olo") if b"olo_jupyter.cli" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(serve, signal.SIGKILL)
    assert ana.server("GET", "/olo/api/catalogs").status_code == 200, "what is her server's own goes on"
    away = ana.server("GET", "/olo/api/jobs")
    assert away.status_code == 503 and away.json()["code"] == "service-unavailable", away.text
    begun = time.monotonic()
    until(lambda: ana.server("GET", "/olo/api/jobs").status_code == 200)
    print(f"back after {time.monotonic() - begun:.1f} s")
    said = hub.log.read_text(errors="replace")[before:]
    assert "olo serve ended with" in said
    assert "Traceback" not in said
