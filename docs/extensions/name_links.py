"""Sphinx extension: a public name in code type is a link to its page.

In Markdown ``WavLoader`` and ``LogMelExtractor(n_mels=64)``, in docstrings `WavLoader`,
from any module.
"""

import re

from docutils import nodes
from reference_pages import public_names
from sphinx import addnodes

HEAD = re.compile(r"(?:skaudio\.(?:\w+\.)?)?(\w+)(?:\(.*\))?$", re.DOTALL)


def full_names():
    """Map short names to full ones: ``{"WavLoader": "skaudio.features.WavLoader"}``."""
    listed = public_names()
    names = {name: f"{module}.{name}" for module in listed for name in listed[module]}
    return {**names, **{module: module for module in listed}}


def _link_literals(app, doctree):
    known = full_names()
    for literal in list(doctree.findall(nodes.literal)):
        parents = (nodes.reference, nodes.title, addnodes.pending_xref)
        if isinstance(literal.parent, parents):
            continue
        text = literal.astext()
        match = HEAD.match(text)
        target = known.get(text) or (match and known.get(match[1]))
        if target:
            link = addnodes.pending_xref(
                "",
                refdomain="py",
                reftype="obj",
                reftarget=target,
                refdoc=app.env.docname,
                refexplicit=True,
                refwarn=True,
            )
            literal.replace_self(link)
            link += literal


def _resolve_short(app, env, node, contnode):
    if node.get("refdomain") != "py":
        return None
    target = full_names().get(node["reftarget"].split(".")[-1])
    if target is None or not node["reftarget"].isidentifier():
        return None
    domain = env.get_domain("py")
    return domain.resolve_xref(
        env, node["refdoc"], app.builder, "obj", target, node, contnode
    )


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", _link_literals)
    app.connect("missing-reference", _resolve_short)
    return {"parallel_read_safe": True}
