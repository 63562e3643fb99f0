"""The `baton` command: all commands registered, and the exit code.

Commands import what they need when they run, so that help and shell completion answer at once.
"""

import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from baton.cli.commands import (
    acts,
    address,
    affiliate,
    bulk,
    bundle,
    catalogue,
    close,
    decide,
    deliveries,
    deposit,
    doctor,
    endpoint,
    estimate,
    export,
    health,
    hold,
    ledger,
    ledger_backup,
    ledger_schema,
    listen,
    nexus,
    orders,
    pay_page,
    paylink,
    payload_key,
    policy,
    processes,
    reconcile,
    rehearse,
    reprice,
    resolve,
    size,
    start,
    token,
    watch,
    webhook,
)
from baton.cli.errors import DONE, INTERRUPTED, USAGE, command
from baton.cli.flags import hide_types_of_flags
from baton.cli.options import AsJson
from baton.cli.output import print_failure, print_json, print_text
from baton.encoding.suggestions import closest
from baton.version import __version__

_ORDERS, _PRICES, _ACCOUNT, _PROCESSES, _OTHER = "Orders", "Routes and prices", "Account", "Processes", "Other"

hide_types_of_flags()

app = typer.Typer(
    name="baton",
    help="Durable orders for partners of Flashnet Orchestra: one Temporal workflow each, from quote to payout.",
    epilog="Exit codes: 0 done, 1 refused or the order failed, 2 wrong usage, 3 a service cannot be reached.",
    rich_markup_mode="rich",
    # A traceback with the values of local variables could show keys.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


@app.callback(invoke_without_command=True)
def baton(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Handle the options before the command."""
    if show_version:
        print_text(f"baton {__version__}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        context.get_help()
        raise typer.Exit(USAGE)


app.command("start", rich_help_panel=_ORDERS)(start.start)
app.command("show", rich_help_panel=_ORDERS)(orders.show)
app.command("watch", rich_help_panel=_ORDERS)(watch.watch)
app.command("list", rich_help_panel=_ORDERS)(orders.list_orders)
app.command("pay-page", rich_help_panel=_ORDERS)(pay_page.pay_page)
app.command("deposit", rich_help_panel=_ORDERS)(deposit.deposit)
app.command("decide", rich_help_panel=_ORDERS)(decide.decide)
app.command("reprice", rich_help_panel=_ORDERS)(reprice.reprice)
app.command("resolve", rich_help_panel=_ORDERS)(resolve.resolve)
app.add_typer(bulk.app, name="bulk", rich_help_panel=_ORDERS)
app.command("close", rich_help_panel=_ORDERS)(close.close)
app.command("adopt", rich_help_panel=_ORDERS)(close.adopt)
app.command("cancel", rich_help_panel=_ORDERS)(orders.cancel)
app.command("refresh", rich_help_panel=_ORDERS)(orders.refresh)
app.command("hold", rich_help_panel=_ORDERS)(hold.hold)
app.command("release", rich_help_panel=_ORDERS)(hold.release)
app.command("holds", rich_help_panel=_ORDERS)(hold.holds)
app.command("estimate", rich_help_panel=_PRICES)(estimate.estimate)
app.command("routes", rich_help_panel=_PRICES)(catalogue.routes)
app.command("limits", rich_help_panel=_PRICES)(catalogue.limits)
app.add_typer(address.app, name="address", rich_help_panel=_ORDERS)
app.add_typer(paylink.app, name="paylink", rich_help_panel=_ORDERS)
app.command("bundle", rich_help_panel=_ORDERS)(bundle.bundle)
app.command("export", rich_help_panel=_ACCOUNT)(export.export)
app.command("reconcile", rich_help_panel=_ACCOUNT)(reconcile.reconcile)
app.add_typer(webhook.app, name="webhook", rich_help_panel=_ACCOUNT)
app.add_typer(endpoint.app, name="endpoint", rich_help_panel=_ACCOUNT)
app.add_typer(deliveries.app, name="deliveries", rich_help_panel=_ACCOUNT)
app.command("listen", rich_help_panel=_ACCOUNT)(listen.listen)
app.add_typer(token.app, name="token", rich_help_panel=_ACCOUNT)
app.add_typer(payload_key.app, name="payload-key", rich_help_panel=_ACCOUNT)
app.add_typer(affiliate.app, name="affiliate", rich_help_panel=_ACCOUNT)
app.add_typer(policy.app, name="policy", rich_help_panel=_ACCOUNT)
ledger.app.command("backup")(ledger_backup.backup)
ledger.app.command("upgrade")(ledger_schema.upgrade)
ledger.app.command("version")(ledger_schema.version)
app.add_typer(ledger.app, name="ledger", rich_help_panel=_PROCESSES)
app.command("acts", rich_help_panel=_PROCESSES)(acts.acts)
app.command("rehearse", rich_help_panel=_PROCESSES)(rehearse.rehearse)
app.command("doctor", rich_help_panel=_PROCESSES)(doctor.doctor)
app.command("health", rich_help_panel=_PROCESSES)(health.health)
app.command("size", rich_help_panel=_PROCESSES)(size.size)
app.add_typer(nexus.app, name="nexus", rich_help_panel=_PROCESSES)
app.command("up", rich_help_panel=_PROCESSES)(processes.up)
app.command("demo", rich_help_panel=_PROCESSES)(processes.demo)
app.command("worker", rich_help_panel=_PROCESSES)(processes.worker)
app.command("gateway", rich_help_panel=_PROCESSES)(processes.gateway)
app.command(
    "sandbox",
    rich_help_panel=_PROCESSES,
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(processes.sandbox)


@app.command("version", rich_help_panel=_OTHER)
@command
def versions(as_json: AsJson = False) -> int:
    """Print the versions of Baton, Python and the Temporal SDK.

    [dim]baton version --json[/dim]
    """
    installed = {
        "baton": __version__,
        "python": platform.python_version(),
        "temporalio": _installed("temporalio"),
    }
    if as_json:
        print_json(installed)
    else:
        print_text("\n".join(f"{name} {number}" for name, number in installed.items()))
    return DONE


def run() -> int:
    """Run the `baton` command; return its exit code, or end the process with it."""
    from baton.process.lifecycle import leave

    return leave(_run())


def _run() -> int:
    try:
        # Outside of standalone mode the call returns the code that a command exits with.
        return int(app(prog_name="baton", standalone_mode=False) or DONE)
    except typer.TyperException as error:
        print_failure("usage", _complaint(error), {}, as_json="--json" in sys.argv[1:])
        return error.exit_code
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _complaint(error: typer.TyperException) -> str:
    message = _with_suggestion(error.format_message().replace("Value error, ", "").rstrip("."))
    context: typer.Context | None = getattr(error, "ctx", None)
    if context is None:
        return message
    return f"{message}{' See' if message.endswith('?') else '; see'} `{context.command_path} --help`"


def _with_suggestion(message: str) -> str:
    """Return a complaint about an unknown option or value, with the one that was probably meant."""
    if options := re.fullmatch(r"(.+) \(Possible options: (.+)\)", message):
        return f"{options[1]}. Did you mean {options[2].replace(', ', ' or ')}?"
    given, known = re.search(r"'([^']*)' is not one of (.+)", message), re.findall(r"'([^']*)'", message)
    meant = closest(given[1], known[known.index(given[1]) + 1 :]) if given else None
    return f"{message}. Did you mean '{meant}'?" if meant else message


def _installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
