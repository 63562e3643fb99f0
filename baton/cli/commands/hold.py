"""`baton hold`, `baton release`, `baton holds`: stop submits or approvals, and release them."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from baton.cli.answers import AnyAccount, ask
from baton.cli.confirmation import confirmed
from baton.cli.errors import REFUSED, command
from baton.cli.options import AsJson, Patience
from baton.cli.output import print_json, print_note, print_table, print_text

if TYPE_CHECKING:
    from baton.holds.models import HoldAnswer, HoldList, HoldRelease

What = Annotated[
    Literal["submits", "approvals"],
    typer.Argument(
        metavar="submits|approvals",
        help="What to stop: the submits of deposits and the requests of onramps, or the answers that accept an offer.",
        show_default=False,
    ),
]
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="NAME", help="Only of this partner account; default: of all.", show_default=False
    ),
]
OnRoute = Annotated[
    str | None,
    typer.Option(
        "--route",
        metavar="ROUTE",
        help="Only on these routes: CHAIN, CHAIN/ASSET, two of them as 'base/USDC>spark/BTC', or '>CHAIN'.",
        show_default=False,
    ),
]
Why = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help="Why, for the record.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
HoldId = Annotated[str, typer.Argument(metavar="HOLD", help="The hold, as `baton holds` names it.", show_default=False)]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="N",
        min=0.01,
        max=1000,
        help="Release so many orders a second; default: all at once.",
        show_default=False,
    ),
]


@command
def hold(
    what: What,
    reason: Why,
    account: OfAccount = None,
    route: OnRoute = None,
    yes: Yes = False,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Stop submits or approvals until `baton release`; running orders see it within a second and wait.

    Webhooks, reads, cancels and refunds continue. Asks before it stops more than one route.

    [dim]baton hold submits --route base --reason "the node of Base is behind"[/dim]
    """
    if route is None and not yes and not confirmed(_question(what, account)):
        print_note("nothing was stopped")
        return REFUSED
    return ask(
        patience,
        lambda client: client.hold(what, reason=reason, account=account, route=route),
        lambda placed: _print_hold(placed, as_json=as_json),
    )


@command
def release(hold_id: HoldId, reason: Why, rate: Rate = None, patience: Patience = 60.0, as_json: AsJson = False) -> int:
    """Release a hold: new orders pass at once, and those that wait are released, the oldest first.

    A release that is under way gets the new rate.

    [dim]baton release hold-3 --rate 5 --reason "the node of Base has caught up"[/dim]
    """
    return ask(
        patience,
        lambda client: client.release(hold_id, reason=reason, rate=rate),
        lambda released: _print_release(released, as_json=as_json),
    )


@command
def holds(account: AnyAccount = None, patience: Patience = 60.0, as_json: AsJson = False) -> int:
    """List what is on hold with what waits behind it, and the releases.

    [dim]baton holds[/dim]
    """
    return ask(
        patience,
        lambda client: client.holds([account] if account else None),
        lambda found: _print_holds(found, as_json=as_json),
    )


def _question(what: str, account: str | None) -> str:
    return f"Stop all {what} of {f'account {account}' if account else 'all accounts'}?"


def _print_hold(placed: "HoldAnswer", *, as_json: bool) -> None:
    from baton.chains.catalogue import load_chains
    from baton.cli.views.hold import placed_text
    from baton.holds.unknown_names import assets_of, unknown_names

    if as_json:
        print_json(placed.model_dump(mode="json"))
    else:
        print_text(placed_text(placed))
    for name in unknown_names(placed.hold, assets_of(load_chains())):
        print_note(f"Baton's own catalogue has no {name}, so perhaps nothing is stopped; check it with `baton routes`")


def _print_release(released: "HoldRelease", *, as_json: bool) -> None:
    from baton.cli.views.hold import release_text

    if as_json:
        print_json(released.model_dump(mode="json"))
    else:
        print_text(release_text(released))


def _print_holds(found: "HoldList", *, as_json: bool) -> None:
    from baton.cli.views.hold import holds_table, releases_table

    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    if found.holds:
        print_table(holds_table(found.holds))
    else:
        print_note("nothing is on hold")
    if found.holds and any(line.waiting is None for line in found.holds):
        print_note("no worker counted what waits; the holds stand all the same")
    if releases := [*found.releasing, *found.released]:
        print_table(releases_table(releases))
