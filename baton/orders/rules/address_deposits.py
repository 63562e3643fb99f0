"""Decisions about a deposit to a reusable address: what it is, its order, what follows without one. Pure."""

from collections.abc import Container, Iterable
from datetime import datetime

from baton.chains.deposits import Deposit, DepositState
from baton.encoding.addresses import address_key
from baton.orchestra.address_deposit_models import StandingDeposit
from baton.orchestra.models import OrderRecord
from baton.orders.address_deposit import (
    ACCUMULATION,
    BITCOIN,
    STANDING,
    AddressDeposit,
    Arrival,
    HeldDeposit,
    deposit_identity,
    normal_id,
    output_of,
)
from baton.orders.rules.attention import AttentionReason, clear_attention, raise_attention
from baton.orders.seen_deposits import BALANCE_INDEX, DepositNotice
from baton.orders.state import OrderState

DOLLARS = frozenset({"USDC", "USDC.e", "USDT", "USDB", "PathUSD", "DAI"})
"""Symbols of assets worth a dollar."""

DUST_CENTS = 1
"""A deposit of dollars below this is dust: Orchestra's least order is worth 80 cents."""

DUST_SATS = 546
"""A Bitcoin output below this is not relayed by nodes as they are shipped."""

_RAISED_AT_ONCE = {
    Arrival.DISABLED: AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS,
    Arrival.WRONG_TOKEN: AttentionReason.WRONG_TOKEN_DEPOSIT,
}

HELD = "held"
"""Status of a deposit in Orchestra's list that waits for the partner's decision."""


def arrival_of(deposit: Deposit, taken: Container[str], *, enabled: bool) -> Arrival:
    """Return what a deposit to a reusable address is.

    Args:
        deposit: The deposit as the chain shows it.
        taken: Symbols of the assets that the address takes on that chain.
        enabled: Whether the address is enabled.
    """
    if deposit.index.startswith(BALANCE_INDEX):
        return Arrival.UNPROVEN
    if deposit.symbol is None:
        return Arrival.UNKNOWN_TOKEN
    if is_dust(deposit.symbol, deposit.decimals, deposit.amount):
        return Arrival.DUST
    if deposit.symbol not in taken:
        return Arrival.WRONG_TOKEN
    return Arrival.ORDER if enabled else Arrival.DISABLED


def is_dust(symbol: str, decimals: int | None, amount: int) -> bool:
    """Whether an amount is so little that nobody pays it; of other coins than dollars and bitcoin only nothing is."""
    if symbol in DOLLARS and decimals is not None:
        cents: int = DUST_CENTS * 10**decimals
        return amount * 100 < cents
    least = DUST_SATS if symbol == "BTC" else 1
    return amount < least


MAKES_ORDER = frozenset({Arrival.ORDER, Arrival.DISABLED, Arrival.WRONG_TOKEN})
"""Deposits that get an order of ours: money that somebody meant to pay."""


def identity_of(deposit: Deposit, apart: str | None = None) -> str:
    """Return the identity of a deposit that the chain shows; `apart` as in `deposit_identity`."""
    return deposit_identity(deposit.chain, deposit.address, deposit.tx_id, output_of(deposit), apart)


def identity_in(record: OrderRecord, apart: str | None = None) -> str | None:
    """Return the identity of the deposit that a record names; None if it does not name all of it.

    A webhook names no output, so of a Bitcoin order only a read tells which deposit it is.
    """
    chain, address, tx_id = record.source_chain, record.deposit_address, record.source_tx_hash
    if not (chain and address and tx_id) or lacks_output(record):
        return None
    return deposit_identity(chain, address, tx_id, record.source_tx_vout if chain == BITCOIN else None, apart)


def lacks_output(record: OrderRecord) -> bool:
    """Whether a record names a Bitcoin deposit without its output, which then only a read tells."""
    return record.source_chain == BITCOIN and bool(record.source_tx_hash) and record.source_tx_vout is None


def belongs_to(record: OrderRecord, deposit: AddressDeposit) -> bool:
    """Whether Orchestra made an order of this deposit, and not of another one in the same transaction."""
    if record.source_chain not in (None, deposit.chain) or not record.source_tx_hash:
        return False
    if normal_id(deposit.chain, record.source_tx_hash) != deposit.tx_id:
        return False
    if record.deposit_address and address_key(record.deposit_address) != address_key(deposit.address):
        return False
    outputs = {record.source_tx_vout, deposit.output} if deposit.chain == BITCOIN else set()
    if len(outputs) == 2 and None not in outputs:
        return False
    return not _is_of_other_asset(record, deposit)


def _is_of_other_asset(record: OrderRecord, deposit: AddressDeposit) -> bool:
    known = record.source_asset, deposit.asset
    return deposit.arrival is not Arrival.WRONG_TOKEN and None not in known and known[0] != known[1]


def order_among(records: Iterable[OrderRecord], deposit: AddressDeposit) -> list[str]:
    """Return the ids of the orders that may be the deposit's, by a list that names no transactions, newest first."""
    mine = address_key(deposit.address)
    return [record.id for record in records if record.deposit_address and address_key(record.deposit_address) == mine]


def lists_deposit(row: StandingDeposit, deposit: AddressDeposit) -> bool:
    """Whether a row of Orchestra's own list is this deposit."""
    if row.chain not in (None, deposit.chain) or not row.source_tx_id:
        return False
    if normal_id(deposit.chain, row.source_tx_id) != deposit.tx_id:
        return False
    outputs = {row.source_tx_index, None if deposit.output is None else str(deposit.output)} - {None}
    return len(outputs) < 2 if deposit.chain == BITCOIN else row.asset in (None, deposit.asset)


