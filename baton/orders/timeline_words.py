"""The words on the rows of an order's timeline in the Temporal UI: its calls and its timer. Pure.

None costs an event.
"""

from datetime import datetime

from baton.chains.names import chain_name
from baton.encoding.times import clock_time
from baton.encoding.units import units_in_words
from baton.orders.markdown import short_id
from baton.orders.messages import ReadOrder, RequestOnramp, RequestQuote, SubmitDeposit
from baton.orders.models import Waiting
from baton.orders.rules.wait_plans import party
from baton.orders.seen_deposits import SeenDeposit
from baton.orders.summaries import amount_in_words, order_in_words, summary_line


def quote_words(call: RequestQuote, generation: int) -> str:
    """Return the words for a request for a quote."""
    return summary_line(f"quote for {order_in_words(call.request, call.amount_decimals)}{_again(generation)}")


def onramp_words(call: RequestOnramp, generation: int) -> str:
    """Return the words for a request for an order with an invoice."""
    return summary_line(f"invoice for {amount_in_words(call.request, call.amount_decimals)}{_again(generation)}")


def submit_words(call: SubmitDeposit, generation: int, seen: SeenDeposit | None) -> str:
    """Return the words for a submit.

    Args:
        call: The call.
        generation: Which key it uses, counted from 1.
        seen: The deposit as its chain shows it; None where it does not.
    """
    deposit = short_id(call.proof.transaction_id)
    if seen is None:
        return summary_line(f"submit the deposit {deposit}{_again(generation)}")
    amount = units_in_words(seen.deposit.amount, seen.deposit.symbol or "an asset", seen.deposit.decimals)
    return summary_line(
        f"submit the deposit of {amount} seen on {chain_name(seen.deposit.chain)}, {deposit}{_again(generation)}"
    )


def read_words(call: ReadOrder) -> str:
    """Return the words for a read or a poll."""
    if call.cadence is None:
        return "read the order at Orchestra once"
    if call.known_status:
        return summary_line(f"poll Orchestra until the status is no longer {call.known_status}")
    return "poll Orchestra until it has an order"


def wait_words(waiting: Waiting, now: datetime) -> str:
    """Return the words for the timer of a wait: what for, from whom, until when."""
    return until_words(f"{waiting.what}, from {party(waiting.who)}", waiting.until, now)


def until_words(what: str, until: datetime, now: datetime) -> str:
    """Return the words for a timer: what is awaited, and until when."""
    return summary_line(f"wait for {what}, at most until {clock_time(until, now)}")


def silence_words(due: datetime, now: datetime) -> str:
    """Return the words for the timer that ends a silence."""
    return f"if no webhook comes by {clock_time(due, now)}, read the order at Orchestra"


def _again(generation: int) -> str:
    return f", attempt {generation}" if generation > 1 else ""
