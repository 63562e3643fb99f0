"""`baton routes` and `baton limits`: what can become what, and how little or much of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli import start_options as given
from baton.cli.commands.estimate import known_routes
from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table
from baton.cli.partner import Partner, find_account, open_partner
from baton.cli.route_file import load_routes, route_file
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.orchestra.rules.limits import Limits
    from baton.orchestra.rules.objections import Routes
    from baton.settings import Settings

From = Annotated[
    str | None,
    typer.Option("--from", metavar="CHAIN[:ASSET]", help="Only what comes from there.", show_default=False),
]
To = Annotated[
    str | None, typer.Option("--to", metavar="CHAIN[:ASSET]", help="Only what leads there.", show_default=False)
]
Search = Annotated[
    str | None,
    typer.Option("--search", metavar="TEXT", help="Only routes with this in either name.", show_default=False),
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Ask anew, however young the list kept is.")]


@command
def routes(
    source: From = None,
    destination: To = None,
    search: Search = None,
    refresh: Refresh = False,
    account: Partner = "default",
    as_json: AsJson = False,
) -> int:
    """List what can become what; without a filter, each asset with how many others it reaches.

    The list is kept for an hour. With [bold]--json[/bold] each route is one line.

    [dim]baton routes --from base:USDC --search btc[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.catalogue_view import Wanted, overview_table, pairs, pairs_table, route_document
        from baton.cli.views.units import decimals_by_asset

        listed = await _listed(join_stack(), account, refresh=refresh)
        decimals = decimals_by_asset(listed)
        wanted = Wanted(source, destination, search)
        found = [pair for pair in pairs(listed) if wanted.holds(pair)]
        for pair in found if as_json else []:
            print_json(route_document(pair, decimals))
        if not as_json and found:
            print_table(pairs_table(found) if any(wanted) else overview_table(found, decimals))
        if not found:
            raise CommandFailed(REFUSED, "no_route", "no such route; `baton routes` lists every asset that there is")
        return DONE

    return run_main(main())


async def _listed(settings: "Settings", account: str, *, refresh: bool) -> "Routes":
    partner = find_account(settings, account)
    async with open_partner(partner) as client:
        file = route_file(settings.home, partner.base_url)
        return await load_routes(client, file, refresh=refresh, say=print_note)


@command
def limits(
    source_chain: given.SourceChain = None,
    source_asset: given.SourceAsset = None,
    destination_chain: given.DestinationChain = None,
    destination_asset: given.DestinationAsset = None,
    account: Partner = "default",
    as_json: AsJson = False,
) -> int:
    """Tell the least and the most that may be ordered at the moment, of all routes or of those that are named.

    With [bold]--json[/bold] each route is one line.

    [dim]baton limits --source-chain base --source-asset USDC --destination-chain spark[/dim]
    """
    from baton.process.lifecycle import run_main

    named = {
        "source_chain": source_chain,
        "source_asset": source_asset,
        "destination_chain": destination_chain,
        "destination_asset": destination_asset,
    }

    async def main() -> int:
        settings = join_stack()
        partner = find_account(settings, account)
        async with open_partner(partner) as client:
            told = await client.limits(**named)
            known = None if as_json or not told.routes else await known_routes(client, settings, partner)
        _tell_limits(told, known, as_json=as_json)
        return DONE

    return run_main(main())


def _tell_limits(told: "Limits", known: "Routes | None", *, as_json: bool) -> None:
    from baton.cli.views.catalogue_view import limits_table
    from baton.cli.views.units import decimals_by_asset

    if not told.routes:
        raise CommandFailed(
            REFUSED, "no_route", "no such route; asset names are case-sensitive, `baton routes` lists them"
        )
    for route in told.routes if as_json else []:
        print_json(route.model_dump(mode="json"))
    if not as_json:
        print_table(limits_table(told.routes, decimals_by_asset(known)))
