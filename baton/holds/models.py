"""Holds and their releases, as they travel through Temporal and are shown to people. They only grow."""

from enum import StrEnum

from pydantic import BaseModel, Field

from baton.encoding.amounts import Amount, Time
from baton.holds.routes import RouteScope

MAX_REASON = 300
"""Characters of the reason of a hold or a release: all of them stand in one memo."""

MAX_RATE = 1000.0
"""Orders per second that a release may reach at most."""

MIN_RATE = 0.01
"""Orders per second of the slowest release; a rate that is close to none would hold the orders for ever."""


class HeldCalls(StrEnum):
    """The calls that a hold stops."""

    SUBMITS = "submits"
    """A deposit's submit, and the request of an onramp, which is quoted and submitted in one call."""
    APPROVALS = "approvals"
    """Accepting a ZeroConf offer, and approving a new price, by policy or by a person."""


class Hold(BaseModel):
    """Calls that an operator stopped, until somebody releases them."""

    id: str
    what: HeldCalls
    account: str | None = None
    """The partner account; None for all."""
    route: str | None = None
    """The routes, such as `base`, `base:USDC>spark:BTC` or `>spark`; None for all."""
    reason: str
    by: str | None = None
    """Who holds, by the name of the API token or the user of the machine."""
    since: Time

    def covers(self, what: HeldCalls, account: str, route: str | None) -> bool:
        """Whether the hold stops this call of an order; a route that is not known is covered."""
        if self.what is not what or self.account not in (None, account):
            return False
        return self.route is None or RouteScope.read(self.route).covers(route)

    @property
    def scope(self) -> str:
        """What it covers in words, such as `submits of account shop on base:USDC`."""
        account = f" of account {self.account}" if self.account else ""
        route = f" on {self.route}" if self.route else ""
        return f"{'all ' if not (account or route) else ''}{self.what.value}{account}{route}"


class HoldRelease(BaseModel):
    """The release of a hold: at once, or so many orders a second."""

    hold: Hold
    by: str | None = None
    reason: str
    rate: float | None = None
    """Orders per second; None for all at once."""
    at: Time
    released: int = 0
    """How many orders have been released so far; a few short after a worker died, because it took its count along."""
    finished_at: Time | None = None
    """When the last order that waited was released; None while the release is under way."""
    left: int | None = None
    """How many orders still wait for their turn; None where they are not counted."""
    last_opened_at: Time | None = None
    """When the order that was released last had been opened: the oldest order is released first."""
    last_workflow_id: str | None = None
    passes: int = 0
    """How often all orders that wait have been gone through."""


class HoldsState(BaseModel):
    """All holds at one moment: the state of their workflow, which its memo shows."""

    holds: list[Hold] = []
    """What is on hold, the oldest first."""
    releasing: list[HoldRelease] = []
    """Releases under way; their holds stop nothing new."""
    released: list[HoldRelease] = []
    """The last releases, the newest first."""
    count: int = 0
    """How many holds there ever were; it numbers them."""


class CallHeld(BaseModel):
    """Answer of an activity that made no call, because a hold covers it."""

    hold_id: str
    what: HeldCalls
    reason: str
    since: Time
    """When the hold was placed."""
    by: str | None = None
    refused: int = 0
    """How many keys of its generation a submit had used up before: the next submit continues after them."""


class HeldOrder(CallHeld):
    """The hold that an order waits behind."""

    waits_since: Time
    """When the order began to wait."""
    looks: int = 1
    """How often Baton has tried in vain since then."""
    look_at: Time
    """When Baton tries again, in case the signal of the release does not come."""


class HeldAmount(BaseModel):
    """What waits behind a hold in one asset, in smallest units."""

    chain: str
    asset: str
    amount: Amount
    decimals: int | None = None
    """None where they are not known."""
    orders: int


class HeldOrders(BaseModel):
    """The orders that wait behind a hold, as the ledger lists them: a moment behind the orders."""

    hold_id: str
    count: int = 0
    amounts: list[HeldAmount] = []
    oldest: str | None = None
    """The reference of the order that was opened first."""
    oldest_account: str | None = None
    oldest_opened_at: Time | None = None


class HoldLine(BaseModel):
    """A hold, and what waits behind it."""

    hold: Hold
    waiting: HeldOrders | None = None
    """None if no worker answered, or the ledger did not."""


class HoldList(BaseModel):
    """What is on hold, what is being released, and the last releases."""

    holds: list[HoldLine] = []
    releasing: list[HoldRelease] = []
    released: list[HoldRelease] = []


class HoldAnswer(BaseModel):
    """Answer to a request for a hold."""

    hold: Hold
    known: bool = False
    """The same was on hold already, so nothing changed."""


class PlaceHold(BaseModel):
    """Hold these calls; what is None covers all."""

    what: HeldCalls
    account: str | None = None
    route: str | None = None
    reason: str = Field(min_length=1, max_length=MAX_REASON)
    by: str | None = None


class ReleaseHold(BaseModel):
    """Release a hold, all that waits at once or so many orders a second; or give a release under way another rate."""

    hold_id: str
    reason: str = Field(min_length=1, max_length=MAX_REASON)
    rate: float | None = Field(default=None, gt=0, le=MAX_RATE)
    by: str | None = None


class ReleaseOrders(BaseModel):
    """Signal the next orders that wait behind a hold that their turn has come."""

    hold_id: str
    rate: float | None = None
    seconds: float
    """How long it may take; what is left then is for the next activity."""
    held_since: Time | None = None
    """Only orders whose rows were written at this time or later; None for all."""
    last_opened_at: Time | None = None
    last_workflow_id: str | None = None


class OrdersReleased(BaseModel):
    """How far a release came."""

    released: int
    done: bool
    """Whether nothing is left."""
    last_opened_at: Time | None = None
    last_workflow_id: str | None = None


class CountHeld(BaseModel):
    """Count what waits behind holds, in these accounts; None means all."""

    holds: list[Hold]
    releasing: list[Hold] = []
    """Those that are being released: what still waits for its turn."""
    accounts: list[str] | None = None


class HeldCounts(BaseModel):
    """What waits behind each hold that was named."""

    counts: list[HeldOrders]
