"""A door before a service, on loopback, that can misbehave: refuse, keep silent, answer garbage, cut answers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Literal

Mode = Literal["pass", "refuse", "silent", "garbage", "html", "cut"]
_GARBAGE = b"\x00\xff\x13 this is no HTTP \r\n\r\n"
_PAGE = b"<html>Sign in</html>"
_HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
    len(_PAGE),
    _PAGE,
)


class Door:
    """The door.

    Args:
        port: Where the service listens.
    """

    def __init__(self, port: int) -> None:
        self.mode: Mode = "pass"
        self.asked = 0
        self._target = port
        self._open = True
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def uri(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Listen no more."""
        self._open = False
        self._server.close()

    def _serve(self) -> None:
        while self._open:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        mode = self.mode
        self.asked += 1
        with client, contextlib.suppress(OSError):
            if mode == "refuse":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # a reset
                return
            if mode == "silent":
                client.settimeout(40)
                while client.recv(65536):
                    pass
                return
            if mode in ("garbage", "html"):
                client.recv(65536)
                client.sendall(_GARBAGE if mode == "garbage" else _HTML)
                return
            with socket.create_connection(("127.0.0.1", self._target)) as service:
                there = threading.Thread(target=_pump, args=(client, service, None), daemon=True)
                there.start()
                _pump(service, client, 120 if mode == "cut" else None)


def _pump(source: socket.socket, target: socket.socket, most: int | None) -> None:
    sent = 0
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            if most is not None and sent + len(part) > most:
                target.sendall(part[: most - sent])
                break
            target.sendall(part)
            sent += len(part)
        target.shutdown(socket.SHUT_RDWR if most is not None else socket.SHUT_WR)


@contextlib.contextmanager
def door(port: int) -> Iterator[Door]:
    """A door before what listens on a port of loopback."""
    made = Door(port)
    try:
        yield made
    finally:
        made.close()
