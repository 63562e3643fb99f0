"""How values read on the operator page: amounts, times, chains and identifiers. Pure."""

import re
from datetime import UTC, datetime, timedelta

from baton.gateway.pay.names import chain_name
from baton.holds.models import HeldAmount
from baton.orders.amounts import AssetAmount
from baton.pages.order_pages import order_path as order_path

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_LONG_ID = re.compile(r"[A-Za-z0-9]{24,}")
_SHORT = 22
"""Characters up to which an id is shown whole."""


def span(length: timedelta) -> str:
    """Return a duration in its two largest units, such as `2 h 5 min`."""
    rest = max(int(length.total_seconds()), 0)
    parts: list[tuple[int, str]] = []
    for unit, seconds in _UNITS:
        count, rest = divmod(rest, seconds)
        parts.append((count, unit))
    largest = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[largest : largest + 2] if count) or "0 s"


def age(at: datetime | None, now: datetime) -> str:
    """Return how long ago a time was, or how far ahead it is."""
    if at is None:
        return ""
    return span(now - at) if at <= now else f"in {span(at - now)}"


def moment(at: datetime | None) -> str:
    """Return a time in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else ""


def machine_time(at: datetime | None) -> str:
    """Return a time for the attribute `datetime`."""
    return at.astimezone(UTC).isoformat() if at else ""


def money(amount: AssetAmount | None) -> str:
    """Return an amount with its asset, such as `100 USDC`; in smallest units where the decimals are not known."""
    if amount is None:
        return ""
    if amount.display is not None:
        return f"{amount.display} {amount.asset}"
    return f"{amount.amount} smallest units of {amount.asset}"


def held_money(held: HeldAmount) -> str:
    """Return what waits behind a hold in one asset."""
    return money(AssetAmount(amount=held.amount, asset=held.asset, chain=held.chain, decimals=held.decimals))


def plain(identifier: str | None) -> str:
    """Return an identifier such as `awaiting_deposit` as words."""
    return (identifier or "").replace("_", " ").replace(".", " ")


def shortened(identifier: str | None) -> str:
    """Return a long id with its middle left out."""
    text = identifier or ""
    return text if len(text) <= _SHORT else f"{text[:10]}…{text[-8:]}"


def brief(message: str) -> str:
    """Return a message with the middle of its long ids left out; the order's page has them whole."""
    return _LONG_ID.sub(lambda found: shortened(found[0]), message)


FILTERS = {
    "age": age,
    "brief": brief,
    "chain": chain_name,
    "held_money": held_money,
    "machine_time": machine_time,
    "moment": moment,
    "money": money,
    "plain": plain,
    "shortened": shortened,
    "span": span,
}
"""What templates use as filters."""
