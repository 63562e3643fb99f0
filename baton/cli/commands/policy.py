"""`baton policy`: what a ZeroConf policy would do, tried on offers without answering any."""

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, UNREACHABLE, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.order_document import read_object
from baton.cli.output import aside, print_json, print_note, print_table, print_text
from baton.cli.partner import Partner, find_account
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baton.cli.policy_history import History
    from baton.orchestra.rules.zeroconf import ZeroConfPolicy
    from baton.settings import Settings

LOOK_PATIENCE = 30.0
"""Seconds that one page of the ledger may take."""

app = typer.Typer(help="Try ZeroConf policies on past offers before they decide live ones.")

PolicyFile = Annotated[
    str | None,
    typer.Argument(
        metavar="[POLICY.json]",
        help="The policy in JSON, - for stdin; the account's own if left out.",
        show_default=False,
    ),
]
FromHistory = Annotated[bool, typer.Option("--history", help="Try it on every offer that the ledger tells of.")]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="WHEN",
        help="With --history: only offers since a day, a time, or so long ago (P7D).",
        show_default=False,
    ),
]
OfferFile = Annotated[
    str | None,
    typer.Option(
        "--offer",
        metavar="PATH",
        help="Try it on this one: an offer, or an order that holds one, in JSON; - for stdin.",
        show_default=False,
    ),
]


@app.callback()
def group() -> None:
    """Keep `try` a command of its own: a group of one would take its place."""


@app.command("try")
@command
def try_policy(
    policy_file: PolicyFile = None,
    history: FromHistory = False,
    since: Since = None,
    offer: OfferFile = None,
    account: Partner = "default",
    as_json: AsJson = False,
) -> int:
    """Tell what a policy makes of past offers: of each the decision and why, and what they come to.

    Offers are judged in their order, each with what the policy itself credited in the 24 hours before.

    [dim]baton policy try cautious.json --history --since P30D[/dim]
    """
    from baton.process.lifecycle import run_main

    if history == bool(offer) or (since and not history):
        raise CommandFailed(USAGE, "usage", "give --history, with or without --since, or else --offer")
    settings = join_stack()
    policy = _policy(settings, policy_file, account)

    async def main() -> int:
        found = await _history(settings, account, since) if history else _one_offer(offer or "-")
        _tell(account, policy, found, as_json=as_json)
        return DONE

    return run_main(main())


def _policy(settings: "Settings", file: str | None, account: str) -> "ZeroConfPolicy":
    from pydantic import ValidationError

    from baton.accounts.policies import zeroconf_policy
    from baton.orchestra.json_body import complaint
    from baton.orchestra.rules.zeroconf import ZeroConfPolicy

    if file is None:
        return zeroconf_policy(find_account(settings, account))
    document = read_object(file, "the policy")
    known = {name for field, info in ZeroConfPolicy.model_fields.items() for name in (field, info.alias)}
    for name in document.keys() - known:
        raise CommandFailed(USAGE, "invalid_policy", f"{name} is not a field of a ZeroConf policy; check its spelling")
    try:
        return ZeroConfPolicy.model_validate(document)
    except ValidationError as error:
        raise CommandFailed(USAGE, "invalid_policy", complaint(error)) from None


def _one_offer(file: str) -> "History":
    from baton.cli.policy_history import History, read_past_offer

    return History([read_past_offer(read_object(file, "the offer"))], 0)


async def _history(settings: "Settings", account: str, since: str | None) -> "History":
    from baton.cli.last_record import existing_ledger
    from baton.cli.policy_history import past_offers, read_since

    start = read_since(since, datetime.now(UTC)) if since else None
    with _progress() as say:
        async with existing_ledger(settings.ledger, LOOK_PATIENCE) as ledger:
            if ledger is None:
                why = "there is no ledger yet; BATON_LEDGER_URL and BATON_HOME say where it is looked for"
                raise CommandFailed(UNREACHABLE, "ledger_unavailable", why)
            return await past_offers(ledger, account, start, say)


@contextmanager
def _progress() -> "Iterator[Callable[[str], None]]":
    console = aside()
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("looking through the orders") as status:
        yield status.update


def _tell(account: str, policy: "ZeroConfPolicy", found: "History", *, as_json: bool) -> None:
    from baton.cli import policy_trial
    from baton.cli.views.policy_view import totals_view, trials_table

    trials = list(policy_trial.try_policy(policy, found.offers))
    sum_of_all = policy_trial.totals(trials, found.untold)
    if as_json:
        offers = [one.model_dump(mode="json") for one in trials]
        shown = {"account": account, "policy": policy.wire(), "offers": offers}
        print_json(shown | {"totals": sum_of_all.model_dump(mode="json")})
    elif trials:
        print_table(trials_table(trials))
        print_text(totals_view(sum_of_all))
    else:
        print_note(f"no offer found to try it on; {found.untold} were recorded without their figures")
