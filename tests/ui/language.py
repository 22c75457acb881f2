"""A language pack for the tests: each text of ours between ⟦ and ⟧, so that what isn't translated shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

LOCALE = "de_DE"
_DOMAIN = "olo_jupyter"
_LABEXTENSION = Path(__file__).resolve().parents[2] / "labextension"
_TEXT = r"""(?P<{0}q>['"`])(?P<{0}>(?:\\.|(?!(?P={0}q)).)*)(?P={0}q)"""
_ONE = re.compile(r"\b__\(\s*" + _TEXT.format("one"), re.DOTALL)
_MANY = re.compile(r"\b_n\(\s*" + _TEXT.format("one") + r"\s*,\s*" + _TEXT.format("many"), re.DOTALL)
_PACK = "jupyterlab_language_pack_" + LOCALE


def make_language_pack(site: Path) -> None:
    """Make the package in ``site``, for PYTHONPATH: JupyterLab finds packs by their entry points."""
    folder = site / _PACK / "locale" / LOCALE / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (site / _PACK / "__init__.py").touch()
    (folder / f"{_DOMAIN}.json").write_text(json.dumps(catalogue()), encoding="utf-8")
    told = site / f"{_PACK}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {_PACK}\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[jupyterlab.languagepack]\n{LOCALE} = {_PACK}\n")


def catalogue() -> dict[str, object]:
    """All texts of the extension's source, as JupyterLab reads a domain's file."""
    # JupyterLab looks texts up by the language's tag: with "de_DE" here it would find none.
    head = {"domain": _DOMAIN, "language": LOCALE.replace("_", "-"), "plural_forms": "nplurals=2; plural=(n != 1);"}
    found: dict[str, object] = {"": {**head, "version": "1.0"}}
    for source in sorted((_LABEXTENSION / "src").rglob("*.ts*")):
        text = source.read_text(encoding="utf-8")
        for match in _ONE.finditer(text):
            found[_said(match["one"])] = [_marked(match["one"])]
        for match in _MANY.finditer(text):
            found[_said(match["one"])] = [_marked(match["one"]), _marked(match["many"])]
    return found


def _said(text: str) -> str:
    """A string of the source as the text that it stands for."""
    return re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), text)


def _marked(text: str) -> str:
    return f"⟦{_said(text)}⟧"
