"""Writes the payer page as HTML, with its code as SVG and the headers that keep it to itself."""

import base64
import hashlib
import io

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from baton.gateway.pay.business import Business, readable_on
from baton.gateway.pay.payment import moment
from baton.gateway.pay.texts import Texts
from baton.gateway.pay.view import PayerPage
from baton.gateway.static_files import static_file

_PACKAGE = "baton.gateway.pay"
_CARDS = {"light": "#ffffff", "dark": "#171b22"}
"""The ground that text in the business's colour stands on; see page.css."""


STYLE = static_file(_PACKAGE, "page.css", "text/css")
SCRIPT = static_file(_PACKAGE, "page.js", "text/javascript")
ASSETS = {asset.name: asset for asset in (STYLE, SCRIPT)}


class Renderer:
    """Renders pages.

    Args:
        texts: What is said.
        frame_ancestors: Which sites may show the page in a frame, as in a Content-Security-Policy; `'none'` by default.
    """

    def __init__(self, texts: Texts, frame_ancestors: str = "'none'") -> None:
        self._texts = texts
        self._frame_ancestors = frame_ancestors
        self._templates = Environment(
            loader=PackageLoader(_PACKAGE, "."),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(texts=texts, moment=moment, assets={"style": STYLE.name, "script": SCRIPT.name})

    def page(self, page: PayerPage, business: Business, token: str) -> HTMLResponse:
        """Return the whole page."""
        return self._response("page.html.jinja", 200, page=page, business=business, token=token, qr=_code_of(page))

    def part(self, page: PayerPage, business: Business) -> HTMLResponse:
        """Return what the page's script puts in the place of the old part."""
        response = self._response("main.html.jinja", 200, page=page, business=business, qr=_code_of(page))
        response.headers["X-Final"] = "true" if page.is_final else "false"
        return response

    def plain(self, name: str, status: int) -> HTMLResponse:
        """Return a page without an order: that there is nothing (`gone`), or nothing now (`busy`)."""
        return self._response("plain.html.jinja", status, name=name)

    def _response(self, template: str, status: int, **values: object) -> HTMLResponse:
        html = self._templates.get_template(template).render(**values)
        return HTMLResponse(html, status, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        policy = (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; connect-src 'self'; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors {self._frame_ancestors}"
        )
        return {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex, nofollow",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }


def colours_of(business: Business) -> str:
    """Return the style sheet with the business's colour, and with one that can be read as text, by light and dark."""
    light, dark = (readable_on(business.colour, ground) for ground in (_CARDS["light"], _CARDS["dark"]))
    own = f"--own:{business.colour};--on-own:{business.on_colour}"
    return f":root{{{own};--own-text:{light}}}@media (prefers-color-scheme:dark){{:root{{{own};--own-text:{dark}}}}}"


def _code_of(page: PayerPage) -> Markup | None:
    if page.payment is None or page.payment.code is None:
        return None
    return Markup(_svg(page.payment.code))  # noqa: S704 - made by segno out of modules, without the text


def _svg(content: str) -> str:
    # Level L keeps long invoices coarse enough for a phone's camera; a screen has no dirt to correct.
    code = segno.make(content, error="l", boost_error=True, micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=1, xmldecl=False, svgns=True, omitsize=True, svgclass=None, lineclass=None)
    return out.getvalue().decode()


def etag_of(page: PayerPage) -> str:
    """Return a name for what the page shows, the same until it shows something else."""
    shown = repr(page._replace(updated_at=None, is_stale=False))  # type: ignore[arg-type]
    return base64.urlsafe_b64encode(hashlib.sha256(shown.encode()).digest()[:12]).decode()
