"""Writes the operator page as HTML, with the headers that keep it to itself."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from baton.gateway.ops import words
from baton.gateway.pay.texts import Texts
from baton.gateway.static_files import static_file

_PACKAGE = "baton.gateway.ops"
STYLE = static_file(_PACKAGE, "ops.css", "text/css")
SCRIPT = static_file(_PACKAGE, "ops.js", "text/javascript")
PICTURES = static_file("baton.gateway.pictures", "pictures.css", "text/css")
ASSETS = {asset.name: asset for asset in (STYLE, SCRIPT, PICTURES)}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # The page itself may know where a form came from, nobody else what was looked at.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


class OperatorRenderer:
    """Renders templates of `baton/gateway/ops/templates`.

    Args:
        texts: What is said; templates call it as `texts(section, name)`.
        shared: Further values that every template sees.
    """

    def __init__(self, texts: Texts, **shared: Any) -> None:
        self._templates = Environment(
            loader=PackageLoader(_PACKAGE, "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(words.FILTERS, **_named(texts))
        assets = {"style": STYLE.name, "script": SCRIPT.name, "pictures": PICTURES.name}
        self._templates.globals.update(texts=texts, assets=assets, order_path=words.order_path, **shared)

    def response(self, template: str, status: int, values: Mapping[str, Any]) -> HTMLResponse:
        """Return a page, or a part of one."""
        html = self._templates.get_template(template).render(**values)
        return HTMLResponse(html, status, headers=_HEADERS)


def _named(texts: Texts) -> dict[str, Callable[[str], str]]:
    """Return the filters that say what an identifier means; one that has no text is shown as words."""

    def words_of(section: str) -> Callable[[str], str]:
        def said(name: str) -> str:
            try:
                return texts(section, name)
            except KeyError:
                return words.plain(name)

        return said

    sections = {
        "done_words": "done",
        "meaning_words": "meaning",
        "owner_words": "owner",
        "reason_words": "reason",
        "source_words": "sources",
    }
    return {name: words_of(section) for name, section in sections.items()}
