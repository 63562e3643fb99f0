"""The deposit to a reusable address that an order comes of: its identity, and what is known of it. Pure.

Such an order has no quote: Orchestra makes it when it detects the deposit. A webhook, the chain and a read of the same
deposit all lead to the same order, because the order's reference is made of the deposit's identity.
"""

from enum import StrEnum

from pydantic import BaseModel, Field

from baton.chains.decimals import decimals_of
from baton.chains.deposits import Deposit, DepositState
from baton.encoding.addresses import address_key
from baton.encoding.amounts import Time, TolerantAmount
from baton.encoding.transaction_ids import TransactionIdError, normal_transaction_id
from baton.encoding.units import in_words

BITCOIN = "bitcoin"

ACCUMULATION = "accumulation"
STANDING = "standing"
"""Types of reusable addresses whose held deposits Orchestra refunds on request."""

MAX_REFUND_ADDRESS = 200
"""Characters of the longest address that a refund may go to."""


class Arrival(StrEnum):
    """What a deposit to a reusable address is, before Orchestra says anything."""

    ORDER = "order"
    """Orchestra makes an order of it."""
    DISABLED = "disabled"
    """The address is disabled, so it may be held."""
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a token of a chain
    """A known asset that the address does not take."""
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a token of a chain
    """An asset that Baton does not know; anybody can make one and send it."""
    DUST = "dust"
    """So little that nobody pays it, and Orchestra makes no order of it."""
    UNPROVEN = "unproven"
    """Only a balance shows it: there is no transaction to look for."""


class HeldDeposit(BaseModel):
    """A deposit of a standing address as Orchestra lists it while there is no order.

    Attributes:
        id: Orchestra's id of the deposit.
        status: `held`, `processing`, `refund_requested` and so on.
        code: Why it is held.
        refund_tx_id: The transaction of its refund.
    """

    id: str
    status: str
    code: str | None = None
    refund_tx_id: str | None = None


class RefundRequest(BaseModel):
    """What a person asks for: refund the deposit that Orchestra made no order of.

    Without `refund_address` the deposit goes to the address's own refund address, if there is one.
    """

    note: str = Field(min_length=1, max_length=1000)
    refund_address: str | None = Field(default=None, min_length=1, max_length=MAX_REFUND_ADDRESS)
    by: str | None = None
    """Who asks, by the name of the API token."""


class RefundAsked(BaseModel):
    """A refund that Orchestra accepted."""

    at: Time
    address: str
    batch_id: str | None = None


class AddressDeposit(BaseModel):
    """One deposit to a reusable address, and what was done about it.

    Attributes:
        chain: The chain by the API's name.
        address: The deposit address.
        tx_id: The transaction, in its chain's own spelling.
        output: The output on Bitcoin, if known.
        asset: Symbol of the asset; the contract of an unknown one.
        amount: Smallest units, if known.
        type: Type of the address: `accumulation`, `liquidation` or `standing`.
        orchestra_id: Orchestra's id of the address.
        recipient: Who gets the output of the address's orders.
        refund_address: The address's own refund address on that chain.
        refunds: Whether the policy has it refunded there, once Orchestra makes no order of it.
        arrival: What it is, before Orchestra says anything.
        shown: The deposit as the chain shows it; None while only Orchestra reported it.
        gone_since: Since when the chain no longer shows it.
        indexed_at: When Orchestra was asked to look for it.
        index_generation: Number of the next idempotency key of that call.
        held: The deposit in Orchestra's own list, while there is no order.
        refund: The refund that Orchestra accepted.
        refund_generation: Number of the next idempotency key of a refund.
        refusal: Why Orchestra refused the last refund.
    """

    chain: str
    address: str
    tx_id: str
    output: int | None = None
    asset: str | None = None
    amount: TolerantAmount = None
    type: str
    orchestra_id: str
    recipient: str
    refund_address: str | None = None
    refunds: bool = False
    arrival: Arrival = Arrival.ORDER
    shown: Deposit | None = None
    gone_since: Time | None = None
    indexed_at: Time | None = None
    index_generation: int = 1
    held: HeldDeposit | None = None
    refund: RefundAsked | None = None
    refund_generation: int = 1
    refusal: str | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the chain no longer shows it."""
        return self.shown is not None and self.shown.state is DepositState.GONE

    @property
    def proof(self) -> str:
        """What a person needs to look it up: amount, transaction and address."""
        asset = self.asset or "an asset"
        known = decimals_of(self.chain, asset)
        amount = "a deposit" if self.amount is None else in_words(self.amount, asset, known)
        output = "" if self.output is None else f", output {self.output}"
        return f"{amount} in {self.tx_id}{output} on {self.chain}, to {self.address}"


def deposit_identity(chain: str, address: str, tx_id: str, output: int | None, apart: str | None = None) -> str:
    """Return the one spelling of a deposit to an address, for the chain, webhooks and reads alike.

    Args:
        chain: The chain by the API's name. EVM chains share addresses, so it is part of the identity.
        address: The deposit address, in any spelling.
        tx_id: The transaction, in any spelling.
        output: The output on Bitcoin, where each output is a deposit of its own; None elsewhere.
        apart: Symbol of the asset, where deposits of several assets in one transaction are several: the address takes
            any asset, or does not take this one.
    """
    place = "" if output is None else str(output)
    return "/".join([chain, address_key(address), normal_id(chain, tx_id), place, *([apart] if apart else [])])


def normal_id(chain: str, tx_id: str) -> str:
    """Return a transaction id in its chain's own spelling; one that is none stays as it is."""
    try:
        return normal_transaction_id(chain, tx_id)
    except TransactionIdError:
        return tx_id.strip()


def output_of(deposit: Deposit) -> int | None:
    """Return the output of a deposit that the chain shows; None on chains without outputs."""
    return int(deposit.index) if deposit.chain == BITCOIN and deposit.index.isdigit() else None
