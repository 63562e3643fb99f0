"""From command line to order document: a file, options that override it, and complaints in the options' own names."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.errors import USAGE, CommandFailed

if TYPE_CHECKING:
    from workflows.document import OrderDocument

FIELDS: dict[str, str] = {
    "source_chain": "sourceChain",
    "source_asset": "sourceAsset",
    "destination_chain": "destinationChain",
    "destination_asset": "destinationAsset",
    "amount": "amount",
    "amount_mode": "amountMode",
    "recipient_address": "recipientAddress",
    "refund_address": "refundAddress",
    "refund_chain": "refundChain",
    "slippage_bps": "slippageBps",
    "zeroconf": "zeroconfEnabled",
    "delivery_mode": "deliveryMode",
    "reference": "reference",
    "account": "account",
}
"""Option of `baton start` to the field that it fills as it stands."""

POLICY_FIELDS: dict[str, str] = {
    "on_quote_expiry": "onQuoteExpiry",
    "max_requotes": "maxRequotes",
    "deposit_window": "depositWindow",
}
"""Option to the field of the document's policy."""

_OPTIONS = {field: option for option, field in (FIELDS | POLICY_FIELDS).items()} | {
    "appFees": "app_fee",
    "affiliateId": "affiliate_id",
    "affiliateIds": "affiliate_id",
}
_AFFILIATES = ("affiliateId", "affiliateIds")


def read_order(options: Mapping[str, Any]) -> "OrderDocument":
    """Return the order to place.

    Args:
        options: Those of `baton start` by name, None where one was not used; `file` is a path, or `-` for stdin.

    Raises:
        CommandFailed: The file cannot be read, or the order does not fit; the text names field and option.
    """
    from workflows.document import DocumentError, read_document

    file = options.get("file")
    content = overlay(_read_file(file) if file else {}, options)
    if account := os.environ.get("BATON_ACCOUNT"):
        content.setdefault("account", account)
    try:
        return read_document(content)
    except DocumentError as error:
        raise CommandFailed(USAGE, "invalid_order", with_option(str(error))) from None


def overlay(content: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with what the options say put over it.

    Raises:
        CommandFailed: An option cannot be read.
    """
    plain = {field: options[name] for name, field in FIELDS.items() if options.get(name) is not None}
    fees = [_app_fee(text) for text in options.get("app_fee") or []]
    affiliates = _affiliates(options.get("affiliate_id") or [])
    kept = {name: value for name, value in content.items() if not (affiliates and name in _AFFILIATES)}
    document = {**kept, **plain, **affiliates, **({"appFees": fees} if fees else {})}
    policy = _policy(options)
    held = document.get("policy", {})
    if policy and isinstance(held, Mapping):
        document["policy"] = {**held, **policy}
    return document


def _policy(options: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {field: options[name] for name, field in POLICY_FIELDS.items() if options.get(name) is not None}
    window = str(wanted.get("depositWindow", ""))
    return wanted | ({"depositWindow": int(window)} if window.isascii() and window.isdigit() else {})


def _affiliates(names: Sequence[str]) -> dict[str, Any]:
    if len(names) == 1:
        return {"affiliateId": names[0]}
    return {"affiliateIds": list(names)} if names else {}


def with_option(complaint: str) -> str:
    """Return a complaint about a field with the option that fills it."""
    place = complaint.replace(":", " ").split(" ", 1)[0].removeprefix("policy.")
    option = _OPTIONS.get(place.split(".")[0])
    return f"{complaint} (--{option.replace('_', '-')})" if option else complaint


def _app_fee(text: str) -> dict[str, Any]:
    recipient, colon, fee = text.rpartition(":")
    if not (recipient and colon and fee.isascii() and fee.isdigit()):
        raise CommandFailed(USAGE, "invalid_order", f"--app-fee {text}: write RECIPIENT:BPS, for instance 0xabc...:25")
    return {"recipient": recipient, "fee": int(fee)}


def _read_file(file: str) -> dict[str, Any]:
    try:
        content = json.loads(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except OSError as error:
        raise CommandFailed(USAGE, "unreadable_file", f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise CommandFailed(USAGE, "invalid_order", f"{_called(file)} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise CommandFailed(USAGE, "invalid_order", f"{_called(file)} must hold one JSON object: the order")
    return content


def _called(file: str) -> str:
    return "stdin" if file == "-" else file
