"""Faults, as data: what goes wrong with API calls and with webhook deliveries, and how often.

A fault of API calls hits the next matching call; a fault of webhooks hits the next matching event. Each hit reduces
`times`, and at zero the fault is used up.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from baton.local.sandbox.errors import ApiError

CallGroup = Literal[
    "any",
    "quote",
    "submit",
    "status",
    "order",
    "estimate",
    "routes",
    "limits",
    "history",
    "webhooks",
    "zeroconf",
    "reprice",
    "onramp",
    "offramp",
    "pay_links",
    "addresses",
    "affiliates",
    "claim",
    "claims",
    "sse",
]
"""Names of the groups of calls in faults and in the journal."""


class FaultKind(StrEnum):
    """What happens to a call.

    ERROR answers with an error, before the effect or (`afterEffect`) after it. TIMEOUT_BEFORE lets the call hang
    before its handler: it has no effect until the fault is released. TIMEOUT_AFTER and HOLD_AFTER have the effect and
    withhold the answer until the fault is released or the caller disconnects. RESET has the effect and resets the
    connection. SLOW waits before the effect, with the idempotency key in use. TRUNCATE cuts the answer's body in half.
    WRONG_CONTENT_TYPE answers with an HTML page instead of JSON, after the effect. PROXY_PAGE answers with an HTML page
    and `status` before the handler, as an ingress or a firewall does: it has no effect. CUT_STREAM cuts an event stream
    after `events` events; SILENT_STREAM sends nothing from then on, not even heartbeats, and leaves the connection open
    until the fault is released.
    """

    ERROR = "error"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    HOLD_AFTER = "hold_after"
    RESET = "reset"
    SLOW = "slow"
    TRUNCATE = "truncate"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    PROXY_PAGE = "proxy_page"
    CUT_STREAM = "cut_stream"
    SILENT_STREAM = "silent_stream"


class _FaultModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class FaultSpec(_FaultModel):
    """A fault of API calls.

    Attributes:
        endpoint: Group of calls that it hits; `any` for all.
        kind: What happens to a call.
        times: Number of calls that it hits.
        quote_id: Limits it to calls about this quote or its order.
        status: HTTP status of an error.
        code: Code of an error.
        message: Message of an error.
        headers: Headers of an error, such as `Retry-After`.
        after_effect: Whether an error comes after the effect.
        seconds: Seconds that `slow` waits, or after which a withheld answer is released automatically.
        events: Number of events before a stream is cut or silent.
    """

    endpoint: CallGroup
    kind: FaultKind
    times: int = Field(default=1, ge=1)
    quote_id: str | None = None
    status: int = Field(default=503, ge=400, le=599)
    code: str = "service_unavailable"
    message: str = "Injected by the sandbox"
    headers: Mapping[str, str] = {}
    after_effect: bool = False
    seconds: float | None = Field(default=None, ge=0)
    events: int = Field(default=1, ge=0)

    @property
    def error(self) -> ApiError:
        """Return the error of the fault's answer."""
        return ApiError(self.code, self.message, status=self.status, headers=self.headers)


class WebhookFaultSpec(_FaultModel):
    """A fault of webhook deliveries.

    Attributes:
        kind: `drop` never sends; `duplicate` sends `copies`; `delay` waits `seconds`; `hold` keeps deliveries until
            they are released; `tamper` signs every attempt with a wrong secret; `reorder` delays each delivery by a
            random time up to `seconds`, the same for the same `seed`.
        times: Number of events that it hits; None for all.
        quote_id: Limits it to events of this quote's order.
        events: Limits it to events of these names; None for all.
        copies: Number of deliveries that `duplicate` sends.
        seconds: Seconds that `delay` waits, or `reorder` at most.
        seed: Makes a `reorder` repeatable.
    """

    kind: Literal["drop", "duplicate", "delay", "hold", "tamper", "reorder"]
    times: int | None = Field(default=None, ge=1)
    quote_id: str | None = None
    events: tuple[str, ...] | None = None
    copies: int = Field(default=2, ge=1)
    seconds: float = Field(default=1.0, ge=0)
    seed: int = 0
