"""Who is trusted when a connection is encrypted."""

from __future__ import annotations

import ssl
from pathlib import Path

from olo_jupyter.errors import OloError

DISTRUSTED = "CERTIFICATE_VERIFY_FAILED"
"""What OpenSSL calls a certificate that nobody here vouches for."""


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
        raise OloError(
            f"{ca_file} holds no certificates that can be read.",
            code="certificate-invalid",
            hint="ca_file names a PEM file; a relative path counts from olo.yml's folder.",
        ) from error


def authority_hint(why: str, setting: str) -> str:
    """What to do where nobody here vouches for a service's certificate, '' where that isn't why it can't be reached.

    Args:
        setting: The key in olo.yml that names the authority's certificates.

    Example:
        >>> authority_hint("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer", "git.ca_file")
        "Name the authority's certificates: git.ca_file in olo.yml."
    """
    return f"Name the authority's certificates: {setting} in olo.yml." if DISTRUSTED in why.upper() else ""
