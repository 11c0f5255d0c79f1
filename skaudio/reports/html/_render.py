"""The page as text, from the template."""

from skaudio.reports.html._facts import size_in_words


def render(page):
    """Write the page.

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
    # Twice, as a page that states its own size must be weighed first.
    draft = template.render(page, size="0.0 MB")
    n_bytes = len(draft.encode("utf-8", errors="replace"))
    return template.render(page, size=size_in_words(n_bytes))
