"""The order document from a file and options; an option overrides the file, and an error names the option."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baton.cli.errors import USAGE, CommandFailed
from baton.cli.pairs import with_metadata

if TYPE_CHECKING:
    from baton.errors import DocumentError
    from baton.orchestra.models import EstimateRequest
    from baton.orders.document import OrderDocument, SwapDocument

FIELDS: dict[str, str] = {
    "kind": "kind",
    "source_chain": "sourceChain",
    "source_asset": "sourceAsset",
    "destination_chain": "destinationChain",
    "destination_asset": "destinationAsset",
    "amount": "amount",
    "amount_fiat_usd": "amountFiatUsd",
    "amount_mode": "amountMode",
    "recipient_address": "recipientAddress",
    "refund_address": "refundAddress",
    "refund_chain": "refundChain",
    "slippage_bps": "slippageBps",
    "zeroconf": "zeroconfEnabled",
    "delivery_mode": "deliveryMode",
    "payer": "payer",
    "payer_region": "payerRegion",
    "reference": "reference",
    "account": "account",
}
"""Option of `baton start` to the field that it fills unchanged."""

POLICY_FIELDS: dict[str, str] = {
    "on_quote_expiry": "onQuoteExpiry",
    "max_requotes": "maxRequotes",
    "deposit_window": "depositWindow",
    "submit_at": "submitAt",
}
"""Option to its field in the document's policy."""

REPRICE_FIELDS: dict[str, str] = {"reprice": "mode", "max_loss_bps": "maxLossBps"}
"""Option to its field in the policy's `reprice`."""

_OPTIONS = {field: option for option, field in (FIELDS | POLICY_FIELDS).items()} | {
    "reprice": "reprice",
    **{f"reprice.{field}": option for option, field in REPRICE_FIELDS.items()},
    "appFees": "app_fee",
    "affiliateId": "affiliate_id",
    "affiliateIds": "affiliate_id",
    "metadata": "metadata",
}
_AFFILIATES = ("affiliateId", "affiliateIds")
_FOREIGN_OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "swap": (("amount_fiat_usd", "payer", "payer_region"), "belongs to an onramp; add --kind onramp"),
    "onramp": (("refund_chain", "zeroconf", "delivery_mode"), "an onramp has no such field; leave it out"),
    "offramp": (
        ("amount_fiat_usd", "payer", "payer_region", "refund_chain", "zeroconf"),
        "an off-ramp has no such field; leave it out",
    ),
}
"""Kind of order to the options that only other kinds have, and what to do about them."""


def read_order(options: Mapping[str, Any], example: Mapping[str, Any] | None = None) -> "OrderDocument":
    """Return the order to place.

    Args:
        options: The options of `baton start` by name, None for one not given; `file` is a path, or `-` for stdin.
        example: The order to which the options are applied where there is no file.

    Raises:
        CommandFailed: The file cannot be read, or the order is invalid; the text names field and option.
    """
    return _order(_content(options, example))


def read_estimate(options: Mapping[str, Any]) -> tuple["SwapDocument", "EstimateRequest"]:
    """Return the order to price, and the request for its price. Recipient and refund address are optional.

    An onramp is priced as a swap of BTC on Lightning, an off-ramp as a swap into it.

    Args:
        options: The options of `baton estimate` by name, otherwise as for `read_order`.

    Raises:
        CommandFailed: As for `read_order`; or the amount is in dollars, which cannot be estimated.
    """
    from baton.errors import DocumentError
    from baton.orders.document import SwapDocument
    from baton.orders.priced_swap import estimate_request, priced_swap

    content = _content(options)
    try:
        swap = priced_swap(content)
    except DocumentError as error:
        raise CommandFailed(USAGE, "invalid_order", f"{error.message} (--amount)") from None
    order = _order(swap)
    assert isinstance(order, SwapDocument)
    return order, estimate_request(order, swap)


def _content(options: Mapping[str, Any], example: Mapping[str, Any] | None = None) -> dict[str, Any]:
    file = options.get("file")
    content = apply_options(read_object(file, "the order") if file else example or {}, options)
    _check_kind(content, options)
    if account := os.environ.get("BATON_ACCOUNT"):
        content.setdefault("account", account)
    return content