def held_of(row: StandingDeposit) -> HeldDeposit:
    """Return a row of Orchestra's own list as an order keeps it."""
    return HeldDeposit(id=row.id, status=row.status, code=row.code, refund_tx_id=row.refund_tx_id)


def seeks_order(state: OrderState) -> bool:
    """Whether the order waits for Orchestra to make an order of its deposit."""
    return state.address_deposit is not None and state.view.order_id is None


def note_deposit(state: OrderState, notices: Iterable[DepositNotice], now: datetime) -> bool:
    """Apply what the chain shows of the order's deposit; return whether anything changed that people should see."""
    deposit = state.address_deposit
    if deposit is None:
        return False
    before = deposit.shown
    for notice in notices:
        if _is_shown_by(notice.deposit, deposit):
            deposit.shown = notice.deposit
            deposit.gone_since = (deposit.gone_since or now) if deposit.is_gone else None
    if deposit.shown is not before:
        _ask_about_gone(state, deposit, now)
    return deposit.shown is not before


def _is_shown_by(shown: Deposit, deposit: AddressDeposit) -> bool:
    same = (shown.chain, normal_id(shown.chain, shown.tx_id)) == (deposit.chain, deposit.tx_id)
    at_address = address_key(shown.address) == address_key(deposit.address)
    same_output = output_of(shown) in (None, deposit.output)
    return same and at_address and same_output and deposit.asset in (None, shown.symbol, shown.asset)


def _ask_about_gone(state: OrderState, deposit: AddressDeposit, now: datetime) -> None:
    if deposit.is_gone:
        successor = "a transaction that replaces it has an order of its own"
        message = f"the deposit is no longer on the chain: {deposit.proof}; {successor}"
        raise_attention(state, AttentionReason.DEPOSIT_GONE, message, now)
    else:
        clear_attention(state, AttentionReason.DEPOSIT_GONE)


def note_held(state: OrderState, listed: Iterable[HeldDeposit], now: datetime) -> bool:
    """Note how Orchestra lists the deposit while there is no order; return whether that changed.

    A held one needs a person, unless the policy decides.
    """
    deposit, held = state.address_deposit, next(iter(reversed(list(listed))), None)
    if deposit is None or held is None or held == deposit.held:
        return False
    deposit.held = held
    clear_attention(state, AttentionReason.DEPOSIT_HELD)
    if held.status == HELD and deposit.refund is None and not may_refund_by_policy(deposit):
        message = f"Orchestra holds the deposit, {held.code or 'without a code'}: {deposit.proof}"
        raise_attention(state, AttentionReason.DEPOSIT_HELD, message, now)
    return True


def raise_first(state: OrderState, now: datetime) -> None:
    """Ask a person at the order's start about a deposit that Orchestra makes no order of by itself."""
    deposit = state.address_deposit
    reason = _RAISED_AT_ONCE.get(deposit.arrival) if deposit else None
    if deposit is None or reason is None or may_refund_by_policy(deposit):
        return
    what = {
        Arrival.DISABLED: "a deposit came to an address that is disabled",
        Arrival.WRONG_TOKEN: "a deposit of another asset came to the address",
    }[deposit.arrival]
    raise_attention(state, reason, f"{what}: {deposit.proof}", now)


def raise_without_order(state: OrderState, now: datetime) -> None:
    """Ask a person about a deposit of which Orchestra makes no order, with its proof."""
    assert state.address_deposit is not None
    deposit = state.address_deposit
    if REASONS_OF_HELD & state.attentions.keys():
        return
    looked = ", although it was asked to look for it" if deposit.indexed_at else ""
    message = f"Orchestra makes no order of a deposit that the chain shows{looked}: {deposit.proof}"
    if not deposit.shown:
        message = f"Orchestra reported a deposit and shows no order of it{looked}: {deposit.proof}"
    raise_attention(state, AttentionReason.DEPOSIT_WITHOUT_ORDER, message, now)


REASONS_OF_HELD = frozenset(
    {
        AttentionReason.DEPOSIT_HELD,
        AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS,
        AttentionReason.WRONG_TOKEN_DEPOSIT,
        AttentionReason.REFUND_REFUSED,
    }
)
"""Reasons that say already why Orchestra makes no order of a deposit."""


def may_refund_by_policy(deposit: AddressDeposit) -> bool:
    """Whether the policy decides: the deposit goes back to the address's own refund address."""
    return deposit.refunds and deposit.refund_address is not None and can_be_refunded(deposit)


def can_be_refunded(deposit: AddressDeposit) -> bool:
    """Whether Orchestra has a call that refunds a deposit to this type of address."""
    return deposit.type in (ACCUMULATION, STANDING)


def can_be_indexed(deposit: AddressDeposit) -> bool:
    """Whether Orchestra has a call that looks for the deposit again, and it was not made yet."""
    return deposit.type == ACCUMULATION and deposit.arrival is Arrival.ORDER and deposit.indexed_at is None


def reaches_start(deposit: Deposit, start_at: DepositState) -> bool:
    """Whether a deposit is sure enough to start an order of ours; one that is gone starts none."""
    ranks = [DepositState.SEEN, DepositState.CONFIRMED, DepositState.FINAL]
    return deposit.state in ranks and ranks.index(deposit.state) >= ranks.index(start_at)
