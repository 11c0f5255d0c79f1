"""Sphinx extension: fail where a page loads anything from another host."""

import re
from pathlib import Path

from sphinx.errors import SphinxError

REMOTE = re.compile(
    r"<(?:script|img|iframe|source|audio|video)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^\s\"'>]+"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|preconnect|icon|modulepreload))"
    r"[^>]*\bhref=[\"']?(?:https?:)?//[^\s\"'>]+"
    r"|@import\s+(?:url\()?[\"']?(?:https?:)?//[^\s\"')]+"
    r"|url\([\"']?(?:https?:)?//[^\s\"')]+"
)


def remote_assets(folder):
    """List what the pages and styles of a folder would load from another host."""
    return [
        f"{path.relative_to(folder)}: {found}"
        for pattern in ("*.html", "*.css")
        for path in sorted(Path(folder).rglob(pattern))
        for found in REMOTE.findall(path.read_text("utf-8"))
    ]


def _check(app, exception):
    if exception is None and app.builder.format == "html":
        found = remote_assets(app.outdir)
        if found:
            raise SphinxError("loaded from another host:\n" + "\n".join(found))


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True}
