"""The id of a request: the caller's own, if it can stand in a log, or a new one."""

import re
import secrets
from collections.abc import Mapping

REQUEST_ID = "X-Request-Id"

_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def request_id_of(headers: Mapping[str, str]) -> str:
    """Return the id of a request with these headers."""
    own = headers.get(REQUEST_ID, "")
    return own if _USABLE.fullmatch(own) else new_request_id()


def new_request_id() -> str:
    """Return an id that no other request has."""
    return f"req_{secrets.token_hex(8)}"
