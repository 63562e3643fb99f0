"""The data of a scenario: its steps, and the special conditions of its orders.

Files in JSON or TOML add scenarios (see `load_scenarios`); the models here define their format.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from baton.local.sandbox.scenarios.faults import FaultSpec, WebhookFaultSpec
from baton.orchestra.lifecycle import Status

SLIPPAGE: Mapping[str, Any] = {
    "errorCode": "slippage_exceeded",
    "errorMessage": "Pool moved past slippage tolerance between deposit and execution",
}


class _ScenarioModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MoveStep(_ScenarioModel):
    """Move the order to a status.

    Attributes:
        status: The new status; `paused` is internal and shown as `processing`.
        after: Seconds to wait before the move; the sandbox's step time when absent.
        fields: Fields to set in the order's record, under the names of the flat record.
        scaled: Whether the sandbox's time scale applies to `after`. It does not for a deadline that the record states.
        by_hand: Whether the script stops here until a call takes this step or another.
        shown_as: Status that partners see instead, until the next move; it sends an event of that name.
        also: Events to send after the move, besides its own.
    """

    status: Status
    after: float | None = Field(default=None, ge=0)
    fields: Mapping[str, Any] = {}
    scaled: bool = True
    by_hand: bool = False
    shown_as: str | None = Field(default=None, min_length=1)
    also: tuple[str, ...] = ()


class FollowStep(_ScenarioModel):
    """Follow the happy path of the route.

    Attributes:
        follow: `end` for the rest of the path. A status for the part up to and including that status; if the path has
            no such status, the part before anything is bridged, swapped or delivered.
        after: Seconds to wait before the first move; the sandbox's step time when absent. Every later move waits the
            step time.
    """

    follow: Status | Literal["end"]
    after: float | None = Field(default=None, ge=0)


class ZeroConf(_ScenarioModel):
    """An offer to credit a Bitcoin deposit before it confirms, and how the offer ends.

    Attributes:
        life: Seconds that the offer is open; the time scale does not apply.
        probability: Chance of confirming that the offer states; None for an offer without one.
        fee_bps: Fee of the offer, in basis points of the deposit.
        accepted_after: Seconds after which somebody else at the partner accepts the offer.
        confirmed_after: Seconds after which the first confirmation ends the offer.
        denied: Whether there is no offer: the record says that it was denied, and the deposit waits for its
            confirmation.
        too_late: How the offer ends just before a decision: it expires, or the deposit confirms.
        generation: How wrong decisions are refused; the sandbox's option when absent.
    """

    life: float = Field(default=300.0, gt=0)
    probability: float | None = Field(default=0.998, ge=0, le=1)
    fee_bps: int = Field(default=20, ge=0, le=10_000)
    accepted_after: float | None = Field(default=None, ge=0)
    confirmed_after: float | None = Field(default=None, ge=0)
    denied: bool = False
    too_late: Literal["expired", "confirmed"] | None = None
    generation: Literal["g2", "g3"] | None = None


class Onramp(_ScenarioModel):
    """The conditions of an order that exists before it is paid.

    Attributes:
        unpaid: How it ends when its invoice expires: silently `expired`, or `unfulfilled` and still resumable.
        review: How a review before the invoice is shown ends; None for no review.
        hidden: Whether partners cannot read the order until it is paid.
    """

    unpaid: Literal["expired", "unfulfilled"] = "expired"
    review: Literal["resumes", "rejected"] | None = None
    hidden: bool = False


class Scenario(_ScenarioModel):
    """A script for orders.

    Attributes:
        name: Name by which it is chosen.
        description: One sentence for people.
        steps: Moves of the order, which starts as `processing`.
        stepped: Whether the order moves only on a call of the admin API.
        detect_after: Seconds after which a deposit is seen without a submit; None if only a submit makes it seen.
        zeroconf: The offer for a Bitcoin deposit; other orders follow the steps.
        reprice: Whether the price moves too far at the swap and the order waits for the partner's decision, as for
            older accounts.
        legacy: Whether the order belongs to an older account: its record carries the price lock, and its expiry sends
            a webhook.
        refund_bps: Share of the deposit that a refund returns, in basis points.
        deposit_bps: Amount that payers send unless their request names one, in basis points of the quote's input.
        second_order: Whether a second deposit to the same address becomes a second order.
        replaced: Whether another transaction replaces a Bitcoin deposit, so that its order stops and a successor
            completes: `told` with an event about it, `silently` without.
        extra_fields: Undocumented fields in the order's records and in the envelopes of its webhooks.
        held: Code with which deposits to reusable addresses are held instead of becoming orders; they stay held until
            somebody has them indexed again, resolved or refunded.
        onramp: The conditions of orders that exist before they are paid.
        webhooks: Faults of the order's webhooks.
        faults: Faults of API calls about the quote or its order.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    description: str
    steps: tuple[MoveStep | FollowStep, ...] = (FollowStep(follow="end"),)
    stepped: bool = False
    detect_after: float | None = Field(default=None, ge=0)
    zeroconf: ZeroConf | None = None
    reprice: bool = False
    legacy: bool = False
    refund_bps: int = Field(default=10_000, ge=1, le=10_000)
    deposit_bps: int = Field(default=10_000, ge=1, le=1_000_000)
    second_order: bool = False
    replaced: Literal["told", "silently"] | None = None
    extra_fields: Mapping[str, Any] = {}
    held: str | None = None
    onramp: Onramp = Onramp()
    webhooks: tuple[WebhookFaultSpec, ...] = ()
    faults: tuple[FaultSpec, ...] = ()
