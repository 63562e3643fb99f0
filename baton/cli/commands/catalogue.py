"""`baton routes` and `baton limits`: the routes there are, and their limits."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli import start_options as given
from baton.cli.commands.estimate import known_routes
from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.files.route_cache import cache_file, load_routes
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table
from baton.cli.partner import Partner, find_account, open_partner
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.orchestra.rules.limits import Limits
    from baton.orchestra.rules.objections import Routes
    from baton.settings import Settings

From = Annotated[
    str | None,
    typer.Option("--from", metavar="CHAIN[:ASSET]", help="Only routes from there.", show_default=False),
]
To = Annotated[
    str | None, typer.Option("--to", metavar="CHAIN[:ASSET]", help="Only routes to there.", show_default=False)
]
Search = Annotated[
    str | None,
    typer.Option("--search", metavar="TEXT", help="Only routes with this text in either name.", show_default=False),
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Fetch the list even if the cached one is fresh.")]


@command
def routes(
    source: From = None,
    destination: To = None,
    search: Search = None,
    refresh: Refresh = False,
    account: Partner = "default",
    as_json: AsJson = False,
) -> int:
    """List the routes; without a filter, each asset with the number of its routes.

    The list is cached for an hour. With [bold]--json[/bold] each route is one line.

    [dim]baton routes --from base:USDC --search btc[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.catalogue import overview_table, pairs_table
        from baton.cli.views.units import decimals_by_asset
        from baton.orchestra.rules.route_pairs import RouteFilter, pairs, route_line

        all_routes = await _load(join_stack(), account, refresh=refresh)
        decimals = decimals_by_asset(all_routes)
        chosen = RouteFilter(source, destination, search)
        matching = [pair for pair in pairs(all_routes) if chosen.matches(pair)]
        for pair in matching if as_json else []:
            print_json(route_line(pair, decimals).model_dump(mode="json"))
        if not as_json and matching:
            print_table(pairs_table(matching) if any(chosen) else overview_table(matching, decimals))
        if not matching:
            raise CommandFailed(REFUSED, "no_route", "no such route; `baton routes` lists all assets")
        return DONE

    return run_main(main())


async def _load(settings: "Settings", account: str, *, refresh: bool) -> "Routes":
    partner = find_account(settings, account)
    async with open_partner(partner) as client:
        file = cache_file(settings.home, partner.base_url)
        return await load_routes(client, file, refresh=refresh, warn=print_note)


@command
def limits(
    source_chain: given.SourceChain = None,
    source_asset: given.SourceAsset = None,
    destination_chain: given.DestinationChain = None,
    destination_asset: given.DestinationAsset = None,
    account: Partner = "default",
    as_json: AsJson = False,
) -> int:
    """Show the smallest and largest order at the moment, for all routes or those given.

    With [bold]--json[/bold] each route is one line.

    [dim]baton limits --source-chain base --source-asset USDC --destination-chain spark[/dim]
    """
    from baton.process.lifecycle import run_main

    route = {
        "source_chain": source_chain,
        "source_asset": source_asset,
        "destination_chain": destination_chain,
        "destination_asset": destination_asset,
    }

    async def main() -> int:
        settings = join_stack()
        partner = find_account(settings, account)
        async with open_partner(partner) as client:
            reply = await client.limits(**route)
            known = None if as_json or not reply.routes else await known_routes(client, settings, partner)
        _print_limits(reply, known, as_json=as_json)
        return DONE

    return run_main(main())


def _print_limits(reply: "Limits", routes: "Routes | None", *, as_json: bool) -> None:
    from baton.cli.views.catalogue import limits_table
    from baton.cli.views.units import decimals_by_asset

    if not reply.routes:
        raise CommandFailed(
            REFUSED, "no_route", "no such route; asset names are case-sensitive, `baton routes` lists them"
        )
    for route in reply.routes if as_json else []:
        print_json(route.model_dump(mode="json"))
    if not as_json:
        print_table(limits_table(reply.routes, decimals_by_asset(routes)))
