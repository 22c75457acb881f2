"""Writes .env for docker-compose.yml: every empty value of deploy/compose/env.template drawn at random.

A .env that is there keeps its values; names that it lacks are added. Only its owner may read it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "deploy" / "compose" / "env.template"
_FORMS: dict[str, Callable[[], str]] = {
    "AIRFLOW_PASSWORDS": lambda: json.dumps({"admin": secrets.token_urlsafe(24)}),
    # Fernet wants 32 bytes in base64, JupyterHub 32 in hexadecimal digits.
    "AIRFLOW_FERNET_KEY": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "OPENMETADATA_FERNET_KEY": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "JUPYTERHUB_CRYPT_KEY": lambda: secrets.token_hex(32),
}


def make_env(path: Path) -> list[str]:
    """Write the file; gives the names that were added."""
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    known = {line.partition("=")[0] for line in there.splitlines() if "=" in line and not line.startswith("#")}
    added = []
    for line in TEMPLATE.read_text(encoding="utf-8").splitlines():
        name, found, value = line.partition("=")
        if found and not line.startswith("#") and name not in known:
            added.append(f"{name}={value or _FORMS.get(name, lambda: secrets.token_urlsafe(24))()}")
    if added:
        draft = path.with_name(f".{path.name}.draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("".join([there, "" if not there or there.endswith("\n") else "\n", "\n".join(added), "\n"]))
        draft.replace(path)
    return [line.partition("=")[0] for line in added]


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".env"
    names = make_env(target)
    sys.stdout.write(f"{target.name}: {', '.join(names) or 'nothing'} added\n")
