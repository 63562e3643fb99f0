"""How a payer of the sandbox pays: how much, how often, when, and who notices. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from baton.cli.errors import REFUSED, USAGE, CommandFailed
from baton.cli.sandbox.payables import Payable

NoticedBy = Literal["business", "orchestra", "nobody"]

_SHARE = 10
"""One part in this many is what `--short` leaves out and `--over` adds."""


@dataclass(frozen=True)
class PaymentTerms:
    """How to pay.

    Attributes:
        short: Send a tenth less than asked for.
        over: Send a tenth more.
        late: Pay after the quote's expiry, or after the order's end.
        twice: Pay twice, or once more what is paid already.
        noticed_by: Who notices the deposit; None for the business app, unless the scenario has Orchestra detect it.
        scenario: The scenario that the order follows; None for the one it has.
    """

    short: bool = False
    over: bool = False
    late: bool = False
    twice: bool = False
    noticed_by: NoticedBy | None = None
    scenario: str | None = None


def amount_to_send(payable: Payable, terms: PaymentTerms, given: int | None) -> int | None:
    """Return what to send in smallest units; None for what the quote and its scenario say.

    Args:
        payable: What is paid.
        terms: How.
        given: The amount of `--amount`, in smallest units.

    Raises:
        CommandFailed: The amounts contradict each other or do not fit what is paid.
    """
    if sum((terms.short, terms.over, given is not None)) > 1:
        raise _usage("give one of --short, --over and --amount")
    if not (terms.short or terms.over or given is not None):
        if payable.expected is None:
            raise _usage(
                f"{payable.source} takes any amount; say which with --amount, such as '50 {payable.asset or 'USDC'}'"
            )
        return None
    if payable.is_invoice and given != payable.expected:
        raise _usage("an invoice is paid exactly or not at all; leave out --short, --over and --amount")
    if given is not None:
        return given
    if payable.expected is None:
        raise _usage(f"{payable.source} asks for no particular amount, so nothing is short or over; use --amount")
    return payable.expected * (_SHARE - 1 if terms.short else _SHARE + 1) // _SHARE


def payments_due(payable: Payable, terms: PaymentTerms, *, paid: int, scenario: Mapping[str, Any] | None) -> int:
    """Return how many payments to make.

    Args:
        payable: What is paid.
        terms: How.
        paid: How many payments there were.
        scenario: The scenario that was chosen with the payment, in short.

    Raises:
        CommandFailed: It is paid already, or closed; the text names the option that pays nevertheless.
    """
    is_source, wanted = payable.source is not None, 2 if terms.twice else 1
    if payable.is_invoice and terms.twice:
        raise _usage("an invoice is paid once; leave out --twice")
    if terms.late and payable.quote_id is None:
        raise _usage(f"{payable.source} has no quote that could expire; leave out --late")
    if is_source:
        return wanted
    if payable.outcome and not terms.late and not (paid and terms.twice):
        raise _refused(
            "order_closed", f"order {payable.reference} is {payable.outcome}; --late sends money after its end"
        )
    if paid and not terms.twice and not payable.outcome:
        raise _refused("already_paid", f"order {payable.reference} is paid already; --twice pays it once more")
    if paid:
        return 1
    return max(wanted, int(scenario["payments"])) if scenario else wanted


def _usage(message: str) -> CommandFailed:
    return CommandFailed(USAGE, "invalid_payment", message)


def _refused(code: str, message: str) -> CommandFailed:
    return CommandFailed(REFUSED, code, message)
