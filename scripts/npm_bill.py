"""The npm packages inside the built JupyterLab extension: their bill of materials (CycloneDX) and their licences.

The bundler lists what it put in, with each package's licence and its text, in third-party-licenses.json, which is
shipped in the wheel. What only builds or tests the extension isn't shipped, and isn't listed here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from audit import pinned  # it stands beside this file
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

SHIPPED = Path("olo_jupyter") / "labextension" / "static" / "third-party-licenses.json"


def shipped(root: Path) -> list[dict[str, str]]:
    """Name, versionInfo, licenseId and extractedText of each package in the built extension.

    Raises:
        SystemExit: It isn't built for production.
    """
    if not (root / SHIPPED).is_file():
        raise SystemExit(f"{SHIPPED} is missing: jlpm build:prod")
    listed: list[dict[str, str]] = json.loads((root / SHIPPED).read_text(encoding="utf-8"))["packages"]
    return sorted(listed, key=lambda one: (one["name"], one["versionInfo"]))


def bill(root: Path, version: str) -> dict[str, Any]:
    """A CycloneDX 1.6 document; the same for the same packages: it has no time and no serial number of its own."""
    licences = LicenseFactory()
    bom = Bom()
    bom.metadata.component = Component(
        type=ComponentType.LIBRARY, name="olo-jupyter", version=version, bom_ref="olo-jupyter"
    )
    for one in shipped(root):
        group, _, name = one["name"].rpartition("/")
        purl = PackageURL("npm", group or None, name, one["versionInfo"])
        bom.components.add(
            Component(
                type=ComponentType.LIBRARY, name=name, group=group or None, version=one["versionInfo"], purl=purl,
                bom_ref=purl.to_string(), licenses=[licences.make_from_string(one["licenseId"])],
            )
        )  # fmt: skip
    bom.register_dependency(bom.metadata.component, bom.components)
    made: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    made.pop("serialNumber", None)
    made["metadata"].pop("timestamp", None)
    return made


def faults(root: Path, made: dict[str, Any]) -> list[str]:
    """Why a bill isn't right: not CycloneDX, or a package that yarn.lock doesn't pin at that version."""
    found = []
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(made)):
        found.append(f"sbom-npm.json is no CycloneDX 1.6: {error}")
    locked = pinned()
    for one in shipped(root):
        if one["versionInfo"] not in locked.get(("npm", one["name"]), ()):
            found.append(f"{one['name']} {one['versionInfo']} is in the extension, and yarn.lock doesn't pin it")
        # A package that is published without a text can't have it here; its package.json names the licence.
        if not one["extractedText"] and (
            not _installed(root, one).is_dir() or any(_installed(root, one).glob("LICEN[CS]E*"))
        ):
            found.append(f"{one['name']} {one['versionInfo']}: the extension carries no licence text of it")
    return found


def _installed(root: Path, one: dict[str, str]) -> Path:
    return root / "node_modules" / one["name"]
