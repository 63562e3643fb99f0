"""The order that a deposit to a reusable address makes, as if it had been placed here. Pure.

The address's row gives what all its orders share: destination, policy, metadata and label.
"""

from collections.abc import Container
from datetime import datetime
from typing import Any, NamedTuple

from baton.chains.deposits import Deposit
from baton.ledger.rows import SourceRow
from baton.orchestra.address_deposit_models import StandingDeposit
from baton.orchestra.models import OrderRecord, QuoteRequest
from baton.orders.address_deposit import (
    BITCOIN,
    STANDING,
    AddressDeposit,
    Arrival,
    deposit_identity,
    normal_id,
    output_of,
)
from baton.orders.models import OrderPolicy, Phase
from baton.orders.names import address_order_reference
from baton.orders.order_source import OrderSource, SourceKind
from baton.orders.place_order import ADOPTED, PlaceOrder
from baton.orders.rules.address_deposits import (
    arrival_of,
    held_of,
    identity_in,
    identity_of,
    note_held,
    raise_first,
)
from baton.orders.state import OrderState
from baton.sources.answers import SourceSnapshot


class _AnyAsset(Container[str]):
    """The assets of a standing address, which Orchestra alone knows."""

    def __contains__(self, symbol: object) -> bool:
        return True


class _Destination(NamedTuple):
    chain: str
    asset: str
    recipient: str


def source_of(row: SourceRow) -> OrderSource:
    """Return the source that an order names."""
    return OrderSource(kind=SourceKind(row.kind), reference=row.reference, label=row.label, metadata=dict(row.metadata))


def order_of_shown(row: SourceRow, deposit: Deposit, now: datetime) -> PlaceOrder:
    """Return the order of a deposit that the chain shows."""
    arrival = arrival_of_shown(row, deposit)
    entry = AddressDeposit(
        chain=deposit.chain,
        address=deposit.address,
        tx_id=normal_id(deposit.chain, deposit.tx_id),
        output=output_of(deposit),
        asset=deposit.symbol or deposit.asset,
        amount=deposit.amount,
        arrival=arrival,
        shown=deposit,
        **_of_address(row, deposit.chain),
    )
    return _order(row, entry, identity_of_shown(row, deposit), now)


def order_of_recorded(row: SourceRow, record: OrderRecord, now: datetime) -> PlaceOrder | None:
    """Return the order of the deposit that Orchestra's record names; None if the record does not name all of it."""
    identity, chain = identity_in(record, _apart(row, record.source_asset)), record.source_chain
    if identity is None or chain is None:
        return None
    entry = AddressDeposit(
        chain=chain,
        address=record.deposit_address or "",
        tx_id=normal_id(chain, record.source_tx_hash or ""),
        output=record.source_tx_vout,
        asset=record.source_asset,
        amount=record.amount_in,
        **_of_address(row, chain),
    )
    return _order(row, entry, identity, now)


def order_of_listed(row: SourceRow, listed: StandingDeposit, now: datetime) -> PlaceOrder | None:
    """Return the order of a deposit to a standing address as Orchestra lists it; None if the list names not all."""
    chain, tx_id, index = listed.chain, listed.source_tx_id, listed.source_tx_index
    address = SourceSnapshot.model_validate(row.snapshot).addresses.get(chain or "")
    output = int(index) if chain == BITCOIN and index and index.isdecimal() else None
    if not (chain and tx_id and address) or (chain == BITCOIN and output is None):
        return None
    entry = AddressDeposit(
        chain=chain,
        address=address,
        tx_id=normal_id(chain, tx_id),
        output=output,
        asset=listed.asset,
        amount=listed.amount,
        arrival=Arrival.ORDER if row.enabled else Arrival.DISABLED,
        **_of_address(row, chain),
    )
    order = _order(row, entry, deposit_identity(chain, address, tx_id, output, _apart(row, listed.asset)), now)
    assert order.state is not None
    note_held(order.state, [held_of(listed)], now)
    return order


def arrival_of_shown(row: SourceRow, deposit: Deposit) -> Arrival:
    """Return what a deposit that the chain shows is to the address."""
    return arrival_of(deposit, _taken(row), enabled=row.enabled)


def identity_of_shown(row: SourceRow, deposit: Deposit) -> str:
    """Return the identity of a deposit to the address that the chain shows."""
    return identity_of(deposit, _apart(row, deposit.symbol))


def _apart(row: SourceRow, symbol: str | None) -> str | None:
    """Return what else tells a deposit from another one to the address in the same transaction: its asset."""
    return symbol if symbol and (_type(row) == STANDING or symbol not in _taken(row)) else None


def _order(row: SourceRow, entry: AddressDeposit, identity: str, now: datetime) -> PlaceOrder:
    goal = _destination(row)
    state = OrderState(phase=Phase.TRACKING, opened_at=now, heard_at=now, address_deposit=entry)
    raise_first(state, now)
    return PlaceOrder(
        account=row.account,
        reference=address_order_reference(row.reference, identity),
        kind=ADOPTED,
        request=QuoteRequest(
            source_chain=entry.chain,
            source_asset=entry.asset or "unknown",
            destination_chain=goal.chain,
            destination_asset=goal.asset,
            amount=entry.amount or 0,
            recipient_address=goal.recipient,
        ),
        policy=policy_of(row),
        source=source_of(row),
        state=state,
    )


def _of_address(row: SourceRow, chain: str) -> dict[str, Any]:
    request: dict[str, Any] = dict(row.request)
    refund_addresses: dict[str, str] = request.get("refundAddresses") or {}
    return {
        "type": _type(row),
        "orchestra_id": row.orchestra_id or row.reference,
        "recipient": _destination(row).recipient,
        "refund_address": refund_addresses.get(chain),
        "refunds": policy_of(row).refund_held,
    }


def _type(row: SourceRow) -> str:
    return str(row.snapshot.get("type", ""))


def policy_of(row: SourceRow) -> OrderPolicy:
    """Return the policy of its orders."""
    return OrderPolicy.model_validate(row.policy)


def _taken(row: SourceRow) -> Container[str]:
    if _type(row) == STANDING:
        return _AnyAsset()
    return {str(row.request.get("sourceAsset", "BTC"))}


def _destination(row: SourceRow) -> _Destination:
    request: dict[str, Any] = dict(row.request)
    if "recipientSparkAddress" in request:
        return _Destination("spark", request["destinationAsset"], request["recipientSparkAddress"])
    goal = request.get("destination")
    if goal:
        return _Destination(goal["chain"], goal["asset"], goal["address"])
    return _Destination(request["destinationChain"], request["destinationAsset"], request["destinationAddress"])
