"""A person at a Hub: signs in at Keycloak as a browser does, has a server, runs code in a kernel of it."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
import uuid
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2 as httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.services.jupyterhub.hub import Hub

_SECONDS = 120


class Person:
    """Somebody of Keycloak's people, with cookies of their own."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        # Keycloak's cookies are for https, or for this machine: browsers know that, Python's cookie jar doesn't.
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
        self.http = httpx.Client(base_url=hub.uri, follow_redirects=True, timeout=60, cookies=jar)
        self.token = ""

    def sign_in(self, password: str = "") -> httpx.Response:
        """Through Keycloak's form; where the browser is in the end."""
        page = self.http.get("/hub/oauth_login")
        form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert form, page.text[:500]
        given = {"username": self.name, "password": password or self.hub.keycloak.passwords[self.name]}
        return self.http.post(html.unescape(form.group(1)), data=given)

    def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The Hub's API, as the signed-in browser."""
        xsrf = next((one.value for one in self.http.cookies.jar if one.name == "_xsrf" and one.path == "/hub/"), "")
        headers = {"X-XSRFToken": xsrf or "", "Referer": f"{self.hub.uri}/hub/home", "Sec-Fetch-Mode": "cors"}
        return self.http.request(method, f"/hub/api{path}", headers=headers, **more)

    def start(self) -> None:
        """Have a running server, and a token for it."""
        if not self.token:
            made = self.api("POST", f"/users/{self.name}/tokens", json={"note": "test"})
            assert made.status_code == 201, made.text
            self.token = made.json()["token"]
        end = time.monotonic() + _SECONDS
        while self.server("GET", "/api/status").status_code != 200:
            assert time.monotonic() < end, f"the server of {self.name} didn't start; see {self.hub.log}"
            self.api("POST", f"/users/{self.name}/server")  # refused while it starts, and while it is being stopped
            time.sleep(1)
        self.server("POST", "/olo/api/presence")

    def stop(self) -> None:
        """Have no server."""
        end = time.monotonic() + _SECONDS
        while self.running():
            assert time.monotonic() < end, f"the server of {self.name} didn't end; see {self.hub.log}"
            self.api("DELETE", f"/users/{self.name}/server")
            time.sleep(1)

    def server(self, method: str, path: str, owner: str = "", **more: Any) -> httpx.Response:
        """A server, with the token; default: one's own."""
        headers = {"Authorization": f"token {self.token}"}
        return httpx.request(
            method, f"{self.hub.uri}/user/{owner or self.name}{path}", headers=headers, timeout=60, **more
        )

    def running(self) -> bool:
        """Whether the Hub says that the server runs."""
        return bool(self.api("GET", f"/users/{self.name}").json()["servers"])

    def run(self, code: str, seconds: float = _SECONDS) -> str:
        """Run Python in a new kernel of the server; what it printed.

        Args:
            seconds: That it may take.

        Raises:
            AssertionError: It raised.
            TimeoutError: It took longer.
        """
        self.start()
        kernel = self.server("POST", "/api/kernels", json={"name": "python3"}).json()["id"]
        try:
            return asyncio.run(asyncio.wait_for(self._execute(kernel, code), seconds))
        finally:
            self.server("DELETE", f"/api/kernels/{kernel}")

    async def _execute(self, kernel: str, code: str) -> str:
        address = f"ws://127.0.0.1:{self.hub.port}/user/{self.name}/api/kernels/{kernel}/channels"
        socket = await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {self.token}"}))
        asked = uuid.uuid4().hex
        header = {"msg_id": asked, "msg_type": "execute_request", "username": "", "session": asked, "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await socket.write_message(json.dumps(message))
        printed: list[str] = []
        while True:
            text = await socket.read_message()
            assert text is not None, "the kernel's socket was closed"
            answer = json.loads(text)
            if answer["parent_header"].get("msg_id") != asked:
                continue
            kind, said = answer["msg_type"], answer["content"]
            if kind == "stream":
                printed.append(said["text"])
            elif kind == "error":
                raise AssertionError("\n".join(said["traceback"]))
            elif kind == "status" and said["execution_state"] == "idle":
                socket.close()
                return "".join(printed)
