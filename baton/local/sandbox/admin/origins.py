"""Who may call the admin API: programs on this machine, and no web page of a stranger.

A page in the developer's browser can send requests to loopback ports, and with DNS rebinding even read the answers.
Such requests carry the page's `Origin`, a `Sec-Fetch-Site`, or the stranger's name as `Host`; a program's do not.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from baton.local.sandbox.errors import ApiError

PREFIX = "/sandbox"
"""Path of the admin API."""

_OWN_SITE = ("none", "same-origin")


class OriginGuard:
    """Refuses calls of the admin API that come from another machine or from a stranger's web page.

    Args:
        app: The application behind.
        open_admin: Whether calls from other machines are accepted.
    """

    def __init__(self, app: ASGIApp, *, open_admin: bool) -> None:
        self._app = app
        self._open_admin = open_admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or pass the call on."""
        reason = self._objection(scope) if scope["type"] == "http" and scope["path"].startswith(PREFIX) else None
        if reason is None:
            await self._app(scope, receive, send)
            return
        refusal = ApiError("forbidden", reason, status=403)
        await JSONResponse(refusal.envelope, refusal.status)(scope, receive, send)

    def _objection(self, scope: Scope) -> str | None:
        peer = (scope.get("client") or ("",))[0]
        if not self._open_admin and not is_loopback(peer):
            return "the admin API is for this machine alone; --open-admin opens it to others"
        return page_objection(Headers(scope=scope))


def page_objection(headers: Headers) -> str | None:
    """Return why a call may come from a stranger's web page; None if it does not."""
    host = headers.get("host", "")
    if not is_own_name(_name_of(host)):
        return "Host: the admin API answers only to localhost, to an IP address, or to a name without a dot"
    if headers.get("origin", f"http://{host}") not in (f"http://{host}", f"https://{host}"):
        return "Origin: the admin API answers no other web page"
    if headers.get("sec-fetch-site", "none") not in _OWN_SITE:
        return "Sec-Fetch-Site: the admin API answers no other web page"
    return None


def is_loopback(address: str) -> bool:
    """Whether an IP address is of this machine alone."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return "."


def is_own_name(name: str) -> bool:
    """Whether no stranger's DNS can give the name: an address, `localhost`, or a name of the local network."""
    if name.endswith(".localhost") or "." not in name:
        return bool(name)
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
