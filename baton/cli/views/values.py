"""How values read: amounts, times, durations, and text from others. Pure.

Amounts stay whole numbers of the asset's smallest unit, because the number of decimals must not be guessed.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baton.orders.models import Waiting

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
    """Return text from others on one line, without control characters, which would steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text).strip()


def words(name: str) -> str:
    """Return an identifier such as `awaiting_deposit` as words."""
    return name.replace("_", " ")


def amount(value: int | None, asset: str | None = None) -> str | None:
    """Return an amount with its asset, or None if there is no amount."""
    if value is None:
        return None
    return f"{value} {clean(asset)} (smallest units)" if asset else f"{value} smallest units"


def moment(at: datetime | None) -> str:
    """Return a time in UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else NOTHING


def span(length: timedelta) -> str:
    """Return a duration in its two largest units, such as `14 min 32 s`."""
    rest = max(int(length.total_seconds()), 0)
    parts: list[tuple[int, str]] = []
    for unit, seconds in _UNITS:
        count, rest = divmod(rest, seconds)
        parts.append((count, unit))
    largest = next((position for position, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[largest : largest + 2])


def due(at: datetime | None, now: datetime) -> str | None:
    """Return a time and how far away it is, or None if there is no time."""
    if at is None:
        return None
    return f"{moment(at)} ({f'in {span(at - now)}' if at > now else f'{span(now - at)} ago'})"


def owner(who: str) -> str:
    """Return who must act, in words."""
    return _OWNERS.get(who, who)


def awaited(wait: "Waiting") -> str:
    """Return what an order waits for and from whom; the party is named once."""
    party = owner(wait.who)
    return wait.what if wait.what.startswith(party) else f"{wait.what} from {party}"


def named(reference: str, account: str) -> str:
    """Return the arguments that name an order on the command line."""
    return clean(reference if account == "default" else f"{reference} --account {account}")