def _check_kind(content: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Refuse options of another kind of order; the document would call them misspelt fields."""
    foreign, remedy = _FOREIGN_OPTIONS.get(str(content.get("kind", "swap")), ((), ""))
    given = [FIELDS[name] for name in foreign if options.get(name) is not None]
    if given:
        raise CommandFailed(USAGE, "invalid_order", with_option(f"{' and '.join(given)}: {remedy}"))


def _order(content: dict[str, Any]) -> "OrderDocument":
    from baton.cli.asset_decimals import decimals_for
    from baton.errors import DocumentError
    from baton.orders.document import read_document

    try:
        return read_document(content, decimals_for(str(content.get("account", "default"))))
    except DocumentError as error:
        raise CommandFailed(USAGE, "invalid_order", _with_options(error)) from None


def _with_options(error: "DocumentError") -> str:
    """Return the text of an error with the option of each field that it names."""
    from baton.errors import CORRECT_IT

    if len(error.fields) < 2:
        return with_option(str(error).removesuffix(f"; {CORRECT_IT}"))
    complaints = (with_option(fault.message.replace("; ", ", ")) for fault in error.fields)
    return f"{len(error.fields)} fields are wrong: {'; '.join(complaints)}"


def apply_options(content: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the options applied to it.

    Raises:
        CommandFailed: An option is invalid.
    """
    plain = {field: options[name] for name, field in FIELDS.items() if options.get(name) is not None}
    fees = [_app_fee(text) for text in options.get("app_fee") or []]
    affiliates = _affiliates(options.get("affiliate_id") or [])
    rest = {name: value for name, value in content.items() if not (affiliates and name in _AFFILIATES)}
    document = {**rest, **plain, **affiliates, **({"appFees": fees} if fees else {})}
    document = with_metadata(document, options.get("metadata"))
    old_policy = document.get("policy", {})
    if isinstance(old_policy, Mapping) and (policy := _with_reprice({**old_policy, **_policy(options)}, options)):
        document["policy"] = policy
    return document


def _policy(options: Mapping[str, Any]) -> dict[str, Any]:
    policy = {field: options[name] for name, field in POLICY_FIELDS.items() if options.get(name) is not None}
    window = str(policy.get("depositWindow", ""))
    return policy | ({"depositWindow": int(window)} if window.isascii() and window.isdigit() else {})


def _with_reprice(policy: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    given = {field: options[name] for name, field in REPRICE_FIELDS.items() if options.get(name) is not None}
    in_file = policy.get("reprice")
    document = {**in_file, **given} if isinstance(in_file, Mapping) else given
    if "maxLossBps" in given and document.get("mode") != "approve":
        raise CommandFailed(
            USAGE, "invalid_order", with_option("policy.reprice.maxLossBps: belongs to --reprice approve; add that")
        )
    return {**policy, "reprice": document} if given else dict(policy)


def _affiliates(names: Sequence[str]) -> dict[str, Any]:
    if len(names) == 1:
        return {"affiliateId": names[0]}
    return {"affiliateIds": list(names)} if names else {}


def with_option(complaint: str) -> str:
    """Return an error about a field with the option that fills it appended."""
    place = complaint.replace(":", " ").split(" ", 1)[0].removeprefix("policy.")
    option = _OPTIONS.get(place) or _OPTIONS.get(place.split(".")[0])
    return f"{complaint} (--{option.replace('_', '-')})" if option else complaint


def _app_fee(text: str) -> dict[str, Any]:
    recipient, colon, fee = text.rpartition(":")
    if not (recipient and colon and fee.isascii() and fee.isdigit()):
        raise CommandFailed(USAGE, "invalid_order", f"--app-fee {text}: write RECIPIENT:BPS, such as 0xabc...:25")
    return {"recipient": recipient, "fee": int(fee)}


def read_object(file: str, what: str) -> dict[str, Any]:
    """Return the JSON object in a file, or on stdin for `-`.

    Raises:
        CommandFailed: It cannot be read, or is no JSON object; the text calls it `what`.
    """
    try:
        content = json.loads(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except OSError as error:
        raise CommandFailed(USAGE, "unreadable_file", f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise CommandFailed(USAGE, _code(what), f"{_called(file)} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise CommandFailed(USAGE, _code(what), f"{_called(file)} must hold one JSON object: {what}")
    return content


def _code(what: str) -> str:
    return f"invalid_{what.split()[-1]}"


def _called(file: str) -> str:
    return "stdin" if file == "-" else file
