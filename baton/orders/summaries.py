"""What people read in the Temporal UI about an order: its summary, its details and its current details. Pure.

None of these costs an event.
"""

from collections.abc import Mapping

from baton.chains.decimals import decimals_of
from baton.chains.names import chain_name, transaction_page
from baton.encoding.times import date_and_time
from baton.encoding.units import units_in_words
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.rules.money import EXACT_OUT
from baton.orders.amounts import AssetAmount
from baton.orders.answers import DepositLine, Snapshot
from baton.orders.markdown import Markdown, cell, details_table, link, links, short_id, whole_id
from baton.orders.models import Attention, OnQuoteExpiry
from baton.orders.place_order import PlaceOrder, Request
from baton.orders.rules.wait_plans import party

_LONGEST_VALUE = 100
"""Characters of a value of the metadata that the details show."""
_STATUSES = 20
"""How many statuses the details show."""
_LONGEST_SUMMARY = 200
"""Bytes of a summary that Temporal takes."""

_ON_EXPIRY = {
    OnQuoteExpiry.WAIT: "its address stays open, and Orchestra prices a late deposit again",
    OnQuoteExpiry.REQUOTE: "Baton requests a new one",
    OnQuoteExpiry.EXPIRE: "the order closes",
}


def static_summary(order: PlaceOrder) -> str:
    """Return the line that names the order in lists."""
    return summary_line(f"{order.reference}: {order_in_words(order.request, order.amount_decimals)}")


def summary_line(text: str) -> str:
    """Return a summary on one line, within what Temporal takes."""
    return " ".join(text.split()).encode()[:_LONGEST_SUMMARY].decode("utf-8", "ignore")


def order_in_words(request: Request, decimals: int | None = None) -> str:
    """Return what is ordered, such as `100 USDC on Base to BTC on Spark`.

    Args:
        request: The request.
        decimals: Decimals of the asset that its amount counts; None for those of the catalogue.
    """
    amount = amount_in_words(request, decimals)
    source, destination = request.source_asset, request.destination_asset
    if request.amount_mode == EXACT_OUT:
        destination = amount
    elif request.amount is None:
        source = f"{amount} in {source}"
    else:
        source = amount
    return f"{source} on {chain_name(request.source_chain)} to {destination} on {chain_name(request.destination_chain)}"


def amount_in_words(request: Request, decimals: int | None = None) -> str:
    """Return the requested amount in whole units; an onramp may name US dollars."""
    if request.amount is None and isinstance(request, OnrampRequest):
        return f"{request.amount_fiat_usd} US dollars"
    chain, asset = asset_of_amount(request)
    return units_in_words(request.amount or 0, asset, decimals_of(chain, asset) if decimals is None else decimals)


def static_details(order: PlaceOrder) -> str:
    """Return the order's fixed facts as Markdown."""
    exact = "what is delivered" if order.request.amount_mode == EXACT_OUT else "what the payer sends"
    return (
        f"**{cell(order_in_words(order.request, order.amount_decimals))}**\n\n"
        f"- account `{order.account}`, reference `{order.reference}`, {order.kind}\n"
        f"- the amount is {exact}\n"
        f"- when the quote expires, {_ON_EXPIRY[order.policy.on_quote_expiry]}\n"
        f"{_source(order)}"
        f"{_metadata(order)}"
    )


def _source(order: PlaceOrder) -> str:
    if order.source is None:
        return ""
    label = f", labelled {cell(order.source.label)}" if order.source.label else ""
    return f"- came of: `{order.source.name}`{label}\n"


def _metadata(order: PlaceOrder) -> str:
    # Temporal takes 20,000 bytes of details.
    return "".join(f"- {cell(name)}: {cell(value[:_LONGEST_VALUE])}\n" for name, value in order.metadata.items())


def attention_in_words(raised: Attention) -> str:
    """Return why a person must look, and what that person can do."""
    return f"{raised.reason}: {raised.message}" + (f"; {raised.remedy}" if raised.remedy else "")


