"""The page, rendered from the template."""

from skaudio.reports.html._facts import size_text


def render(page):
    """Render the page.

    Parameters
    ----------
    page : dict
        As from `page_of`.

    Returns
    -------
    html : str
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("skaudio.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html.jinja")
    # Rendered twice, as the page states its own size.
    draft = template.render(page, size="0.0 MB")
    n_bytes = len(draft.encode("utf-8", errors="replace"))
    return template.render(page, size=size_text(n_bytes))
