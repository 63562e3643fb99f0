"""`baton health`: how the accounts, chains and task queues of the running installation are."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.answers import AnyAccount
from baton.cli.errors import DONE, REFUSED, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_table, print_text
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baton.health.report import HealthReport
    from baton.settings import PartnerAccount, Settings


@command
def health(
    account: AnyAccount = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for a warning too.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show how accounts, chains and task queues are now: read budget, webhooks, watches, providers, workers.

    It is quick and changes nothing; [bold]baton doctor[/bold] also calls Orchestra, the gateway and the chains'
    providers. With [bold]--json[/bold] it prints what GET /v1/health returns. Exits 1 if there is a problem.

    [dim]baton health[/dim]
    """
    from baton.process.lifecycle import run_main

    return run_main(_show(join_stack(), account, strict=strict, as_json=as_json))


async def _show(settings: "Settings", account: str | None, *, strict: bool, as_json: bool) -> int:
    from baton.health.findings import Level

    report = await _read(settings, account)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _print(report)
    failing = {Level.PROBLEM, Level.WARNING} if strict else {Level.PROBLEM}
    return REFUSED if report.level in failing else DONE


async def _read(settings: "Settings", account: str | None) -> "HealthReport":
    from baton.chains.catalogue import load_chains
    from baton.cli.last_record import existing_ledger
    from baton.health.report import read_health
    from baton.process.native_logs import forward_native_logs
    from baton.settings import load_accounts
    from baton.temporal import connect

    forward_native_logs()
    accounts = load_accounts(settings)
    wanted = accounts if account is None else {account: _named(accounts, account)}
    client = await connect()
    async with existing_ledger(settings.ledger) as ledger:
        return await read_health(client, ledger, wanted, load_chains(settings.chains_file))


def _named(accounts: "Mapping[str, PartnerAccount]", name: str) -> "PartnerAccount":
    from baton.errors import InvalidArgument

    if name not in accounts:
        raise InvalidArgument("account", f"there is no account {name}", "check its name in the partners file")
    return accounts[name]


def _print(report: "HealthReport") -> None:
    from baton.cli.views.doctor import finding_view, summary_view
    from baton.cli.views.health import accounts_table, chains_table, queues_table

    print_table(accounts_table(report.accounts))
    if report.chains:
        print_table(chains_table(report.chains, report.at))
    print_table(queues_table(report.queues))
    for finding in report.every_finding:
        print_text(finding_view(finding))
    print_text(summary_view(report.every_finding))
