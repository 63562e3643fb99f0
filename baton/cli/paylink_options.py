"""The options of `baton paylink create`, and the document that they and a file make."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.address_options import chain_and_asset
from baton.cli.order_document import read_object
from baton.cli.pairs import with_metadata

if TYPE_CHECKING:
    from baton.sources.pay_link_document import PayLinkDocument

_TERMS, _ORDERS = "Terms, fixed at creation", "Orders that come of it"


def _option(name: str, metavar: str, explain: str, panel: str | None = None) -> Any:
    return typer.Option(name, metavar=metavar, help=explain, rich_help_panel=panel, show_default=False)


File = Annotated[str | None, _option("--file", "PATH", "Link file in JSON; - for stdin. Options override it.")]
Reference = Annotated[str | None, _option("--reference", "REF", "Your own id for the link; it can never be reused.")]
Label = Annotated[str | None, _option("--label", "TEXT", "Your label for it.")]
Account = Annotated[
    str | None, _option("--account", "NAME", "Partner account to use; default: the file's, BATON_ACCOUNT or `default`.")
]
Destination = Annotated[
    str | None, _option("--destination", "CHAIN:ASSET", "What is delivered, such as base:USDC.", _TERMS)
]
Recipient = Annotated[
    str | None, _option("--recipient-address", "ADDRESS", "Where every payment is delivered.", _TERMS)
]
AmountOut = Annotated[
    str | None,
    _option(
        "--amount-out",
        "AMOUNT",
        'What each payment delivers, in whole cents: smallest units, or whole ones such as "10 USDC"; fees come on top'
        " for the payer.",
        _TERMS,
    ),
]
AmountFiatUsd = Annotated[
    str | None,
    _option(
        "--amount-fiat-usd",
        "DOLLARS",
        "What each payment costs its payer, such as 25.00, instead of --amount-out.",
        _TERMS,
    ),
]
AffiliateId = Annotated[str | None, _option("--affiliate-id", "ID", "Registered affiliate.", _TERMS)]
Metadata = Annotated[
    list[str] | None,
    _option("--metadata", "NAME=VALUE", "What each of its orders carries; repeatable, at most 20.", _ORDERS),
]

_FIELDS = {
    "reference": "reference",
    "label": "label",
    "account": "account",
    "recipient_address": "recipientAddress",
    "amount_out": "amountOut",
    "amount_fiat_usd": "amountFiatUsd",
    "affiliate_id": "affiliateId",
}
"""Option of the command to the field that it fills unchanged."""


def read_pay_link(options: Mapping[str, Any], default_account: str | None) -> "PayLinkDocument":
    """Return the document that the file and the options make.

    Args:
        options: The options of the command by name.
        default_account: The account where neither the file nor an option names one.

    Raises:
        CommandFailed: The file cannot be read, or an option cannot be understood.
        DocumentError: A field is missing, unknown or wrong.
    """
    from baton.cli.asset_decimals import decimals_for
    from baton.sources.pay_link_document import read_pay_link_document

    content = read_object(options["file"], "the link") if options.get("file") else {}
    content |= {field: options[name] for name, field in _FIELDS.items() if options.get(name) is not None}
    if default_account:
        content.setdefault("account", default_account)
    if destination := options.get("destination"):
        content["destinationChain"], content["destinationAsset"] = chain_and_asset("--destination", destination)
    content = with_metadata(content, options.get("metadata"))
    return read_pay_link_document(content, decimals_for(str(content.get("account", "default"))))