def current_details(snapshot: Snapshot, pages: Mapping[str, str] | None = None) -> str:
    """Return the order's current state as a Markdown table.

    Args:
        snapshot: The order.
        pages: Addresses of pages about it, by their names.
    """
    waiting, amounts = snapshot.waiting_for, snapshot.amounts
    rows = [
        ("outcome", snapshot.outcome.value if snapshot.outcome else None),
        ("reason", f"{snapshot.reason.code}: {snapshot.reason.message}" if snapshot.reason else None),
        *[("needs a person", attention_in_words(raised)) for raised in snapshot.attentions],
        ("waits for", waiting.what if waiting else None),
        ("next to act", party(waiting.who) if waiting else None),
        ("until", date_and_time(waiting.until) if waiting else None),
        ("then", waiting.then if waiting else None),
        ("phase", snapshot.phase.value),
        ("status", snapshot.status),
        ("to pay", _amount(amounts.in_)),
        ("to address", _to_address(snapshot)),
        ("received", _received(snapshot)),
        *[("on the chain", _deposit(snapshot, deposit)) for deposit in snapshot.deposits[-_STATUSES:]],
        ("pays out, about", _amount(amounts.estimated_out) if amounts.out is None else None),
        ("paid out", _amount(amounts.out)),
        ("fee", _amount(amounts.fee)),
        ("refunded", _amount(amounts.refund)),
        *_transactions(snapshot),
        ("statuses", _last_statuses(snapshot)),
        ("Orchestra's order", snapshot.order_id),
        ("quote", snapshot.quote_id),
        ("pages", links(dict(pages or {}))),
    ]
    return details_table(*rows)


def _amount(amount: AssetAmount | None) -> str | None:
    if amount is None:
        return None
    where = f" on {chain_name(amount.chain)}" if amount.chain else ""
    return units_in_words(amount.amount, amount.asset, amount.decimals) + where


def _to_address(snapshot: Snapshot) -> str | None:
    """Return the address that the payer sends to, while a deposit is awaited."""
    awaited = snapshot.waiting_for is not None and snapshot.proof is None
    return whole_id(snapshot.deposit_address) if awaited and snapshot.deposit_address else None


def _received(snapshot: Snapshot) -> str | None:
    """Return what came in, and how it compares with what was agreed unless it is that."""
    amount, compared = _amount(snapshot.amounts.received), snapshot.received
    if compared is None or compared.name == "exact":
        return amount
    return compared.message if amount is None else f"{amount}, {compared.name.replace('_', ' ')}"


def _deposit(snapshot: Snapshot, deposit: DepositLine) -> Markdown:
    amount = units_in_words(deposit.amount, deposit.asset, deposit.decimals)
    transaction = link(short_id(deposit.tx_id), transaction_page(snapshot.source_chain, deposit.tx_id))
    return Markdown(f"{cell(amount)}, {cell(deposit.verdict)}, {cell(deposit.state)}, {transaction}")


def _transactions(snapshot: Snapshot) -> list[tuple[str, str | None]]:
    """Return the transactions of the order, each with a link to where anybody can look it up."""
    proof, refund = snapshot.proof or {}, snapshot.refund or {}
    paid = next((proof[name] for name in ("txHash", "bitcoinTxid", "sparkTxHash") if proof.get(name)), None)
    delivered = snapshot.destination_tx_hash
    return [
        ("deposit", _transaction(snapshot.source_chain, paid)),
        ("delivery", _transaction(snapshot.destination_chain, delivered)),
        ("refund", _transaction(snapshot.source_chain, refund.get("tx_hash"))),
    ]


def _transaction(chain: str, transaction: str | None) -> Markdown | None:
    if not transaction:
        return None
    return link(short_id(transaction), transaction_page(chain, transaction))


def _last_statuses(snapshot: Snapshot) -> str | None:
    """Return the last statuses in their order; there may be hundreds."""
    statuses = [transition.status for transition in snapshot.transitions]
    left_out = len(statuses) + snapshot.transitions_left_out - _STATUSES
    shown = [f"({left_out} earlier)"] if left_out > 0 else []
    return " → ".join([*shown, *statuses[-_STATUSES:]]) or None


def route_of(order: PlaceOrder) -> str:
    """Return the route as one keyword, for instance `base:USDC>spark:BTC`."""
    request = order.request
    return f"{request.source_chain}:{request.source_asset}>{request.destination_chain}:{request.destination_asset}"


def asset_of_amount(request: Request) -> tuple[str, str]:
    """Return the chain and the asset that the requested amount counts."""
    if request.amount_mode == EXACT_OUT:
        return request.destination_chain, request.destination_asset
    return request.source_chain, request.source_asset
