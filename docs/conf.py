"""How Sphinx makes the documentation."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import interface_page  # noqa: E402
import option_pages  # noqa: E402

from toil_core.version import VERSION  # noqa: E402

interface_page.write(HERE / "_generated")
option_pages.write(HERE / "_generated")

project = "Toil"
version = release = VERSION
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_generated"]
html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_title = f"Toil {VERSION}"
