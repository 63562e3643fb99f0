"""`baton reprice`: the business's answer to a repricing."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience, Reference
from baton.cli.output import print_standing
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.orders.reports import RepriceDecision

_ANY = 1
"""Stands for a minimum while the options are checked, before the order is read."""

_ANSWER, _DETAILS = "Answer, one of", "Details"


def _option(panel: str, name: str, explain: str, **rest: Any) -> Any:
    return typer.Option(name, help=explain, rich_help_panel=panel, show_default=False, **rest)


Approve = Annotated[bool, _option(_ANSWER, "--approve", "Accept the worse price.")]
Reject = Annotated[bool, _option(_ANSWER, "--reject", "Reject it: the order fails.")]
Refund = Annotated[bool, _option(_ANSWER, "--refund", "Reject it and refund the deposit; Bitcoin sources only.")]
Minimum = Annotated[
    str | None,
    _option(
        _DETAILS,
        "--minimum",
        "Lowest payout to approve, such as '0.00095 BTC', or in smallest units; default: the proposed one.",
        metavar="AMOUNT",
    ),
]
RefundAddress = Annotated[
    str | None,
    _option(_DETAILS, "--refund-address", "Refund address; default: the order's own.", metavar="ADDRESS"),
]
Why = Annotated[str | None, _option(_DETAILS, "--reason", "Reason for the record.", metavar="TEXT")]


@command
def reprice(
    reference: Reference,
    approve: Approve = False,
    reject: Reject = False,
    refund: Refund = False,
    minimum: Minimum = None,
    refund_address: RefundAddress = None,
    reason: Why = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Answer the repricing of an order; exits 1 if the order has no open one.

    [dim]baton reprice invoice-42 --approve --minimum '0.95 BTC'[/dim]
    """
    from baton.process.lifecycle import run_main

    chosen = {"approve": approve, "reject": reject, "refund": refund}
    _check_minimum(minimum)
    decision = read_decision(chosen, None if minimum is None else _ANY, refund_address, reason)

    async def main() -> int:
        client = await open_client(patience)
        least = None if minimum is None else await _smallest_units(client, reference, account, minimum)
        decided = decision.model_copy(update={"minimum": least})
        standing = await client.decide_reprice(reference, decided, account)
        print_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


def _check_minimum(text: str | None) -> None:
    """Refuse a number without a unit that is no count of smallest units.

    Raises:
        CommandFailed: It is not.
    """
    if text is None or any(character.isalpha() or character == "$" for character in text):
        return
    if not (text.isascii() and text.isdigit() and int(text)):
        remedy = "write smallest units above 0, digits only, or whole units such as '0.00095 BTC'"
        raise CommandFailed(USAGE, "invalid_decision", f"--minimum: {text} is no amount; {remedy}")


async def _smallest_units(client: "BatonClient", reference: str, account: str, text: str) -> int:
    """Return an amount of the order's destination asset in smallest units.

    Raises:
        CommandFailed: It is no such amount.
    """
    from baton.orders.amount_text import with_smallest_units

    order = await client.snapshot(reference, account)
    asset = {"destinationChain": order.destination_chain, "destinationAsset": order.destination_asset}
    read = with_smallest_units(
        {**asset, "amountMode": "exact_out", "amount": text}, lambda *_: order.destination_decimals
    )
    least = int(read.content["amount"]) if read.complaint is None else 0
    if least == 0:
        complaint = read.complaint or f"{text} is nothing; write an amount above 0"
        raise CommandFailed(USAGE, "invalid_decision", f"--minimum: {complaint}")
    return least


def read_decision(
    chosen: dict[str, bool], minimum: int | None, refund_address: str | None, reason: str | None
) -> "RepriceDecision":
    """Return the decision that the options give.

    Raises:
        CommandFailed: They give no answer, more than one, or a detail of another answer.
    """
    from baton.orchestra.rules.reprice import RepriceAction
    from baton.orders.reports import RepriceDecision

    answers = [name for name, given in chosen.items() if given]
    if len(answers) != 1:
        raise CommandFailed(USAGE, "invalid_decision", "give one of --approve, --reject and --refund")
    for detail, given, owner in (("minimum", minimum, "approve"), ("refund-address", refund_address, "refund")):
        if given is not None and answers != [owner]:
            raise CommandFailed(USAGE, "invalid_decision", f"--{detail} belongs to --{owner}; leave it out")
    return RepriceDecision(
        action=RepriceAction(answers[0]), minimum=minimum, refund_address=refund_address, reason=reason
    )
