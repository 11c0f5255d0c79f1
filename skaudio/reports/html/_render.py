"""Pages, rendered from their templates."""

import base64
import hashlib
from importlib import resources

from markupsafe import Markup

from skaudio._utils.version import __version__
from skaudio.reports.html._facts import size_text

_OWN = "skaudio.reports.html"


def render(
    page,
    template="report.html.jinja",
    package=_OWN,
    scripts=("report.js",),
    styles=(),
):
    """Render a page.

    Parameters
    ----------
    page : dict
        The variables of the template, such as those from `page_of`; ``title`` is that
        of the page.
    template : str
        Extends ``page.html.jinja``, which has the style and sorts tables.
    package : str
        Has the template in its folder ``templates``.
    scripts, styles : sequence of str
        Further ones, from the templates of that package.

    Returns
    -------
    html : str
        Loads nothing from outside.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    packages = dict.fromkeys([package, _OWN])
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _assets("page.js", package, scripts)
    # Other scripts do not run, even if one got past the escaping.
    digest = hashlib.sha256(script.encode()).digest()
    page = page | {
        "version": __version__,
        "style": Markup(_assets("page.css", package, styles)),
        "script": Markup(script),
        "script_hash": base64.b64encode(digest).decode(),
    }
    template = environment.get_template(template)
    # Rendered twice, as the page states its own size.
    draft = template.render(page, size="0.0 MB")
    n_bytes = len(draft.encode("utf-8", errors="replace"))
    return template.render(page, size=size_text(n_bytes))


def _assets(shared, package, names):
    """Join what all pages share and what a package has for its own."""
    texts = [_asset(_OWN, shared), *(_asset(package, name) for name in names)]
    return "\n".join(texts)


def _asset(package, name):
    return (resources.files(package) / "templates" / name).read_text(encoding="utf-8")
