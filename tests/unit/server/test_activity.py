"""When a server counts as used."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from olo_jupyter.server.activity import PRESENCE, last_activity


async def test_requests_of_open_pages_are_no_use_and_clicks_are(
    jp_fetch: Any, jp_serverapp: Any, tmp_path: Path
) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    before = last_activity(jp_serverapp, tmp_path, later)
    await asyncio.sleep(0.01)
    await jp_fetch("api", "kernels")
    await jp_fetch("olo", "api", "catalogs")
    assert last_activity(jp_serverapp, tmp_path, later) == before
    answer = await jp_fetch("olo", "api", "presence", method="POST", body="")
    assert answer.code == 204
    assert last_activity(jp_serverapp, tmp_path, later) == jp_serverapp.web_app.settings[PRESENCE] > before


async def test_a_kernel_that_works_in_silence_is_use_and_a_quiet_one_is_not(
    jp_fetch: Any, jp_serverapp: Any, tmp_path: Path
) -> None:
    made = await jp_serverapp.kernel_manager.start_kernel()
    kernel = jp_serverapp.kernel_manager.get_kernel(made)
    later = datetime.now(UTC) + timedelta(hours=3)
    kernel.execution_state = "busy"
    assert last_activity(jp_serverapp, tmp_path, later) == later
    kernel.execution_state = "idle"
    assert last_activity(jp_serverapp, tmp_path, later) < later
    await jp_serverapp.kernel_manager.shutdown_kernel(made)


async def test_an_open_code_server_is_use(jp_serverapp: Any, tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    heartbeat = tmp_path / ".local" / "share" / "code-server" / "heartbeat"
    heartbeat.parent.mkdir(parents=True)
    heartbeat.touch()
    os.utime(heartbeat, (now.timestamp() - 5, now.timestamp() - 5))
    assert last_activity(jp_serverapp, tmp_path, now) == now - timedelta(seconds=5)
