"""Amounts as people write them: `100000000` in smallest units, `100 USDC` in whole ones, `$25` in US dollars. Pure.

A number without a unit counts smallest units, so it has digits only. With a unit it counts whole units, and the unit
must be the asset that the amount is of. Separators are refused: a comma means thousands in one country and decimals in
another.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from baton.encoding.units import smallest

DecimalsOf = Callable[[str, str], int | None]
"""Returns the decimals of an asset by its chain and symbol; None where they are not known."""

_WRITTEN = re.compile(r"(?P<number>[0-9.,_']+)(?P<unit>\s+\S.*|[^\s0-9.,_'].*)?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_DOLLARS = re.compile(r"\$\s*(?P<before>.*)|(?P<after>.*?)\s*(USD|US dollars|dollars)", re.DOTALL | re.IGNORECASE)
_LONGEST = 120


class AmountText(NamedTuple):
    """An amount of an order, read.

    Attributes:
        content: The order with its amount in smallest units, or in US dollars.
        complaint: Why the amount cannot be read; None if it can.
        decimals: The decimals by which whole units became smallest ones; None if the amount was not in whole units.
    """

    content: dict[str, Any]
    complaint: str | None = None
    decimals: int | None = None


def with_smallest_units(content: Mapping[str, Any], decimals_of: DecimalsOf) -> AmountText:
    """Return an order's document with an amount in whole units as smallest ones, and one in dollars as such.

    Args:
        content: The document as the business wrote it, under the partner API's names.
        decimals_of: What is known of the assets' decimals.
    """
    text = content.get("amount")
    if not isinstance(text, str) or _is_plain(text):
        return AmountText(dict(content))
    if (dollars := _dollars(text)) is not None and not _unit_is_an_asset(content, text):
        return _in_dollars(content, text, dollars)
    chain, asset = _asset_of_amount(content)
    try:
        decimals, units = _in_whole_units(text, chain, asset, decimals_of)
    except ValueError as error:
        return AmountText(dict(content), str(error))
    return AmountText({**content, "amount": str(units)}, None, decimals)


def is_in_whole_units(content: Mapping[str, Any]) -> bool:
    """Whether a document's amount has a unit, so that decimals are needed to read it."""
    text = content.get("amount")
    return isinstance(text, str) and not _is_plain(text) and _dollars(text) is None


def asset_of_amount(content: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the chain and the asset that an order's amount is of; None if the document does not name them."""
    chain, asset = _asset_of_amount(content)
    return (chain, asset) if chain and asset else None


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _asset_of_amount(content: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what the amount counts: the destination's asset for an exact output, else the source's."""
    if content.get("amountMode") == "exact_out":
        return content.get("destinationChain"), content.get("destinationAsset")
    if content.get("kind") == "onramp":
        return "lightning", "BTC"
    return content.get("sourceChain"), content.get("sourceAsset")


def _in_whole_units(text: str, chain: Any, asset: Any, decimals_of: DecimalsOf) -> tuple[int, int]:
    """Return the decimals of an asset, and an amount of it in smallest units."""
    number, unit = _parts(text)
    if not isinstance(chain, str) or not isinstance(asset, str):
        raise ValueError(f"{_shown(text)} is in whole units, for which the order must name chain and asset")
    if unit.casefold() != asset.casefold():
        if unit[0].isdigit():
            raise _separators(text)
        raise ValueError(f"{_shown(text)} is not in {asset}, the asset that it is of; write it such as 100 {asset}")
    decimals = decimals_of(chain, asset)
    if decimals is None:
        raise ValueError(
            f"the decimals of {asset} on {chain} are not known; write the amount in smallest units, digits only"
        )
    return decimals, _positive(smallest(number, decimals, f"{asset} on {chain}"), text)


def _positive(amount: int, text: str) -> int:
    if amount == 0:
        raise ValueError(f"{_shown(text)} is nothing; write an amount above 0")
    return amount


def _parts(text: str) -> tuple[str, str]:
    """Return the number and the unit of an amount."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(f"{_shown(text)} is not an amount; write smallest units (100000000) or whole ones (100 USDC)")
    number, unit = written["number"], (written["unit"] or "").strip()
    if not _NUMBER.fullmatch(number):
        raise _separators(text)
    if not unit:
        raise ValueError(f"{_shown(text)} has no unit; write {number} and the asset, or smallest units without a dot")
    return number, unit


def _separators(text: str) -> ValueError:
    remedy = "write digits with one dot at most, such as 1000.50 USDC"
    return ValueError(f"{_shown(text)} has separators or a misplaced dot; {remedy}")


def _dollars(text: str) -> str | None:
    written = _DOLLARS.fullmatch(text.strip())
    if written is None:
        return None
    return (written["before"] if written["before"] is not None else written["after"]).strip()


def _unit_is_an_asset(content: Mapping[str, Any], text: str) -> bool:
    """Whether the unit of an amount is the order's asset, which may be called `USD` itself."""
    _, asset = _asset_of_amount(content)
    return isinstance(asset, str) and text.strip().casefold().endswith(asset.casefold())


def _in_dollars(content: Mapping[str, Any], text: str, dollars: str) -> AmountText:
    if content.get("kind") != "onramp":
        remedy = "write the amount in the asset, such as 25 USDC"
        return AmountText(dict(content), f"{_shown(text)} is in US dollars, which only an onramp takes; {remedy}")
    if not _NUMBER.fullmatch(dollars):
        return AmountText(dict(content), f"{_shown(text)} is not an amount in US dollars; write it such as $25.00")
    if content.get("amountFiatUsd") is not None:
        return AmountText(dict(content), "cannot be combined with amountFiatUsd; leave one of them out")
    rest = {name: value for name, value in content.items() if name != "amount"}
    return AmountText({**rest, "amountFiatUsd": dollars})


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
