"""One request of somebody who is logged in: what its page may show, and how it answers."""

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from baton.accounts.tokens import Caller
from baton.client import BatonClient
from baton.errors import InvalidArgument
from baton.gateway.parts import GatewayParts

if TYPE_CHECKING:
    from baton.gateway.ops.frame import OperatorFrame

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
_MOST_FIELDS = 2_000


class Visit:
    """A request of somebody who is logged in.

    Args:
        frame: What all pages share.
        request: The request.
        caller: Who is logged in, and what the token covers.
        form_token: What each form of the page carries.
        form: The fields of the form that was sent; empty for a page that is only read.
    """

    def __init__(
        self,
        frame: "OperatorFrame",
        request: Request,
        caller: Caller,
        form_token: str,
        form: dict[str, list[str]] | None = None,
    ) -> None:
        self.frame = frame
        self.request = request
        self.caller = caller
        self.form_token = form_token
        self._form = form or {}
        self.now = datetime.now(UTC)

    @property
    def parts(self) -> GatewayParts:
        """What the gateway works with."""
        return self.frame.parts

    @cached_property
    def client(self) -> BatonClient:
        """The client that acts under the name of the token."""
        return self.parts.client_for(self.caller.name)

    def query(self, name: str) -> str | None:
        """Return a value of the query; None if it is missing or empty."""
        return self.request.query_params.get(name, "").strip() or None

    def number(self, name: str) -> int:
        """Return a number of the query, such as of a page; 1 if it is missing or is none."""
        text = self.query(name) or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1

    def field(self, name: str) -> str | None:
        """Return a field of the form; None if it is missing or empty."""
        return next((text for text in map(str.strip, self._form.get(name, [])) if text), None)

    def fields(self, name: str) -> list[str]:
        """Return every value of a field of the form, such as of check boxes."""
        return list(self._form.get(name, []))

    def own_path(self, name: str, otherwise: str) -> str:
        """Return the page of ours that a field of the form or the query names, else another one."""
        return own_path(self.field(name) or self.query(name) or "", otherwise)

    def account(self, name: str) -> str:
        """Return the name of an account that the token covers and the gateway has.

        Raises:
            Forbidden: The token does not cover it.
            InvalidArgument: There is no such account.
        """
        self.caller.require_account(name)
        if name not in self.parts.accounts:
            raise InvalidArgument("account", "the gateway has no such account", "check its name in the partners file")
        return name

    def accounts(self, wanted: str | None = None) -> list[str] | None:
        """Return the accounts of a list: the one that is wanted, else those of the token; None for all.

        Raises:
            Forbidden: The token does not cover the account.
            InvalidArgument: There is no such account.
        """
        return [self.account(wanted)] if wanted else self.caller.own_accounts

    @property
    def account_names(self) -> list[str]:
        """The accounts that the token covers, by name."""
        return [name for name in sorted(self.parts.accounts) if self.caller.sees(name)]

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page; with `?part=live` templates render the part alone that changes.

        Args:
            template: A file of `templates/` that extends `base.html.jinja`.
            status: The HTTP status.
            values: What the template shows beside what every page has. With `live`, the address of a stream, the page
                loads that part again when it changes; with `replaces=False` it only says that it has changed.
        """
        shared: dict[str, Any] = {"visit": self, "now": self.now, "form_token": self.form_token}
        layout = "part.html.jinja" if self.query("part") == "live" else "base.html.jinja"
        shared |= {"path": self.request.url.path, "layout": layout, "live": None, "replaces": True}
        return self.frame.renderer.response(template, status, {**shared, **values})

    def address(self, **changes: str | None) -> str:
        """Return the address of this page with another query: None leaves a value out."""
        query = {name: value for name, value in self.request.query_params.items() if name not in ("part", "done")}
        kept = {name: value for name, value in {**query, **changes}.items() if value}
        return f"{self.request.url.path}?{urlencode(kept)}" if kept else self.request.url.path


def own_path(path: str, otherwise: str) -> str:
    """Return a path if it leads to a page of ours, whatever an address or a form said; else another one."""
    is_own = path == "/ops" or path.startswith(("/ops/", "/ops?"))
    return path if is_own and path.isprintable() and "\\" not in path else otherwise


def see_other(path: str) -> Response:
    """Return the redirection after a form."""
    return RedirectResponse(path, status_code=303)


async def form_of(request: Request) -> dict[str, list[str]]:
    """Return the fields of a form that was sent as `application/x-www-form-urlencoded`.

    Raises:
        InvalidArgument: It is no such form, or has too many fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise InvalidArgument("form", f"is {kind or 'of no type'}", "send it from the page")
    try:
        text = (await request.body()).decode()
        return parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidArgument("form", "cannot be read", "send it from the page") from None
