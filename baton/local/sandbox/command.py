"""The `sandbox` command: serve a local Orchestra, or list its scenarios."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from baton.local.sandbox.main import main
from baton.local.sandbox.options import DEFAULT_KEY, DEFAULT_PARTNER, DEFAULT_WEBHOOK_SECRET, Options
from baton.local.sandbox.scenarios import list_scenarios
from baton.local.sandbox.scenarios.book import ScenarioBook, ScenarioError, load_scenarios
from baton.local.sandbox.scenarios.listing import scenario_line
from baton.process.lifecycle import EXIT_USAGE, run_main

app = typer.Typer(
    help="A local Orchestra for development and tests: scripted, without real money.",
    add_completion=False,
)

ScenarioFile = Annotated[
    Path | None,
    typer.Option(
        "--scenario-file",
        envvar="BATON_SANDBOX_SCENARIO_FILE",
        help="JSON or TOML file that adds scenarios and may set the default one.",
        dir_okay=False,
    ),
]


@app.callback(invoke_without_command=True)
def serve_command(
    context: typer.Context,
    host: Annotated[
        str,
        typer.Option(
            envvar="BATON_BIND", help="Address to listen on. The admin API needs no key and answers only this machine."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(envvar="BATON_SANDBOX_PORT", min=0, max=65_535, help="Port to listen on; 0 picks a free one."),
    ] = 8090,
    api_key: Annotated[
        list[str] | None,
        typer.Option(
            envvar="BATON_SANDBOX_API_KEY",
            help=f"API key to accept, as KEY or KEY=PARTNER; repeatable. Default: {DEFAULT_KEY}.",
        ),
    ] = None,
    webhook_url: Annotated[
        str | None, typer.Option(envvar="BATON_SANDBOX_WEBHOOK_URL", help="Webhook endpoint to register at startup.")
    ] = None,
    webhook_secret: Annotated[
        str, typer.Option(envvar="BATON_SANDBOX_WEBHOOK_SECRET", help="Secret of that webhook endpoint.")
    ] = DEFAULT_WEBHOOK_SECRET,
    scenario: Annotated[
        str | None,
        typer.Option(envvar="BATON_SANDBOX_SCENARIO", help="Scenario of new quotes; `scenarios` lists them."),
    ] = None,
    scenario_file: ScenarioFile = None,
    settle: Annotated[
        Path | None,
        typer.Option(
            envvar="BATON_SANDBOX_SETTLE",
            help="JSON or TOML file of local chain nodes, by chain. Deposits on those chains are real transactions.",
            dir_okay=False,
        ),
    ] = None,
    state_file: Annotated[
        Path | None,
        typer.Option(
            envvar="BATON_SANDBOX_STATE_FILE",
            help="SQLite file that keeps quotes, orders and webhooks across restarts. Default: in memory only.",
            dir_okay=False,
        ),
    ] = None,
    quote_ttl: Annotated[
        float, typer.Option(envvar="BATON_SANDBOX_QUOTE_TTL", help="Seconds until a quote expires.")
    ] = 120.0,
    invoice_ttl: Annotated[
        float, typer.Option(envvar="BATON_SANDBOX_INVOICE_TTL", help="Seconds until an onramp's invoice expires.")
    ] = 120.0,
    step_seconds: Annotated[
        float, typer.Option(envvar="BATON_SANDBOX_STEP_SECONDS", help="Seconds between two steps of an order.")
    ] = 0.4,
    time_scale: Annotated[
        float, typer.Option(envvar="BATON_SANDBOX_TIME_SCALE", help="Factor on every pause of an order.")
    ] = 1.0,
    retry_scale: Annotated[
        float,
        typer.Option(
            envvar="BATON_SANDBOX_RETRY_SCALE",
            help="Factor on the webhook retry delays of 10 s, 30 s, 2 min, 10 min, 30 min, 2 h, 6 h, 24 h.",
        ),
    ] = 1.0,
    heartbeat_seconds: Annotated[
        float,
        typer.Option(envvar="BATON_SANDBOX_HEARTBEAT_SECONDS", help="Seconds between heartbeats of an event stream."),
    ] = 15.0,
    missing_status: Annotated[
        int,
        typer.Option(envvar="BATON_SANDBOX_MISSING_STATUS", help="HTTP status of tx_not_found and vout_not_found."),
    ] = 404,
    store_missing: Annotated[
        bool,
        typer.Option(
            envvar="BATON_SANDBOX_STORE_MISSING",
            help="Store tx_not_found and vout_not_found under the idempotency key, like other refusals.",
        ),
    ] = True,
    generation: Annotated[
        str,
        typer.Option(
            envvar="BATON_SANDBOX_GENERATION",
            help="How wrong ZeroConf decisions are refused: g2 with 400 invalid_state; g3 with 409 invalid_state or "
            "expired.",
        ),
    ] = "g2",
    open_admin: Annotated[
        bool,
        typer.Option(
            "--open-admin",
            envvar="BATON_SANDBOX_OPEN_ADMIN",
            help="Accept calls of the admin API from other machines. It needs no key.",
        ),
    ] = False,
    log_format: Annotated[str, typer.Option(envvar="BATON_LOG_FORMAT", help="console or json.")] = "console",
    log_level: Annotated[str, typer.Option(envvar="BATON_LOG_LEVEL", help="debug, info, warning or error.")] = "info",
) -> None:
    """Serve a local Orchestra until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    options = _options(
        api_keys=_keys(api_key),
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        open_admin=open_admin,
        scenario=scenario,
        scenario_file=scenario_file,
        settle=settle,
        state_file=state_file,
        quote_ttl=quote_ttl,
        invoice_ttl=invoice_ttl,
        step_seconds=step_seconds,
        time_scale=time_scale,
        retry_scale=retry_scale,
        heartbeat_seconds=heartbeat_seconds,
        missing_status=missing_status,
        stores_missing=store_missing,
        generation=generation,
    )
    serving = main(host, port, options, log_format=log_format, log_level=log_level)
    raise typer.Exit(run_main(serving, uvloop=True))


@app.command("scenarios")
def scenarios_command(
    scenario_file: ScenarioFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List the scenarios that an order in the sandbox can follow."""
    try:
        known = known_scenarios(scenario_file)
    except ScenarioError as error:
        raise _usage(str(error)) from None
    if as_json:
        for scenario in known:
            typer.echo(json.dumps(scenario_line(scenario)))
        return
    table = Table("scenario", "what happens", box=None, pad_edge=False)
    for scenario in known:
        table.add_row(scenario.name, scenario.description)
    Console().print(table)


def known_scenarios(scenario_file: Path | None) -> ScenarioBook:
    """Return the built-in scenarios, and those of a file.

    Raises:
        ScenarioError: The file cannot be read or is invalid.
    """
    return load_scenarios(scenario_file) if scenario_file else ScenarioBook(list_scenarios())


def _keys(entries: list[str] | None) -> dict[str, str]:
    """Return each key's partner; a key without one belongs to the default partner."""
    pairs = (entry.partition("=") for entry in entries or [DEFAULT_KEY])
    return {key: partner or DEFAULT_PARTNER for key, _, partner in pairs}


def _options(**values: Any) -> Options:
    try:
        return Options(**values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = "-".join(str(part) for part in first["loc"]).replace("_", "-")
        raise _usage(f"--{field}: {first['msg']}") from None


def _usage(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(EXIT_USAGE)
