"""Compares what was received and refunded with what was agreed. Pure; amounts in smallest units, never floats.

Source: the partner API reference, quotes, deposits and repricing; sub-objects.
"""

from enum import StrEnum
from typing import NamedTuple

from baton.encoding.amounts import TolerantAmount
from baton.encoding.units import in_words
from baton.orchestra.models import OrderRecord, Quote, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount

EXACT_OUT = "exact_out"
BPS = 10_000


class PaymentIntent(Wire):
    """What an exact-out order requires and has received; an order in US dollars has only some of the fields."""

    amount_mode: Text = None
    target_amount_out: TolerantAmount = None
    required_amount_in: TolerantAmount = None
    max_accepted_amount_in: TolerantAmount = None
    input_buffer_bps: TolerantCount = None
    actual_amount_in: TolerantAmount = None
    refund_address: Text = None


class ReceivedAmount(StrEnum):
    """How a deposit compares with what was agreed."""

    SHORT = "short"
    OVER = "over"
    EXACT = "exact"
    BELOW_REQUIRED = "below_required"
    """Exact-out: less than the target needs."""
    ABOVE_MAX = "above_max"
    """Exact-out: more than the buffer above what the target needs."""
    WITHIN = "within"
    """Exact-out: enough, and not too much."""


class AmountCheck(NamedTuple):
    """A deposit compared with what was agreed.

    Attributes:
        name: The result.
        received: What was received.
        least: The least that was required.
        most: The most that is accepted; None where no upper limit is known.
    """

    name: ReceivedAmount
    received: int
    least: int
    most: int | None

    def sentence(self, asset: str, decimals: int | None) -> str:
        """Return the comparison in words, with amounts of this asset."""
        received, least = in_words(self.received, asset, decimals), in_words(self.least, asset, decimals)
        if self.most == self.least:
            return f"{received} was received, {least} was agreed"
        upper = "" if self.most is None else f" and at most {in_words(self.most, asset, decimals)}"
        return f"{received} was received, at least {least}{upper} was agreed"


def read_intent(record: OrderRecord) -> PaymentIntent | None:
    """Return the order's payment intent; None where it has none."""
    return None if record.payment_intent is None else PaymentIntent.model_validate(record.payment_intent)


def deposited_amount(record: OrderRecord) -> int | None:
    """Return the amount of the deposit: `amountIn`, or the intent's amount for exact-out, where the two may differ."""
    intent = read_intent(record)
    if intent is not None and intent.actual_amount_in is not None:
        return intent.actual_amount_in
    return record.amount_in


def refund_is_short(record: OrderRecord) -> bool:
    """Whether the refund is less than the deposit; False where the assets differ or an amount is unknown."""
    deposited = deposited_amount(record)
    if record.refund_amount is None or deposited is None:
        return False
    return record.refund_asset in (None, record.source_asset) and record.refund_amount < deposited


def received_amount(record: OrderRecord, quote: Quote | None) -> AmountCheck | None:
    """Compare what was received with what was agreed; None while either is unknown.

    An exact-in order is repriced to what was received: the record's `amountIn` is compared with the quote's. An
    exact-out order has limits, from the payment intent or else from the quote.

    Args:
        record: The order as last seen.
        quote: The quote that the deposit pays, or None for an order that was quoted elsewhere.
    """
    intent = read_intent(record)
    if EXACT_OUT in (intent and intent.amount_mode, quote and quote.amount_mode):
        return _exact_out(intent or PaymentIntent(), quote)
    if quote is None or record.amount_in is None:
        return None
    return _exact_in(record.amount_in, quote.amount_in)


def _exact_in(received: int, agreed: int) -> AmountCheck:
    if received == agreed:
        return AmountCheck(ReceivedAmount.EXACT, received, agreed, agreed)
    name = ReceivedAmount.SHORT if received < agreed else ReceivedAmount.OVER
    return AmountCheck(name, received, agreed, agreed)


def _exact_out(intent: PaymentIntent, quote: Quote | None) -> AmountCheck | None:
    least, most = _bounds(intent, quote)
    received = intent.actual_amount_in
    if least is None or received is None:
        return None
    if received < least:
        return AmountCheck(ReceivedAmount.BELOW_REQUIRED, received, least, most)
    above = most is not None and received > most
    return AmountCheck(ReceivedAmount.ABOVE_MAX if above else ReceivedAmount.WITHIN, received, least, most)


def _bounds(intent: PaymentIntent, quote: Quote | None) -> tuple[int | None, int | None]:
    least, most, buffer = intent.required_amount_in, intent.max_accepted_amount_in, intent.input_buffer_bps
    if quote is not None:
        least = quote.required_amount_in if least is None else least
        most = quote.max_accepted_amount_in if most is None else most
        buffer = quote.input_buffer_bps if buffer is None else buffer
    if most is None and least is not None and buffer is not None:
        most = least + least * buffer // BPS
    return least, most
