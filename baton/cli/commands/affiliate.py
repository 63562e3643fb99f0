"""`baton affiliate`: affiliates at Orchestra, what they earned by orders, and claims of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, REFUSED, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from pydantic import BaseModel

app = typer.Typer(help="Register affiliates, see what they earned by orders, and claim it.")

AffiliateId = Annotated[str, typer.Argument(metavar="AFFILIATE", help="The affiliate's id.", show_default=False)]
FeeBps = Annotated[
    int,
    typer.Option("--fee-bps", metavar="BPS", help="Fee of each order, 1 to 9999 basis points.", show_default=False),
]
PayoutChain = Annotated[
    str, typer.Option("--chain", metavar="CHAIN", help="Chain to which claims are paid out.", show_default=False)
]
PayoutAsset = Annotated[
    str, typer.Option("--asset", metavar="ASSET", help="Asset in which claims are paid out.", show_default=False)
]
PayoutAddress = Annotated[
    str, typer.Option("--address", metavar="ADDRESS", help="Address to which claims are paid out.", show_default=False)
]
WithDisabled = Annotated[bool, typer.Option("--all", help="Also list disabled affiliates.")]
Settlement = Annotated[
    str | None,
    typer.Option(
        "--settlement",
        metavar="CHAIN:ASSET",
        help="The balance to claim, if there are several; default: the one Orchestra chooses.",
        show_default=False,
    ),
]


@app.command("register")
@command
def register(
    affiliate: AffiliateId,
    fee_bps: FeeBps,
    chain: PayoutChain,
    asset: PayoutAsset,
    address: PayoutAddress,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Register an affiliate, or change the one with this id.

    [dim]baton affiliate register friend --fee-bps 50 --chain base --asset USDC --address 0x...[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.affiliate import affiliate_text

        client = await open_client(patience)
        registered = await client.register_affiliate(
            affiliate, account, fee_bps=fee_bps, payout_chain=chain, payout_asset=asset, payout_address=address
        )
        _print(registered, account, affiliate_text(registered), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("list")
@command
def list_affiliates(
    everyone: WithDisabled = False, account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False
) -> int:
    """List the account's affiliates at Orchestra.

    [dim]baton affiliate list --all[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.affiliate import affiliates_table

        client = await open_client(patience)
        found = await client.affiliates(account, include_disabled=everyone)
        if as_json:
            print_json({"account": account, "affiliates": [each.model_dump(mode="json") for each in found]})
        elif found:
            print_table(affiliates_table(found))
        else:
            print_note(f"account {account} has no affiliates")
        return DONE

    join_stack()
    return run_main(main())


@app.command("disable")
@command
def disable(
    affiliate: AffiliateId, account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False
) -> int:
    """Disable an affiliate. Claim its balance before: Orchestra pays a disabled affiliate nothing.

    [dim]baton affiliate disable friend[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        await client.disable_affiliate(affiliate, account)
        if as_json:
            print_json({"account": account, "affiliate_id": affiliate, "disabled": True})
        else:
            print_text(f"{affiliate} is disabled")
        return DONE

    join_stack()
    return run_main(main())


@app.command("balance")
@command
def balance(
    affiliate: AffiliateId, account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False
) -> int:
    """Show what an affiliate earned by the orders that Baton has seen, and what was claimed of it.

    [dim]baton affiliate balance friend[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.affiliate import balances_table

        client = await open_client(patience)
        lines = await client.affiliate_balance(affiliate, account)
        if as_json:
            shown = [line.model_dump(mode="json") for line in lines]
            print_json({"account": account, "affiliate_id": affiliate, "balances": shown})
        elif lines:
            print_table(balances_table(lines))
        else:
            print_note(f"{affiliate} has no fees and no claims")
        return DONE

    join_stack()
    return run_main(main())


@app.command("claim")
@command
def claim(
    affiliate: AffiliateId,
    settlement: Settlement = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Claim an affiliate's whole balance, at least $1; joins a claim that is under way. Exits 1 if it is refused.

    [dim]baton affiliate claim friend[/dim]
    """
    from baton.process.lifecycle import run_main

    ledger = _ledger(settlement)

    async def main() -> int:
        from baton.cli.views.affiliate import claim_text

        client = await open_client(patience)
        view = await client.claim_affiliate(affiliate, account, settlement=ledger)
        _print(view, account, claim_text(view), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("claims")
@command
def claims(
    affiliate: AffiliateId, account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False
) -> int:
    """List an affiliate's claims at Orchestra.

    [dim]baton affiliate claims friend[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.affiliate import claims_table

        client = await open_client(patience)
        found = await client.claims(affiliate, account)
        if as_json:
            shown = [each.model_dump(mode="json") for each in found]
            print_json({"account": account, "affiliate_id": affiliate, "claims": shown})
        elif found:
            print_table(claims_table(found))
        else:
            print_note(f"{affiliate} has no claims")
        return DONE

    join_stack()
    return run_main(main())


@app.command("report")
@command
def report(account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False) -> int:
    """Hold the fees of every affiliate against its claims; exits 1 if they differ.

    [dim]baton affiliate report[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.affiliate import balances_table, difference_notes

        client = await open_client(patience)
        found = await client.affiliate_report(account)
        if as_json:
            print_json(found.model_dump(mode="json"))
        else:
            if found.lines:
                print_table(balances_table(found.lines))
            for note in difference_notes(found):
                print_note(note)
        return REFUSED if any(line.difference for line in found.lines) else DONE

    join_stack()
    return run_main(main())


def _ledger(settlement: str | None) -> tuple[str, str] | None:
    if settlement is None:
        return None
    chain, colon, asset = settlement.partition(":")
    if not (chain and colon and asset):
        raise CommandFailed(USAGE, "usage", f"--settlement {settlement}: write it as CHAIN:ASSET, such as spark:USDB")
    return chain, asset


def _print(answer: "BaseModel", account: str, text: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"account": account, **answer.model_dump(mode="json")})
    else:
        print_text(text)
