"""The options of `baton start`: one for each field of an order document."""

from pathlib import Path
from typing import Annotated, Any

import typer

_ROUTE, _TERMS, _ONRAMP, _POLICY = "Route and amount", "Terms", "Onramps", "What Baton does on its own"


def _option(panel: str, *names: str, metavar: str, explain: str) -> Any:
    return typer.Option(*names, help=explain, metavar=metavar, rich_help_panel=panel, show_default=False)


File = Annotated[
    str | None,
    typer.Option(
        "--file", "-f", metavar="PATH", help="Order file in JSON; - for stdin. Options override it.", show_default=False
    ),
]
Batch = Annotated[
    Path | None,
    typer.Option(
        "--batch",
        metavar="FILE",
        help="Place every order of a file: CSV with the fields of the order document as columns, or one JSON object a"
        " line; - for JSON on stdin. No other option but the next two, --account, --patience and --json applies.",
        show_default=False,
    ),
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="With --batch: place the other rows if some are wrong.")]
Results = Annotated[
    Path | None,
    typer.Option(
        "--results",
        metavar="FILE",
        help="With --batch: write what became of each row there, as CSV or as JSON lines by the file's ending.",
        show_default=False,
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        "--reference", metavar="REF", help="Your own id for the order; default: a generated one.", show_default=False
    ),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        help="Partner account to use; default: the file's, BATON_ACCOUNT or `default`.",
        show_default=False,
    ),
]
Scenario = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        metavar="NAME",
        help="Have the sandbox play this scenario with the order and pay it; without an order, an example is placed."
        " `baton sandbox scenarios` lists them.",
        show_default=False,
    ),
]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Follow the order until it closes, like `baton watch`.")]

SourceChain = Annotated[str | None, _option(_ROUTE, "--source-chain", metavar="CHAIN", explain="Chain of the deposit.")]
SourceAsset = Annotated[str | None, _option(_ROUTE, "--source-asset", metavar="ASSET", explain="Asset of the deposit.")]
DestinationChain = Annotated[
    str | None, _option(_ROUTE, "--destination-chain", metavar="CHAIN", explain="Chain of the payout.")
]
DestinationAsset = Annotated[
    str | None, _option(_ROUTE, "--destination-asset", metavar="ASSET", explain="Asset of the payout.")
]
Amount = Annotated[
    str | None,
    _option(
        _ROUTE,
        "--amount",
        metavar="AMOUNT",
        explain="In whole units with the asset, such as '100 USDC' or '0.5 BTC', or in smallest units, digits only. An"
        " onramp also takes dollars, such as '$25' in single quotes.",
    ),
]
AmountMode = Annotated[
    str | None,
    _option(
        _ROUTE,
        "--amount-mode",
        metavar="exact_in|exact_out",
        explain="Whether the amount is what goes in or what comes out.",
    ),
]
RecipientAddress = Annotated[
    str | None, _option(_ROUTE, "--recipient-address", metavar="ADDRESS", explain="Where the payout goes.")
]
RefundAddress = Annotated[
    str | None,
    _option(_ROUTE, "--refund-address", metavar="ADDRESS", explain="Where a refund goes; required with exact_out."),
]
RefundChain = Annotated[
    str | None, _option(_ROUTE, "--refund-chain", metavar="CHAIN", explain="Chain of the refund address.")
]
SlippageBps = Annotated[
    int | None, _option(_TERMS, "--slippage-bps", metavar="0..1000", explain="Slippage allowed, in basis points.")
]
AffiliateId = Annotated[
    list[str] | None, _option(_TERMS, "--affiliate-id", metavar="ID", explain="Registered affiliate; repeatable.")
]
AppFee = Annotated[
    list[str] | None,
    _option(_TERMS, "--app-fee", metavar="RECIPIENT:BPS", explain="Fee for a recipient, in basis points; repeatable."),
]
DeliveryMode = Annotated[
    str | None,
    _option(_TERMS, "--delivery-mode", metavar="variable|fixed", explain="Whether the payout may vary or is fixed."),
]
Zeroconf = Annotated[
    bool | None,
    _option(_TERMS, "--zeroconf/--no-zeroconf", metavar="", explain="Ask for offers of credit before confirmation."),
]
Kind = Annotated[
    str | None,
    _option(
        _ROUTE,
        "--kind",
        metavar="swap|onramp|offramp",
        explain="An onramp is paid over Lightning in a payment app; an off-ramp pays out to such an app.",
    ),
]
AmountFiatUsd = Annotated[
    str | None,
    _option(
        _ONRAMP,
        "--amount-fiat-usd",
        metavar="DOLLARS",
        explain="What the payer pays in US dollars, such as 25.00, instead of --amount.",
    ),
]
Payer = Annotated[
    str | None,
    _option(_ONRAMP, "--payer", metavar="ID", explain="Your own id for the payer; limits are per payer."),
]
PayerRegion = Annotated[
    str | None, _option(_ONRAMP, "--payer-region", metavar="REGION", explain="Region of the payer, such as US-CA.")
]
Metadata = Annotated[
    list[str] | None,
    _option(
        _TERMS,
        "--metadata",
        metavar="KEY=VALUE",
        explain="What the order carries for you, shown and searchable; repeatable, at most 20.",
    ),
]
OnQuoteExpiry = Annotated[
    str | None,
    _option(
        _POLICY,
        "--on-quote-expiry",
        metavar="wait|requote|expire",
        explain="What to do when a quote expires before a deposit is known.",
    ),
]
MaxRequotes = Annotated[
    int | None, _option(_POLICY, "--max-requotes", metavar="0..50", explain="Maximum number of new quotes.")
]
DepositWindow = Annotated[
    str | None,
    _option(
        _POLICY,
        "--deposit-window",
        metavar="LENGTH",
        explain="How long to wait for a deposit in all: seconds (7200), or an ISO 8601 duration (PT90M is 90 minutes,"
        " PT2H two hours, P1D a day).",
    ),
]
SubmitAt = Annotated[
    str | None,
    _option(
        _POLICY,
        "--submit-at",
        metavar="seen|confirmed|final",
        explain="How final a deposit that Baton sees on its chain must be before it is submitted.",
    ),
]
Reprice = Annotated[
    str | None,
    _option(
        _POLICY,
        "--reprice",
        metavar="approve|reject|refund|ask",
        explain="What to do when an older account is asked to accept a worse price.",
    ),
]
MaxLossBps = Annotated[
    int | None,
    _option(
        _POLICY,
        "--max-loss-bps",
        metavar="0..10000",
        explain="Largest loss for --reprice approve, in basis points of the minimum locked before.",
    ),
]
