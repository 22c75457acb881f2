"""Sphinx's configuration: MyST pages, the look of Jupyter's own documentation, reference pages made from the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from reference_pages import write_pages  # noqa: E402 - it stands beside this file

project = "OLO Jupyter"
copyright = "OLO Jupyter's contributors, Apache-2.0"
version = release = json.loads((HERE.parent / "package.json").read_text(encoding="utf-8"))["version"]

extensions = ["myst_parser", "sphinx_design", "sphinx_copybutton"]
exclude_patterns = ["_build", "README.md"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = f"OLO Jupyter {release}"
html_static_path = ["_static"]
html_css_files = ["jupyter.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "show_nav_level": 1,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


def setup(app: Sphinx) -> None:
    """Write the generated pages before Sphinx looks for sources."""
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir)))
