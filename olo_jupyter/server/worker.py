"""The process that works with tables for a person's server: engines and Arrow live and end here, not there.

It is told on its standard input what to answer, and answers on its standard output, each message a JSON text after its
length. It ends where its input does, so that it never outlives the server. :mod:`olo_jupyter.server.apart` starts it.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from olo_jupyter.server.context import Context
from olo_jupyter.server.dispatch import Asked, answer
from olo_jupyter.server.models.base import Failure
from olo_jupyter.server.own_rights import owner
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.workspace import Workspace

LENGTH = struct.Struct(">I")
"""What stands before each message: how many bytes it has."""
THREADS = 4


def packed(message: dict[str, Any]) -> bytes:
    """A message as it goes through the pipe."""
    text = json.dumps(message).encode("ascii")
    return LENGTH.pack(len(text)) + text


def received(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message; None where the stream ends, also within one."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    text = stream.read(size)
    return json.loads(text) if len(text) == size else None


def serve(workspace: Workspace, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the questions end, and finish what was begun.

    Args:
        workspace: The project.
        questions: Messages as :class:`olo_jupyter.server.apart.Apart` writes them.
        answers: Takes the answers, in the order in which they are done, and events among them.
    """
    lock = threading.Lock()
    routes = {(route.method, route.path): route for route in ROUTES}

    def tell(message: dict[str, Any]) -> None:
        with lock:
            answers.write(packed(message))
            answers.flush()

    def emit(schema_id: str, data: dict[str, Any]) -> None:
        tell({"event": schema_id, "data": data})

    def work(message: dict[str, Any]) -> None:
        context = Context(workspace, owner(*message["user"]), Path(message["server_root"]), emit)
        body = message["body"].encode("utf-8", "surrogateescape")
        asked = Asked(message["names"], message["query"], body, message["media_type"])
        reply = answer(routes[message["method"], message["path"]], context, asked)
        code = reply.model.code if isinstance(reply.model, Failure) else ""
        tell({"id": message["id"], "status": reply.status, "code": code, "body": reply.model.model_dump_json()})

    with ThreadPoolExecutor(THREADS, thread_name_prefix="olo-tables") as pool:
        while (message := received(questions)) is not None:
            pool.submit(_unless_gone, work, message)
    workspace.close()


def _unless_gone(work: Callable[[dict[str, Any]], None], message: dict[str, Any]) -> None:
    """Do work whose answer may find nobody any more."""
    try:
        work(message)
    except BrokenPipeError:
        return


def main() -> None:
    """Answer on what was standard output; what a library prints goes to the log instead."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(Workspace(Path(sys.argv[1])), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
