"""`baton sandbox`: serve a local Orchestra, and play with one that runs: pay, list, move orders, break calls."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.errors import DONE, REFUSED, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.sandbox.connection import open_sandbox
from baton.cli.sandbox.payables import AddressChoice, Payable, find_payable
from baton.cli.sandbox.payer import OrderPayer
from baton.cli.sandbox.terms import NoticedBy, PaymentTerms, amount_to_send, payments_due
from baton.cli.session import join_stack, open_client
from baton.local.sandbox.command import ScenarioFile, known_scenarios, serve_command

if TYPE_CHECKING:
    from rich.console import RenderableType

    from baton.cli.sandbox.payer import Payments
    from baton.client import BatonClient
    from baton.local.sandbox.control import SandboxControl

Read = Callable[["SandboxControl"], Awaitable[list[dict[str, Any]]]]
View = Callable[[Iterable[Mapping[str, Any]]], "RenderableType"]

app = typer.Typer(
    help="A local Orchestra for development and tests: scripted, without real money.",
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.callback(invoke_without_command=True)(serve_command)


@app.command("scenarios")
@command
def scenarios(scenario_file: ScenarioFile = None, as_json: AsJson = False) -> int:
    """List the scenarios that an order in the sandbox can follow: one line each.

    With [bold]--json[/bold] each scenario is one line.

    [dim]baton sandbox scenarios[/dim]
    """
    from baton.cli.views.sandbox import scenarios_table
    from baton.local.sandbox.scenarios.book import ScenarioError
    from baton.local.sandbox.scenarios.listing import scenario_line

    try:
        lines = [scenario_line(scenario) for scenario in known_scenarios(scenario_file)]
    except ScenarioError as error:
        raise CommandFailed(USAGE, "invalid_scenarios", str(error)) from None
    for line in lines if as_json else []:
        print_json(line)
    if not as_json:
        print_table(scenarios_table(lines))
    return DONE


@app.command("pay")
@command
def pay(
    reference: Annotated[
        str | None,
        typer.Argument(
            metavar="[REF]",
            help="Reference of an order, a reusable address or a pay link; `address/REF` and `paylink/REF` where two"
            " have the same. Default: the newest unpaid order, or in a terminal the one chosen from a list.",
            show_default=False,
        ),
    ] = None,
    amount: Annotated[
        str | None,
        typer.Option(
            "--amount",
            metavar="AMOUNT",
            help="What to send, such as '99.5 USDC', or in smallest units. Default: exactly what the quote asks for.",
            show_default=False,
        ),
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="Send a tenth less than the quote asks for.")] = False,
    over: Annotated[bool, typer.Option("--over", help="Send a tenth more.")] = False,
    late: Annotated[
        bool,
        typer.Option("--late", help="Let the quote expire at the sandbox first; or pay an order that has ended."),
    ] = False,
    twice: Annotated[
        bool, typer.Option("--twice", help="Send two deposits to the same address; or one more to an order paid once.")
    ] = False,
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", metavar="NAME", help="What the deposit's order follows.", show_default=False),
    ] = None,
    noticed_by: Annotated[
        NoticedBy | None,
        typer.Option(
            "--noticed-by",
            metavar="business|orchestra|nobody",
            help="Who notices the deposit: the business app reports it (the default), Orchestra detects it by itself,"
            " or nobody does until `baton deposit`.",
            show_default=False,
        ),
    ] = None,
    chain: Annotated[
        str | None,
        typer.Option("--chain", metavar="CHAIN", help="Chain on which to pay a standing address.", show_default=False),
    ] = None,
    asset: Annotated[
        str | None,
        typer.Option("--asset", metavar="ASSET", help="Asset in which to pay a reusable address.", show_default=False),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow the order until it closes.")] = False,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Pay an order as its payer would, on the sandbox's simulated chain, and report the deposit to Baton.

    Works for orders of every kind, reusable addresses and pay links, and only where the account uses a sandbox.

    [dim]baton sandbox pay invoice-42[/dim]
    [dim]baton sandbox pay invoice-42 --short --watch[/dim]
    [dim]baton sandbox pay address/till-7 --amount '50 USDC'[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    terms = PaymentTerms(short, over, late, twice, noticed_by, scenario)
    choice = AddressChoice(chain, asset)

    async def main() -> int:
        async with open_sandbox(settings, account) as sandbox:
            client = await open_client(patience)
            name = reference or await _chosen(client, sandbox, account, ask=not as_json)
            payable = await find_payable(client, sandbox, name, account, choice, patience)
            payments = await _pay(client, sandbox, payable, terms, amount, patience)
        _print(payments, as_json=as_json)
        if payments.refusal:
            return REFUSED
        return await _follow(client, payments, as_json=as_json) if watch else DONE

    return run_main(main())


async def _chosen(client: "BatonClient", sandbox: "SandboxControl", account: str, *, ask: bool) -> str:
    from baton.cli.sandbox.unpaid import choose_unpaid

    return await choose_unpaid(client, sandbox, account, ask=ask)


async def _pay(
    client: "BatonClient",
    sandbox: "SandboxControl",
    payable: Payable,
    terms: PaymentTerms,
    amount: str | None,
    patience: float,
) -> "Payments":
    from baton.cli.sandbox.amounts import smallest_units

    payer = OrderPayer(client, sandbox, patience)
    given = await smallest_units(amount, payable) if amount else None
    sent = amount_to_send(payable, terms, given)
    chosen = await payer.scenario(terms.scenario)
    count = payments_due(payable, terms, paid=await payer.paid(payable), scenario=chosen)
    return await payer.pay(payable, terms, amount=sent, count=count)


def _print(payments: "Payments", *, as_json: bool) -> None:
    from baton.cli.views.sandbox import payments_view

    if as_json:
        print_json(payments.document())
    else:
        print_text(payments_view(payments))


async def _follow(client: "BatonClient", payments: "Payments", *, as_json: bool) -> int:
    from baton.cli.commands.watch import follow

    payable = payments.payable
    if payable.source:
        print_note(
            f"its order will be in `baton list --source {payable.source}`; --watch follows orders that were placed"
        )
        return DONE
    followed_by = payments.standing.followed_by if payments.standing else None
    return await follow(client, followed_by or payable.reference, payable.account, as_json=as_json)


@app.command("orders")
@command
def orders(account: Account = "default", as_json: AsJson = False) -> int:
    """List what the sandbox has as orders, whoever made them, with their scenario and their next step.

    With [bold]--json[/bold] each order is one line.

    [dim]baton sandbox orders[/dim]
    """
    from baton.cli.views.sandbox import sandbox_orders_table

    nothing = "no orders yet; `baton start --scenario happy` places one"
    return _print_read(lambda sandbox: sandbox.orders(), sandbox_orders_table, nothing, account, as_json=as_json)


@app.command("advance")
@command
def advance(
    order: Annotated[
        str,
        typer.Argument(
            metavar="ORDER", help="Baton's reference, or Orchestra's order or quote id.", show_default=False
        ),
    ],
    status: Annotated[
        str | None,
        typer.Option("--to", metavar="STATUS", help="Default: the next step of its scenario.", show_default=False),
    ] = None,
    account: Account = "default",
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """Move an order of the sandbox now; scenarios such as `stepped` and `operator_hold` wait for this.

    [dim]baton sandbox advance invoice-42[/dim]
    [dim]baton sandbox advance invoice-42 --to refunding[/dim]
    """
    from baton.cli.views.sandbox import sandbox_orders_table
    from baton.process.lifecycle import run_main

    settings = join_stack()

    async def main() -> int:
        async with open_sandbox(settings, account) as sandbox:
            known = order.startswith(("ord_", "q_"))
            name = order if known else await _order_id(order, account, patience)
            moved = await sandbox.advance(name, status)
        if as_json:
            print_json(moved)
        else:
            print_table(sandbox_orders_table([moved]))
        return DONE

    return run_main(main())


async def _order_id(reference: str, account: str, patience: float) -> str:
    order = await (await open_client(patience)).snapshot(reference, account)
    if order.order_id is None:
        raise CommandFailed(REFUSED, "no_order", f"Orchestra has no order of {reference} yet; pay it first")
    return order.order_id


@app.command("faults")
@command
def faults(
    add: Annotated[
        str | None,
        typer.Option(
            "--add",
            metavar="CALLS:KIND",
            help="Break calls, such as `submit:timeout_after` or `any:error`; `webhooks:drop` and the like break the"
            " webhooks that the sandbox sends.",
            show_default=False,
        ),
    ] = None,
    times: Annotated[
        int | None,
        typer.Option("--times", min=1, help="How often it hits; default: once, and every webhook.", show_default=False),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=0, help="How long `slow`, `delay` and `reorder` wait.", show_default=False),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="End all faults, and send every withheld answer.")] = False,
    account: Account = "default",
    as_json: AsJson = False,
) -> int:
    """List what is broken at the sandbox; break calls and webhooks, or end that.

    With [bold]--json[/bold] each fault is one line.

    [dim]baton sandbox faults --add submit:timeout_after[/dim]
    [dim]baton sandbox faults --clear[/dim]
    """
    from baton.cli.sandbox.faults import add_fault, all_faults, clear_faults, read_fault
    from baton.cli.views.sandbox import faults_table

    wanted = read_fault(add, times, seconds) if add else None

    async def change(sandbox: "SandboxControl") -> list[dict[str, Any]]:
        if clear:
            await clear_faults(sandbox)
        if wanted:
            await add_fault(sandbox, wanted)
        return await all_faults(sandbox)

    return _print_read(change, faults_table, "nothing is broken", account, as_json=as_json)


def _print_read(read: Read, view: View, nothing: str, account: str, *, as_json: bool) -> int:
    """Print a list that is read at the sandbox."""
    from baton.process.lifecycle import run_main

    settings = join_stack()

    async def main() -> int:
        async with open_sandbox(settings, account) as sandbox:
            found = await read(sandbox)
        for line in found if as_json else []:
            print_json(line)
        if not as_json:
            _print_list(found, view, nothing)
        return DONE

    return run_main(main())


def _print_list(found: list[dict[str, Any]], view: View, nothing: str) -> None:
    if found:
        print_table(view(found))
    else:
        print_note(nothing)
