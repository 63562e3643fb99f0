"""Scenarios: what happens to an order, as data.

A scenario is a list of steps. A step either moves the order to a status, or follows the way that the order's route
takes when all goes well, up to a status or to its end. So one scenario serves every route. Files in JSON or TOML add
more (see `load_scenarios`); their shape is that of the models here.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestra.lifecycle import Status
from sandbox.faults import FaultSpec, WebhookFaultSpec

SLIPPAGE: Mapping[str, Any] = {
    "errorCode": "slippage_exceeded",
    "errorMessage": "Pool moved past slippage tolerance between deposit and execution",
}


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MoveStep(_Data):
    """Move the order to a status.

    Attributes:
        status: Where to; `paused` is internal and shown as `processing`.
        after: Seconds to wait before the move; the sandbox's step time when absent.
        fields: What the order's record says from then on, under the names of the flat record.
    """

    status: Status
    after: float | None = Field(default=None, ge=0)
    fields: Mapping[str, Any] = {}


class FollowStep(_Data):
    """Follow the good way of the route.

    Attributes:
        follow: `end` for the rest of it. A status for the part up to and including that one; where the way does not
            pass it, the part before anything is bridged, swapped or delivered.
        after: Seconds to wait before its first move; the sandbox's step time when absent, and before the other moves.
    """

    follow: Status | Literal["end"]
    after: float | None = Field(default=None, ge=0)


class Scenario(_Data):
    """A script for orders.

    Attributes:
        name: How it is chosen.
        description: One sentence.
        steps: What happens after the order exists; it starts as `processing`.
        stepped: The order only moves when the admin API says so.
        detect_after: Seconds after which a deposit is seen without a submit; None leaves it to the submit.
        webhooks: What goes wrong with the order's webhooks.
        faults: What goes wrong with API calls about the quote or its order.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    description: str
    steps: tuple[MoveStep | FollowStep, ...] = (FollowStep(follow="end"),)
    stepped: bool = False
    detect_after: float | None = Field(default=None, ge=0)
    webhooks: tuple[WebhookFaultSpec, ...] = ()
    faults: tuple[FaultSpec, ...] = ()


def _move(status: Status, after: float | None = None, **fields: Any) -> MoveStep:
    return MoveStep(status=status, after=after, fields=fields)


_END = FollowStep(follow="end")
_S = Status

BUILT_IN: tuple[Scenario, ...] = (
    Scenario(name="happy", description="The order takes its route's way and completes."),
    Scenario(
        name="failed_slippage",
        description="The pool moves past the slippage bound at the swap and the order fails.",
        steps=(FollowStep(follow=_S.SWAPPING), _move(_S.FAILED, **SLIPPAGE)),
    ),
    Scenario(
        name="refunded",
        description="The pool moves past the slippage bound at the swap and the payer is refunded.",
        steps=(FollowStep(follow=_S.SWAPPING), _move(_S.REFUNDING, **SLIPPAGE), _move(_S.REFUNDED)),
    ),
    Scenario(
        name="refund_failed",
        description="A refund is due but there is no address to send it to, and the order fails.",
        steps=(
            FollowStep(follow=_S.SWAPPING),
            _move(_S.REFUNDING, **SLIPPAGE),
            _move(_S.FAILED, errorCode="refund_address_missing", errorMessage="No refund address is known"),
        ),
    ),
    Scenario(
        name="unfulfilled",
        description="The deposit does not arrive for good in its window and the order stops, resumable.",
        steps=(_move(_S.UNFULFILLED),),
    ),
    Scenario(
        name="unfulfilled_then_late",
        description="The order stops as unfulfilled, then the late deposit resumes it and it completes.",
        steps=(_move(_S.UNFULFILLED), FollowStep(follow="end", after=1.0)),
    ),
    Scenario(
        name="expired",
        description="The order expires without any webhook; only a status read tells.",
        steps=(_move(_S.EXPIRED),),
    ),
    Scenario(
        name="paused_then_resumes",
        description="The order is held for review, shown as processing, then goes on and completes.",
        steps=(_move(_S.PAUSED), _move(_S.PROCESSING, after=1.0), _END),
    ),
    Scenario(
        name="paused_midway",
        description="The order is held after its first moves, falls back to processing to the eye, then completes.",
        steps=(
            FollowStep(follow=_S.SWAPPING),
            _move(_S.PAUSED),
            _move(_S.PROCESSING, after=1.0),
            _END,
        ),
    ),
    Scenario(
        name="paused_then_failed",
        description="The order is held for review, shown as processing, and then failed.",
        steps=(
            _move(_S.PAUSED),
            _move(_S.FAILED, after=1.0, errorCode="provider_review", errorMessage="Rejected in review"),
        ),
    ),
    Scenario(
        name="stepped",
        description="The order stands still until POST /sandbox/orders/{id}/advance moves it.",
        stepped=True,
    ),
    Scenario(
        name="detected_without_submit",
        description="Orchestra sees the deposit by itself and makes the order without a submit.",
        detect_after=0.5,
    ),
    Scenario(
        name="no_webhooks",
        description="The order completes but none of its webhooks is sent.",
        webhooks=(WebhookFaultSpec(kind="drop"),),
    ),
    Scenario(
        name="webhooks_twice",
        description="The order completes and each of its webhooks is sent twice.",
        webhooks=(WebhookFaultSpec(kind="duplicate"),),
    ),
)
"""The scenarios that need no file."""


def list_scenarios() -> list[Scenario]:
    """Return the built-in scenarios."""
    return list(BUILT_IN)
