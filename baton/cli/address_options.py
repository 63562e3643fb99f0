"""The options of `baton address create`, and the document that they and a file make."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from baton.cli.errors import USAGE, CommandFailed
from baton.cli.order_document import read_object
from baton.cli.pairs import pairs_of, with_metadata

if TYPE_CHECKING:
    from baton.sources.document import AddressDocument

_TERMS, _POLICY = "Terms, fixed at creation", "Orders that come of it"

AddressType = Literal["accumulation", "liquidation", "standing"]


def _option(name: str, metavar: str, explain: str, panel: str | None = None) -> Any:
    return typer.Option(name, metavar=metavar, help=explain, rich_help_panel=panel, show_default=False)


File = Annotated[str | None, _option("--file", "PATH", "Address file in JSON; - for stdin. Options override it.")]
Reference = Annotated[str | None, _option("--reference", "REF", "Your own id for the address; it can never be reused.")]
Type = Annotated[
    AddressType | None,
    _option(
        "--type",
        "TYPE",
        "accumulation (one chain, delivered to Spark), liquidation (bitcoin, delivered as any asset) or standing"
        " (many chains, one destination).",
    ),
]
Source = Annotated[
    str | None, _option("--source", "CHAIN:ASSET", "What is deposited, such as base:USDC; for accumulation only.")
]
Destination = Annotated[str | None, _option("--destination", "CHAIN:ASSET", "What is delivered, such as spark:BTC.")]
Recipient = Annotated[str | None, _option("--recipient-address", "ADDRESS", "Where everything is delivered.")]
RefundAddress = Annotated[
    list[str] | None, _option("--refund-address", "CHAIN:ADDRESS", "Where refunds on a chain go; repeatable.")
]
FeeBps = Annotated[int | None, _option("--fee-bps", "BPS", "Your fee in basis points.", _TERMS)]
SlippageBps = Annotated[int | None, _option("--slippage-bps", "BPS", "Slippage allowed, in basis points.", _TERMS)]
Label = Annotated[str | None, _option("--label", "TEXT", "Your label for it.")]
Metadata = Annotated[
    list[str] | None,
    _option("--metadata", "NAME=VALUE", "What each of its orders carries; repeatable, at most 20.", _POLICY),
]
Zeroconf = Annotated[
    Literal["decide", "ask", "decline", "lapse"] | None,
    _option(
        "--zeroconf",
        "MODE",
        "How ZeroConf offers are answered: decide, ask, decline or lapse.",
        _POLICY,
    ),
]
Account = Annotated[
    str | None, _option("--account", "NAME", "Partner account to use; default: the file's, BATON_ACCOUNT or `default`.")
]


def read_address(options: Mapping[str, Any], default_account: str | None) -> "AddressDocument":
    """Return the document that the file and the options make.

    Args:
        options: The options of the command by name.
        default_account: The account where neither the file nor an option names one.

    Raises:
        CommandFailed: The file cannot be read, or an option cannot be understood.
        DocumentError: A field is missing, unknown or wrong.
    """
    from baton.sources.document import read_address_document

    content = read_object(options["file"], "the address") if options.get("file") else {}
    content |= {name: options[name] for name in ("reference", "type", "label", "account") if options.get(name)}
    if default_account:
        content.setdefault("account", default_account)
    content |= _terms(options)
    content |= _route(content.get("type"), options)
    content = with_metadata(content, options.get("metadata"))
    if options.get("zeroconf"):
        content["policy"] = {**content.get("policy", {}), "zeroconf": {"mode": options["zeroconf"]}}
    return read_address_document(content)


def _terms(options: Mapping[str, Any]) -> dict[str, Any]:
    names = {"fee_bps": "feeBps", "slippage_bps": "slippageBps"}
    terms = {field: options[name] for name, field in names.items() if options.get(name) is not None}
    if options.get("refund_address"):
        terms["refundAddresses"] = pairs_of("--refund-address", options["refund_address"], ":")
    return terms


def _route(kind: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of source, destination and recipient, which each type names in its own way."""
    source, destination = options.get("source"), options.get("destination")
    recipient = options.get("recipient_address")
    fields: dict[str, Any] = {}
    if source:
        if kind != "accumulation":
            raise CommandFailed(USAGE, "usage", "--source is for --type accumulation; leave it out")
        fields["sourceChain"], fields["sourceAsset"] = chain_and_asset("--source", source)
    if kind == "standing" and (destination or recipient):
        if not (destination and recipient):
            raise CommandFailed(USAGE, "usage", "--destination and --recipient-address belong together; give both")
        chain, asset = chain_and_asset("--destination", destination)
        return {"destination": {"chain": chain, "asset": asset, "address": recipient}}
    if destination:
        chain, fields["destinationAsset"] = chain_and_asset("--destination", destination)
        if kind == "liquidation":
            fields["destinationChain"] = chain
        elif chain != "spark":
            raise CommandFailed(USAGE, "usage", "--destination: an accumulation address delivers to spark")
    if recipient:
        fields["destinationAddress" if kind == "liquidation" else "recipientSparkAddress"] = recipient
    return fields


def chain_and_asset(option: str, text: str) -> tuple[str, str]:
    """Return the two parts of an option such as `base:USDC`.

    Raises:
        CommandFailed: It has no such parts.
    """
    chain, _, asset = text.partition(":")
    if not (chain and asset):
        raise CommandFailed(USAGE, "usage", f"{option}: {text!r} is not CHAIN:ASSET, such as base:USDC")
    return chain, asset
