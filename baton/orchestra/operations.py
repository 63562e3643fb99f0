"""What is reported of each call to the partner API: its operation, how it ended and how long it took. Pure."""

import re
from collections.abc import Callable
from typing import NamedTuple

from baton.orchestra import answers

_WORDS = frozenset(
    {
        "accept",
        "accumulation-addresses",
        "affiliates",
        "claim",
        "claims",
        "decline",
        "deposits",
        "estimate",
        "history",
        "limits",
        "liquidation-addresses",
        "offramp",
        "onramp",
        "operations",
        "orchestration",
        "order",
        "pay-links",
        "quote",
        "refund",
        "reindex",
        "reprice",
        "resolve",
        "routes",
        "sse",
        "standing-deposit-addresses",
        "status",
        "submit",
        "sync",
        "v1",
        "v2",
        "webhooks",
        "zeroconf",
    }
)
"""The words of the API's paths; what is none of them is an id."""

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class CallReport(NamedTuple):
    """One call that ended.

    Attributes:
        operation: Method and path, with `{id}` for ids, such as `GET /v1/orchestration/status`.
        result: `ok`, or the kind of error in words, such as `rate_limited` or `no_answer`.
        seconds: How long it took.
    """

    operation: str
    result: str
    seconds: float

    @property
    def reads(self) -> bool:
        """Whether the call counts against the read budget of its account."""
        return self.operation.startswith("GET ")


ObserveCall = Callable[[CallReport], None]
"""Gets a report of each call, and must not raise."""


def operation_of(method: str, path: str) -> str:
    """Return the name of a call without ids, so that there are few different ones."""
    parts = [part if part in _WORDS else "{id}" for part in path.split("/")[1:]]
    return f"{method} /{'/'.join(parts)}"


def result_of(answer: answers.RawAnswer) -> str:
    """Return how an answered call ended: `ok`, or the kind of its error."""
    return "ok" if answer.succeeded else result_name(answers.error_of(answer))


def result_name(error: Exception) -> str:
    """Return the kind of an error in words: `no_answer` for `NoAnswer`."""
    return _CAPITAL.sub("_", type(error).__name__).lower()
