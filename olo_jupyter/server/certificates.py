"""Who is trusted when a connection is encrypted."""

from __future__ import annotations

import ssl
from pathlib import Path

from olo_jupyter.errors import OloError


def certificates(ca_file: Path | None) -> ssl.SSLContext | bool:
    """The authorities of a file, else the system's (True).

    Raises:
        OloError: certificate-invalid: the file can't be read.
    """
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise OloError(f"{ca_file} holds no certificates that can be read.", code="certificate-invalid") from error
