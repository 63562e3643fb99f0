"""What a request must be before any route sees it. Pure."""

from collections.abc import Collection

from starlette.requests import Request

from baton.gateway.errors import EdgeError

_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths whose callers name the machine, and not the installation. Metrics have a token, or a rule of their own."""
_ZERO = b"%00"
_CLOSE = {"Connection": "close"}


def check_request(request: Request, hosts: Collection[str]) -> None:
    """Make sure that a request can be served.

    Args:
        request: The request.
        hosts: The names under which the gateway is reached; empty for any.

    Raises:
        EdgeError: It cannot; 400, 415 or 421.
    """
    _check_host(request, hosts)
    scope = request.scope
    if _ZERO in scope["raw_path"] or _ZERO in scope["query_string"]:
        raise EdgeError(400, "zero_byte", "the URL has a zero byte (%00)", remedy="leave it out")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise EdgeError(
            415,
            "encoded_body",
            f"the body is encoded as {encoding[:20]!a}",
            remedy="send it as it is, without Content-Encoding",
            headers={"Accept-Encoding": "identity", **_CLOSE},
        )


def _check_host(request: Request, hosts: Collection[str]) -> None:
    if not hosts or request.scope["path"] in _PROBES:
        return
    name = host_name(request.headers.get("host", ""))
    if name not in hosts:
        raise EdgeError(
            421,
            "unknown_host",
            f"this gateway is not {name[:100]!a}",
            remedy="use one of its own names, or add this one to BATON_ALLOWED_HOSTS",
        )


def host_name(header: str) -> str:
    """Return the name in a Host header: without its port, in small letters."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")
