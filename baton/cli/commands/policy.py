"""`baton policy`: what a ZeroConf policy would decide about past offers; none of them is answered."""

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, UNREACHABLE, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.order_document import read_object
from baton.cli.output import error_console, print_json, print_note, print_table, print_text
from baton.cli.partner import Partner, find_account
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baton.cli.trials.past_offers import OfferHistory
    from baton.orchestra.rules.zeroconf import ZeroConfPolicy
    from baton.settings import Settings

PAGE_TIMEOUT = 30.0
"""Seconds that one page of the ledger may take."""

app = typer.Typer(help="Try ZeroConf policies on past offers before they decide live ones.")

PolicyFile = Annotated[
    str | None,
    typer.Argument(
        metavar="[POLICY.json]",
        help="The policy in JSON, - for stdin; default: the account's own.",
        show_default=False,
    ),
]
FromHistory = Annotated[bool, typer.Option("--history", help="Try it on every offer in the ledger.")]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="WHEN",
        help="With --history: only offers since a day, a time, or a duration before now (P7D).",
        show_default=False,
    ),
]
OfferFile = Annotated[
    str | None,
    typer.Option(
        "--offer",
        metavar="PATH",
        help="Try it on this offer, or on the offer of this order, in JSON; - for stdin.",
        show_default=False,
    ),
]


@app.callback()
def group() -> None:
    """Keep `try` a sub-command: typer would otherwise merge a group's only command into the group."""


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
    """Show what a policy would decide about past offers, and why, with the totals.

    Offers are judged oldest first. The daily cap counts what the policy itself accepted in the 24 hours before.

    [dim]baton policy try cautious.json --history --since P30D[/dim]
    """
    from baton.process.lifecycle import run_main

    if history == bool(offer) or (since and not history):
        raise CommandFailed(USAGE, "usage", "give --history (and --since if you like), or --offer")
    settings = join_stack()
    policy = _policy(settings, policy_file, account)

    async def main() -> int:
        offers = await _history(settings, account, since) if history else _one_offer(offer or "-")
        _print_trials(account, policy, offers, as_json=as_json)
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


def _one_offer(file: str) -> "OfferHistory":
    from baton.cli.trials.past_offers import OfferHistory, read_past_offer

    return OfferHistory([read_past_offer(read_object(file, "the offer"))], 0)


async def _history(settings: "Settings", account: str, since: str | None) -> "OfferHistory":
    from baton.cli.last_record import existing_ledger
    from baton.cli.trials.past_offers import past_offers, read_since

    start = read_since(since, datetime.now(UTC)) if since else None
    with _progress() as report:
        async with existing_ledger(settings.ledger, PAGE_TIMEOUT) as ledger:
            if ledger is None:
                why = "there is no ledger yet; BATON_LEDGER_URL and BATON_HOME say where it is"
                raise CommandFailed(UNREACHABLE, "ledger_unavailable", why)
            return await past_offers(ledger, account, start, report)


@contextmanager
def _progress() -> "Iterator[Callable[[str], None]]":
    """Yield a function that shows progress on a terminal, and does nothing elsewhere."""
    console = error_console()
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("reading the orders") as status:
        yield status.update


def _print_trials(account: str, policy: "ZeroConfPolicy", history: "OfferHistory", *, as_json: bool) -> None:
    from baton.cli.trials.policy import judge_offers, totals
    from baton.cli.views.policy import totals_view, trials_table

    trials = list(judge_offers(policy, history.offers))
    sums = totals(trials, history.incomplete)
    if as_json:
        offers = [trial.model_dump(mode="json") for trial in trials]
        document = {"account": account, "policy": policy.wire(), "offers": offers}
        print_json(document | {"totals": sums.model_dump(mode="json")})
    elif trials:
        print_table(trials_table(trials))
        print_text(totals_view(sums))
    else:
        print_note(f"no offers to try it on; {history.incomplete} were recorded without their figures")
