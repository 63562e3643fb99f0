"""Faults, as data: what goes wrong with answers of the API and with webhook deliveries, and how often.

An API fault is taken by the next matching call; a webhook fault by the next matching event. `times` counts down and the
fault is gone at zero.
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
    "pay_links",
    "addresses",
    "sse",
]
"""Groups of calls, as faults and the journal name them."""


class FaultKind(StrEnum):
    """What happens to a call.

    ERROR answers with an error, before the effect or (`afterEffect`) after it. TIMEOUT_BEFORE lets the call hang in
    front of the handler: no effect unless released. TIMEOUT_AFTER and HOLD_AFTER have the effect and withhold the
    answer until released or the caller leaves. RESET has the effect and resets the connection. SLOW takes its
    time before the effect, with the idempotency key in use. TRUNCATE cuts the answer's body in half. WRONG_CONTENT_TYPE
    answers with a page instead of JSON, after the effect. CUT_STREAM breaks an event stream off after `events` events;
    SILENT_STREAM sends no more from then on, not even heartbeats, and leaves the connection open until it is released.
    """

    ERROR = "error"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    HOLD_AFTER = "hold_after"
    RESET = "reset"
    SLOW = "slow"
    TRUNCATE = "truncate"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    CUT_STREAM = "cut_stream"
    SILENT_STREAM = "silent_stream"


class _FaultModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class FaultSpec(_FaultModel):
    """A fault of API calls.

    Attributes:
        endpoint: Which calls; `any` for all.
        kind: What happens.
        times: How many calls.
        quote_id: Only calls about that quote or its order.
        status: HTTP status of an error.
        code: Code of an error.
        message: Message of an error.
        headers: Headers of an error, such as `Retry-After`.
        after_effect: Let an error come after the effect.
        seconds: How long `slow` takes, or after which a withheld answer is released by itself.
        events: After how many events a stream breaks off or falls silent.
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
        """Return the error that the fault answers with."""
        return ApiError(self.code, self.message, status=self.status, headers=self.headers)


class WebhookFaultSpec(_FaultModel):
    """A fault of webhook deliveries.

    Attributes:
        kind: `drop` never sends; `duplicate` sends `copies`; `delay` waits `seconds`; `hold` keeps deliveries until
            they are released; `tamper` signs with a wrong secret, on every attempt; `reorder` delays each delivery by
            a random time up to `seconds`, the same for the same `seed`.
        times: How many events; None for all.
        quote_id: Only events of that quote's order.
        events: Only events of these names; None for all.
        copies: How many `duplicate` sends.
        seconds: How long `delay` waits, or `reorder` at most.
        seed: Makes a `reorder` repeatable.
    """

    kind: Literal["drop", "duplicate", "delay", "hold", "tamper", "reorder"]
    times: int | None = Field(default=None, ge=1)
    quote_id: str | None = None
    events: tuple[str, ...] | None = None
    copies: int = Field(default=2, ge=1)
    seconds: float = Field(default=1.0, ge=0)
    seed: int = 0
