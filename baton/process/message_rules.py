"""What the head of an HTTP request must be before anything is done with it, and the response to one that is not.

Two programs that read the same bytes as different requests, such as a proxy and this process, let a caller smuggle one
request inside another. So a head that could be read in two ways is refused; the parser itself refuses most of them.
"""

import json
import re
from collections.abc import Sequence
from itertools import chain

from baton.process.request_ids import REQUEST_ID, new_request_id
from baton.process.security_headers import SECURITY_HEADERS

MAX_HEAD = 64 * 1024
"""Bytes of the head of a request: its first line and its headers."""
MAX_TARGET = 8 * 1024
"""Bytes of the path and the query."""
MAX_HEADERS = 100
"""Headers of one request."""

METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
"""What may be done with a path at all."""

_REASONS = {
    400: "Bad Request",
    405: "Method Not Allowed",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
_VERSIONS = ("1.0", "1.1")
_HOST = re.compile(rb"[A-Za-z0-9._~:\[\]-]{0,300}")
_METHOD_LINE = re.compile(rb"[A-Za-z-]{1,32} ")
_ONE_ONLY = (b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization")

Headers = Sequence[tuple[bytes, bytes]]


class MessageRefused(Exception):
    """A request that is answered without being served; its connection is closed.

    Attributes:
        status: HTTP status of the response.
        code: Stable name of the error.
        message: One sentence for people.
        remedy: What to do about it.
        headers: Headers of the response beside the usual ones.
    """

    def __init__(self, status: int, code: str, message: str, remedy: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


NOT_HTTP = MessageRefused(400, "not_http", "this is no proper HTTP request", "send HTTP/1.1")
FULL = MessageRefused(
    503, "too_many_connections", "too many requests are on their way", "ask again, which is safe", Retry_After="10"
)
UNKNOWN_METHOD = MessageRefused(
    405, "method_not_allowed", "there is no such method", "use a method of the header Allow", Allow=METHODS
)
HEAD_TOO_LARGE = MessageRefused(
    431, "headers_too_large", f"the headers are larger than {MAX_HEAD} bytes", "send fewer or shorter headers"
)
TOO_MANY_HEADERS = MessageRefused(
    431, "too_many_headers", f"there are more than {MAX_HEADERS} headers", "send fewer headers"
)
URL_TOO_LONG = MessageRefused(
    414, "url_too_long", f"path and query are longer than {MAX_TARGET} bytes", "send a shorter URL"
)


def check_head(target: bytes, version: str, headers: Headers) -> None:
    """Make sure that a head has one meaning.

    Args:
        target: What the first line names, which must be a path.
        version: The version of HTTP.
        headers: The headers, their names in lower case.

    Raises:
        MessageRefused: It has none, or could have another one elsewhere.
    """
    if version not in _VERSIONS:
        raise MessageRefused(505, "http_version", "this version of HTTP is not served", "send HTTP/1.1")
    if sum(map(len, chain.from_iterable(headers))) > MAX_HEAD:
        raise HEAD_TOO_LARGE
    if not target.startswith(b"/"):
        raise _refused("the first line names no path", "name the path alone, and the host in the header Host")
    telling = [header for header in headers if header[0] in _ONE_ONLY]
    for name in _ONE_ONLY:
        values = [value for found, value in telling if found == name]
        if len(values) > 1:
            raise _refused(f"the header {name.decode()} is there {len(values)} times", "send it once")
        if name == b"host" and ((not values and version == "1.1") or not all(map(_HOST.fullmatch, values))):
            raise _refused("the header Host is missing, or is no host", "send the host that the URL names")
        if name == b"transfer-encoding" and values and (values[0].strip().lower() != b"chunked" or version == "1.0"):
            raise _refused("the body is sent in an encoding that is not served", "send Content-Length, or chunked")


def refusal_of_unreadable(first_bytes: bytes) -> MessageRefused:
    """Return why bytes that the parser does not know as a method are refused."""
    return UNKNOWN_METHOD if _METHOD_LINE.match(first_bytes) else NOT_HTTP


def response_to(refused: MessageRefused) -> bytes:
    """Return the whole response to a refused request, with the usual document of an error and an id of its own."""
    request_id = new_request_id()
    error = {"code": refused.code, "message": refused.message, "remedy": refused.remedy, "request_id": request_id}
    body = json.dumps({"error": error}, separators=(",", ":")).encode()
    headers = SECURITY_HEADERS | refused.headers | {REQUEST_ID: request_id}
    headers |= {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"HTTP/1.1 {refused.status} {_REASONS[refused.status]}", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _refused(message: str, remedy: str) -> MessageRefused:
    return MessageRefused(400, "ambiguous_request", message, remedy)
