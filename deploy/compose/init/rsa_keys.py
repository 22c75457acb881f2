"""A pair of RSA keys, private_key.der and public_key.der, drawn here. What is there stays.

Environment: KEYS, the folder; KEYS_OWNER, the user id that may read the private one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def write(file: Path, content: bytes, mode: int, owner: int) -> None:
    """Write a file as a whole: it appears by one rename."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)
    os.chown(draft, owner, -1)
    draft.replace(file)


def main(environ: Mapping[str, str] = os.environ) -> None:
    """Draw them, where the public one, which is written last, isn't there."""
    folder, owner = Path(environ["KEYS"]), int(environ.get("KEYS_OWNER", os.getuid()))
    if (folder / "public_key.der").exists():
        sys.stdout.write("the keys are there\n")
        return
    key = generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    write(folder / "private_key.der", private, 0o400, owner)
    write(folder / "public_key.der", public, 0o444, owner)
    sys.stdout.write("the keys are drawn\n")


if __name__ == "__main__":
    main()
