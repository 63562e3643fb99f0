"""Words for values: amounts, times, spans and what others wrote. Pure.

Amounts stay whole numbers of the asset's smallest unit: how many decimals an asset has is not ours to guess.
"""

from datetime import datetime, timedelta

NOTHING = "-"

_OWNERS = {
    "payer": "the payer",
    "orchestra": "Orchestra",
    "business": "the business",
    "operator": "an operator",
    "baton": "Baton",
    "chain": "the chain",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def clean(text: str) -> str:
    """Return text of others on one line and without control characters: a terminal would obey them."""
    return "".join(character if character.isprintable() else " " for character in text).strip()


def amount(value: int | None, asset: str | None = None) -> str | None:
    """Return an amount with its asset, or None for none."""
    if value is None:
        return None
    return f"{value} {clean(asset)} (smallest units)" if asset else f"{value} smallest units"


def moment(at: datetime | None) -> str:
    """Return a point in time, to the second, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else NOTHING


def span(length: timedelta) -> str:
    """Return a length of time in its two largest units, for instance `14 min 32 s`."""
    rest = max(int(length.total_seconds()), 0)
    parts: list[tuple[int, str]] = []
    for unit, seconds in _UNITS:
        count, rest = divmod(rest, seconds)
        parts.append((count, unit))
    largest = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[largest : largest + 2])


def due(at: datetime | None, now: datetime) -> str | None:
    """Return a point in time and how far away it is, or None for none."""
    if at is None:
        return None
    return f"{moment(at)} ({f'in {span(at - now)}' if at > now else f'{span(now - at)} ago'})"


def owner(who: str) -> str:
    """Return who owes what is waited for."""
    return _OWNERS.get(who, who)


def named(reference: str, account: str) -> str:
    """Return how a command names an order."""
    return clean(reference if account == "default" else f"{reference} --account {account}")
