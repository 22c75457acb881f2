"""An idle server ends while its page and panel are open; one that works stays."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from tests.services.debian import chromium
from tests.services.jupyterhub.hub import Hub
from tests.services.jupyterhub.person import Person
from tests.services.jupyterhub.processes import refresh_token
from tests.services.jupyterhub.times import IDLE


def test_an_idle_server_ends_while_its_page_and_panel_are_open_and_a_working_one_stays(
    hub: Hub, ana: Person, ben: Person, tmp_path: Path
) -> None:
    ana.start()
    environ = {**os.environ, "PASSWORD": hub.keycloak.passwords["olo-ana"], "CHROMIUM_PATH": chromium()}
    page = subprocess.Popen(
        ["node", str(Path(__file__).with_name("page.mjs")), hub.uri, "olo-ana", str(tmp_path / "panel.png")],
        env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert page.stdout is not None
        opened = json.loads(page.stdout.readline() or json.dumps({"error": page.stderr and page.stderr.read()}))
        assert "error" not in opened, opened
        assert any("OLO" in card for card in opened["cards"]), "the launcher has a card for the panel"
        assert any(card.startswith("code-server") for card in opened["cards"])
        browser = opened["storage"]
        assert hub.keycloak.client_secret not in browser
        assert refresh_token(hub, "olo-ana") not in browser
        # Works for longer than a server may be idle, and prints nothing.
        busy = ben.run(f"import time; time.sleep({IDLE + 15}); print('done')", seconds=IDLE + 150)
        assert busy.strip() == "done"
        assert ben.running()
        end = time.monotonic() + 60
        while ana.running():
            assert time.monotonic() < end, "her server still runs, though nobody did anything"
            time.sleep(1)
        out, _ = page.communicate(timeout=60)
        said = json.loads(out)
        assert said["requests"] > 5, f"the page asked for things all the time: {said}"
    finally:
        page.kill()
