"""What an order moved: its amounts, what was paid, delivered and refunded, when and in which transaction. Pure."""

from datetime import datetime

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.money import deposited_amount
from baton.orders.amounts import AssetAmount, OrderAmounts
from baton.orders.answers import RefundResult, delivering_transaction
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.wait_plans import has_invoice, is_unpaid
from baton.orders.seen_deposits import payable
from baton.orders.state import OrderState

_NOTHING_RECEIVED = frozenset({Status.EXPIRED, Status.UNFULFILLED})
_REFUND_STATUSES = frozenset({Status.REFUNDING, Status.REFUNDED})


def amounts_of(order: PlaceOrder, state: OrderState) -> OrderAmounts:
    """Return the order's amounts as far as they are known."""
    record = state.view.record
    return OrderAmounts(
        in_=_agreed(order, state, record),
        estimated_out=_estimated(order, state, record),
        out=delivered(order, state, record) if record else None,
        fee=_fee(state, record),
        received=_received(order, state, record),
        refund=_refunded(order, state, record) if record else None,
    )


def source_decimals(order: PlaceOrder, state: OrderState) -> int | None:
    """Return the decimals of what the payer sends; None where they are not known."""
    return state.decimals_of(order.request.source_chain, order.request.source_asset)


def destination_decimals(order: PlaceOrder, state: OrderState) -> int | None:
    """Return the decimals of what is delivered; None where they are not known."""
    return state.decimals_of(order.request.destination_chain, order.request.destination_asset)


def paid(order: PlaceOrder, state: OrderState, record: OrderRecord) -> AssetAmount | None:
    """Return what came in; None for an order that ended without a deposit, whose amount nobody paid."""
    if is_unpaid(state) or state.view.status in _NOTHING_RECEIVED:
        return None
    return _source_amount(order, state, deposited_amount(record))


def paid_at(state: OrderState) -> datetime | None:
    """Return when a payment was first noticed: seen on its chain, submitted, or reported by Orchestra."""
    seen = payable(state.sightings)
    reported = () if is_unpaid(state) else (_first_report(state),)
    known = (seen.first_seen_at if seen else None, state.submit_started_at, *reported)
    return min((at for at in known if at is not None), default=None)


def _first_report(state: OrderState) -> datetime | None:
    """Return since when Orchestra reports an order that has its payment: one with an invoice exists before it."""
    transitions = state.view.transitions
    if has_invoice(state):
        transitions = [transition for transition in transitions if transition.status != Status.PROCESSING]
    if any(transition.status not in _NOTHING_RECEIVED for transition in transitions):
        return next((transition.at for transition in transitions if transition.at), None)
    return None


def delivered(order: PlaceOrder, state: OrderState, record: OrderRecord) -> AssetAmount | None:
    """Return what was delivered; None before the order is completed, because the amount is an estimate until then."""
    return _destination_amount(order, state, record.amount_out) if state.view.status == Status.COMPLETED else None


def destination_transaction(order: PlaceOrder, state: OrderState, record: OrderRecord) -> str | None:
    """Return the delivering transaction."""
    chain, status = order.request.destination_chain, state.view.status
    return delivering_transaction(chain, status, record.destination_tx_hash, record.spark_tx_hash)


def is_refund_known(record: OrderRecord) -> bool:
    """Whether Orchestra's record says anything of a refund."""
    named = record.refund_asset or record.refund_amount or record.refund_tx_hash
    return bool(named) or record.status in _REFUND_STATUSES


def refund_result(order: PlaceOrder, state: OrderState, record: OrderRecord) -> RefundResult | None:
    """Return the refund; its chain is the order's refund chain, or the source chain."""
    if not is_refund_known(record):
        return None
    chain, asset = _refund_chain(order), record.refund_asset
    return RefundResult(
        amount=record.refund_amount,
        asset=asset,
        chain=chain,
        decimals=state.decimals_of(chain, asset) if asset else None,
        tx_hash=record.refund_tx_hash,
    )


def _agreed(order: PlaceOrder, state: OrderState, record: OrderRecord | None) -> AssetAmount | None:
    """Return what the payer is to send: by the quote, else by Orchestra's record or the deposit to an address."""
    if state.quote is not None:
        return _source_amount(order, state, state.quote.amount_in)
    if record is not None:
        return _source_amount(order, state, record.amount_in)
    return _source_amount(order, state, state.address_deposit.amount if state.address_deposit else None)


def _estimated(order: PlaceOrder, state: OrderState, record: OrderRecord | None) -> AssetAmount | None:
    """Return what is expected to be delivered; of an order without a quote, what its record expects."""
    expected = state.quote.estimated_out if state.quote else record.amount_out if record else None
    return _destination_amount(order, state, expected)


def _received(order: PlaceOrder, state: OrderState, record: OrderRecord | None) -> AssetAmount | None:
    """Return what came in by Orchestra's record, else the deposit that the chain shows."""
    by_record = paid(order, state, record) if record else None
    seen = payable(state.sightings)
    return by_record or _source_amount(order, state, seen.deposit.amount if seen else None)


def _refunded(order: PlaceOrder, state: OrderState, record: OrderRecord) -> AssetAmount | None:
    """Return what was refunded, in the source asset if the record names none."""
    asset = record.refund_asset or order.request.source_asset
    return _amount(state, record.refund_amount, asset, _refund_chain(order))


def _fee(state: OrderState, record: OrderRecord | None) -> AssetAmount | None:
    """Return Orchestra's fee: of the record, else of the quote."""
    stated = [known for known in (record, state.quote) if known is not None]
    amount = next((known.fee_amount for known in stated if known.fee_amount is not None), None)
    symbol = next((known.fee_asset for known in stated if known.fee_asset is not None), None)
    if amount is None or symbol is None:
        return None
    # Without details the asset is not known, not even if the order has one of that symbol: fees are often charged on
    # another chain, where the same symbol can have other decimals.
    details = (known.fee_asset_details for known in stated)
    asset = next((asset for asset in details if asset and asset.asset == symbol), None)
    if asset is None:
        return _amount(state, amount, symbol, None)
    return AssetAmount(amount=amount, asset=asset.asset, chain=asset.chain, decimals=asset.decimals)


def _refund_chain(order: PlaceOrder) -> str:
    return getattr(order.request, "refund_chain", None) or order.request.source_chain


def _source_amount(order: PlaceOrder, state: OrderState, amount: int | None) -> AssetAmount | None:
    return _amount(state, amount, order.request.source_asset, order.request.source_chain)


def _destination_amount(order: PlaceOrder, state: OrderState, amount: int | None) -> AssetAmount | None:
    return _amount(state, amount, order.request.destination_asset, order.request.destination_chain)


def _amount(state: OrderState, amount: int | None, asset: str, chain: str | None) -> AssetAmount | None:
    if amount is None:
        return None
    return AssetAmount(amount=amount, asset=asset, chain=chain, decimals=state.decimals_of(chain, asset))
