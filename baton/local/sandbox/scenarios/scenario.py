"""What a scenario is made of: steps, and what is special about the order that plays it. Data only.

Files in JSON or TOML add scenarios (see `load_scenarios`); their shape is that of the models here.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from baton.local.sandbox.admin.faults import FaultSpec, WebhookFaultSpec
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
        status: Where to; `paused` is internal and shown as `processing`.
        after: Seconds to wait before the move; the sandbox's step time when absent.
        fields: What the order's record says from then on, under the names of the flat record.
        scaled: Whether the sandbox's time scale applies to `after`; not so for a time that the record tells.
        by_hand: The script stops here until a call takes the step or another.
        shown_as: Status that partners are shown instead, until the next move; it brings an event of its name.
        also: Further events sent after the move, whatever it sends by itself.
    """

    status: Status
    after: float | None = Field(default=None, ge=0)
    fields: Mapping[str, Any] = {}
    scaled: bool = True
    by_hand: bool = False
    shown_as: str | None = Field(default=None, min_length=1)
    also: tuple[str, ...] = ()


class FollowStep(_ScenarioModel):
    """Follow the good way of the route.

    Attributes:
        follow: `end` for the rest of it. A status for the part up to and including that one; where the way does not
            pass it, the part before anything is bridged, swapped or delivered.
        after: Seconds to wait before its first move; the sandbox's step time when absent, and before the other moves.
    """

    follow: Status | Literal["end"]
    after: float | None = Field(default=None, ge=0)


class ZeroConf(_ScenarioModel):
    """An offer to credit a Bitcoin deposit before it confirms, and what becomes of the offer.

    Attributes:
        life: Seconds that the offer is open, whatever the time scale.
        probability: Chance of confirming that the offer tells; None for an offer that tells none.
        fee_bps: What the offer costs, in basis points of the deposit.
        accepted_after: Seconds after which the offer is accepted from elsewhere.
        confirmed_after: Seconds after which the first confirmation makes the offer pointless.
        denied: There is no offer: the deposit's record says that it was denied, and it waits for its confirmation.
        too_late: What a decision finds: the offer ran out, or was overtaken by a confirmation, the moment before.
        generation: How wrong decisions are refused; the sandbox's own way when absent.
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
    """What is special about an order that exists before it is paid.

    Attributes:
        unpaid: How it ends when its invoice runs out: silently `expired`, or `unfulfilled` and still resumable.
        review: It is held before its invoice is told, and then let go or failed.
        hidden: Partners do not find it until it is paid.
    """

    unpaid: Literal["expired", "unfulfilled"] = "expired"
    review: Literal["resumes", "rejected"] | None = None
    hidden: bool = False


class Scenario(_ScenarioModel):
    """A script for orders.

    Attributes:
        name: How it is chosen.
        description: One sentence.
        steps: What happens after the order exists; it starts as `processing`.
        stepped: The order only moves when the admin API says so.
        detect_after: Seconds after which a deposit is seen without a submit; None leaves it to the submit.
        zeroconf: The offer that a Bitcoin deposit gets; other orders take the steps instead.
        reprice: The price moves too far at the swap and the order waits for the partner's word, as older accounts do.
        legacy: The order belongs to an older account: its record carries the price lock, and its expiry is told.
        refund_bps: Share of the deposit that a refund returns, in basis points.
        deposit_bps: What payers send who are not told how much, in basis points of the quote's input.
        second_order: A second deposit to the same address becomes an order of its own.
        replaced: A Bitcoin deposit is replaced by another transaction: its order stops, a successor completes, and an
            event tells, or none does.
        extra_fields: Fields that no reference knows, in the order's records and around its webhooks.
        onramp: What is special about orders that exist before they are paid.
        webhooks: What goes wrong with the order's webhooks.
        faults: What goes wrong with API calls about the quote or its order.
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
    onramp: Onramp = Onramp()
    webhooks: tuple[WebhookFaultSpec, ...] = ()
    faults: tuple[FaultSpec, ...] = ()
