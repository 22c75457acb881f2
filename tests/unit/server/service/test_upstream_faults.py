"""What a person's server makes of a service that sends elsewhere, answers garbage, or is cut off in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from olo_jupyter.errors import OloError
from olo_jupyter.server.dispatch import Asked
from olo_jupyter.server.models.base import Answer, Body
from olo_jupyter.server.proxy import Proxy
from olo_jupyter.server.routes.route import Route
from olo_jupyter.service_settings import ServiceSettings

READ = Route("GET", "/jobs/{name}", "jobs", "read", lambda context, name: Answer(), Answer)
WRITE = Route("POST", "/jobs/{name}", "jobs", "trigger", lambda context, name, body: Answer(), Answer, body=Body)
ASKED = Asked({"name": "a/b"}, {})


@asynccontextmanager
async def answering(raw: bytes, seen: list[bytes]) -> AsyncIterator[Proxy]:
    """A proxy to a server that answers every request with these bytes, then hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(raw)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = Proxy(ServiceSettings(url=f"http://127.0.0.1:{port}"), {"OLO_SERVICE_TOKEN": "s3cret-token"})
    try:
        yield proxy
    finally:
        await proxy.close()
        server.close()


JSON = b"Content-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://evil.example.org/\r\nContent-Length: 0\r\n\r\n", "service-protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<a/>", "service-protocol"),
        (b"HTTP/1.1 200 OK\r\n" + JSON + b'Content-Length: 3\r\n\r\n{"a', "service-protocol"),
        (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 900\r\n\r\n{", "service-unavailable"),
        (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 2\r\n\r\n[]", "service-protocol"),
        (b"HTTP/1.1 503 No\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<a/>", "service-unavailable"),
        (b"\x00\x01 nothing like it", "service-unavailable"),
        (b"", "service-unavailable"),
    ],
)
async def test_an_answer_that_is_none(raw: bytes, code: str) -> None:
    seen: list[bytes] = []
    async with answering(raw, seen) as proxy:
        with pytest.raises(OloError) as caught:
            await proxy.forward(READ, ASKED)
    assert caught.value.code == code
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert seen[0].startswith(b"GET /olo/api/jobs/a%2Fb HTTP/1.1\r\n")


async def test_what_may_have_been_done_is_not_done_again() -> None:
    seen: list[bytes] = []
    async with answering(b"", seen) as proxy:
        proxy._urls *= 2
        with pytest.raises(OloError) as caught:
            await proxy.forward(WRITE, Asked({"name": "x"}, {}, b"{}", "application/json"))
    assert len(seen) == 1
    assert "look before" in caught.value.hint


async def test_a_name_is_never_a_path() -> None:
    async with answering(b"", []) as proxy:
        with pytest.raises(OloError):
            await proxy.forward(READ, Asked({"name": ".."}, {}))
