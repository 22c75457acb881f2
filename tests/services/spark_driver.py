"""The program of the service ``spark``: a Spark session behind a small HTTP server on loopback.

Runs with Spark's own packages, so it imports nothing of this project. POST a statement, get
``{"columns": [[name, type]], "rows": […]}`` or ``{"error": message}``. Types are Spark's own JSON; values that JSON
lacks are text: decimals, dates and times in ISO form, floats by ``repr``, binary as base64, maps as pairs.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """``value``, as Spark collects it, in JSON."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return [[plain(key), plain(item)] for key, item in value.items()]
    if isinstance(value, list | tuple):  # a Row is a tuple
        return [plain(item) for item in value]
    return value


def main(settings: str, port: str) -> None:
    """Start the session, then answer until the end."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("olo")
    for key, value in json.loads(Path(settings).read_text()).items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"state": "ready"})

        def do_POST(self) -> None:
            statement = self.rfile.read(int(self.headers["Content-Length"])).decode()
            try:
                frame = session.sql(statement)
                rows = [plain(row) for row in frame.collect()]
                columns = [[field.name, field.dataType.jsonValue()] for field in frame.schema.fields]
                self._answer({"columns": columns, "rows": rows})
            except PySparkException as error:
                self._answer({"error": str(error)[:2000]})
            except Exception as error:  # noqa: BLE001 - the process's border: py4j raises Java's errors as they come
                self._answer({"error": f"{type(error).__name__}: {error}"[:2000]})

        def _answer(self, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Statements aren't logged."""

    # One at a time, in order: a session is no server.
    HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
