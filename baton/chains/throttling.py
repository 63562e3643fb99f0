"""What in a provider's answer asks for fewer calls, and for how long. Pure.

Providers ask for it with many statuses and error numbers, some of which also stand for "too many results"; so the words
decide.
"""

import re
from typing import Any

HTTP_THROTTLED = 429
_HTTP_MAYBE_THROTTLED = frozenset({402, 403, 503})
_RPC_THROTTLED = frozenset({-32029, 429})
_WORDS = re.compile(
    r"\brate\b|rate.?limit|too many requests|(requests?|calls|compute units) per|\bquota\b|daily (usage|request)",
    re.IGNORECASE,
)
_PAUSES = (
    re.compile(r"\b(?:for|in|after)\s+(\d{1,6}(?:\.\d+)?)\s*s(?:ec|econds?)?\b", re.IGNORECASE),
    re.compile(r"backoff_seconds\W{1,4}(\d{1,6}(?:\.\d+)?)", re.IGNORECASE),
)
_LONGEST_PAUSE = 3600.0
_MOST_TEXT = 2000
_COMPLAINTS = ("error", "Error", "message")
"""Fields in which an answer without a JSON-RPC envelope says what is wrong."""


def text_of(body: bytes) -> str:
    """Return the beginning of a body as text."""
    return body[:_MOST_TEXT].decode("utf-8", "replace")


def throttled_response(status: int, text: str) -> bool:
    """Whether an HTTP answer that is no success asks for fewer calls."""
    return status == HTTP_THROTTLED or (status in _HTTP_MAYBE_THROTTLED and says_throttled(text))


def throttled_error(number: Any, text: str) -> bool:
    """Whether the error of a JSON-RPC answer asks for fewer calls."""
    return number in _RPC_THROTTLED or says_throttled(text)


def says_throttled(text: str) -> bool:
    """Whether the words of an error ask for fewer calls."""
    return bool(_WORDS.search(text))


def complaint_of(answer: Any) -> str:
    """Return what an answer without an envelope says is wrong, such as `{"Error": "request rate exceeded"}`; or ""."""
    if isinstance(answer, str):
        return answer[:_MOST_TEXT]
    if not isinstance(answer, dict):
        return ""
    return " ".join(value[:_MOST_TEXT] for name in _COMPLAINTS if isinstance(value := answer.get(name), str))


def pause_in(text: str) -> float | None:
    """Return the seconds that a throttling message asks to wait, such as `suspended for 5 s`; None if it does not."""
    found = next((match for pattern in _PAUSES if (match := pattern.search(text))), None)
    return min(float(found[1]), _LONGEST_PAUSE) if found else None
