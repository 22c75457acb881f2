"""S3 from versitygw: objects are files in a folder; one account, whose secret is checked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.cache import installed
from tests.services.go import go_install
from tests.services.process import Process, free_port, http_answers

PACKAGE = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
REGION = "us-east-1"
BUCKET = "warehouse"


@dataclass
class S3:
    """A running S3 with one empty bucket."""

    port: int
    access_key: str
    secret_key: str
    process: Process
    folder: Path

    @property
    def uri(self) -> str:
        """The endpoint, e.g. ``http://127.0.0.1:7070``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def properties(self) -> Mapping[str, str]:
        """PyIceberg's properties of a catalog whose files are here."""
        return {
            "warehouse": f"s3://{BUCKET}",
            "s3.endpoint": self.uri,
            "s3.region": REGION,
            "s3.access-key-id": self.access_key,
            "s3.secret-access-key": self.secret_key,
            "s3.force-virtual-addressing": "false",
        }

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {
            "S3_ENDPOINT": self.uri,
            "bucket": BUCKET,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION,
        }

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def install() -> Path:
    """The program in the cache, built at the first call: 3 minutes."""
    return installed("versitygw-1.8.0", PACKAGE, lambda target: go_install(PACKAGE, target)) / "versitygw"


def start(folder: Path) -> S3:
    """Start a server whose objects are in ``folder``.

    Raises:
        ServiceError: It didn't come up; the message carries the end of its log.
    """
    program, port = install(), free_port()
    access_key, secret_key = "olo", secrets.token_hex(16)
    data, versions = folder / "data", folder / "versions"
    (data / BUCKET).mkdir(parents=True, exist_ok=True)
    versions.mkdir(exist_ok=True)
    process = Process(
        [
            *(str(program), "--port", f"127.0.0.1:{port}", "--health", "/health", "--region", REGION, "--quiet"),
            *("posix", "--versioning-dir", str(versions), str(data)),
        ],
        folder / "s3.log",
        # Not as arguments: those are seen by everybody on the machine.
        environ={"ROOT_ACCESS_KEY_ID": access_key, "ROOT_SECRET_ACCESS_KEY": secret_key},
        cwd=folder,
    )
    process.wait_until(http_answers(f"http://127.0.0.1:{port}/health"), 60, "versitygw")
    return S3(port, access_key, secret_key, process, folder)
