"""Helm, built from its Go module: renders charts, needs no cluster for that."""

from __future__ import annotations

from pathlib import Path

from tests.services.cache import installed
from tests.services.go import go_install

VERSION = "v4.3.1"
_PACKAGE = f"helm.sh/helm/v4/cmd/helm@{VERSION}"


def install() -> Path:
    """The ``helm`` program, built at the first call (some minutes on two cores).

    Raises:
        ServiceError: There is no Go here, or the build failed.
    """
    return installed(f"helm-{VERSION}", _PACKAGE, lambda folder: go_install(_PACKAGE, folder)) / "helm"
