"""Configuration of the documentation: `tox -e docs`."""

import os
import sys
from pathlib import Path

from skaudio import __version__

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

# The same figures on every machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

project = "skaudio"
copyright = "the skaudio developers, BSD-3-Clause"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    # Of this folder:
    "reference_pages",
    "name_links",
    "no_remote_assets",
]

root_doc = "index"
exclude_patterns = ["_build", "extensions", "api/examples"]
templates_path = ["_templates"]
# `names` in docstrings are links where skaudio exports them; see name_links.
default_role = "py:obj"

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block", "deflist"]

copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_.*\.py",
    "within_subsection_order": "gallery_order.GalleryOrder",
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_",),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    # "Examples" on the page of each object.
    "doc_module": ("skaudio",),
    "backreferences_dir": "api/examples",
    "matplotlib_animations": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"skaudio {version}"
html_static_path = ["_static"]
html_css_files = ["skaudio.css"]
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "skaudio"},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_nav_level": 1,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
# These pages have no pages below them to list at the left.
html_sidebars = {
    page: []
    for page in (
        "index",
        "command_line",
        # Named as the files that they include, whose links to each other then work.
        "CONTRIBUTING",
        "CHANGES",
    )
}
