"""Counts what waits behind a hold, asset by asset, out of the rows of the ledger."""

from collections.abc import Iterable

from baton.holds.models import CountHeld, HeldAmount, HeldOrders, Hold
from baton.holds.routes import RouteScope
from baton.ledger.held_orders import HeldOrderRow, RouteColumns
from baton.ledger.ledger import Ledger


async def count_behind(ledger: Ledger, hold: Hold, call: CountHeld) -> HeldOrders:
    """Return what waits behind one hold.

    An order waits behind one hold at a time, and behind the next one after that: so what a standing hold covers counts,
    whichever hold stopped it first.
    """
    if hold in call.releasing:
        return summed(hold, await ledger.held_orders.behind([hold.id], accounts=call.accounts))
    known = [other.id for other in [*call.holds, *call.releasing] if other.what is hold.what]
    accounts = _both(call.accounts, hold.account)
    return summed(hold, await ledger.held_orders.behind(known, accounts=accounts, route=_columns(hold)))


def summed(hold: Hold, rows: list[HeldOrderRow]) -> HeldOrders:
    """Return the sum of these orders, of which the first was opened first."""
    oldest = rows[0] if rows else None
    return HeldOrders(
        hold_id=hold.id,
        count=len(rows),
        amounts=_amounts(rows),
        oldest=oldest.reference if oldest else None,
        oldest_account=oldest.account if oldest else None,
        oldest_opened_at=oldest.created_at if oldest else None,
    )


def _amounts(rows: Iterable[HeldOrderRow]) -> list[HeldAmount]:
    sums: dict[tuple[str, str], HeldAmount] = {}
    for row in rows:
        key = (row.source_chain or "", row.source_asset or "")
        found = sums.setdefault(key, HeldAmount(chain=key[0], asset=key[1], amount=0, orders=0))
        found.amount += row.amount_in or 0
        found.orders += 1
        found.decimals = row.source_decimals if found.decimals is None else found.decimals
    return [sums[key] for key in sorted(sums)]


def _both(accounts: list[str] | None, account: str | None) -> list[str] | None:
    """Return the accounts that both name; None means all."""
    if account is None:
        return accounts
    return [account] if accounts is None or account in accounts else []


def _columns(hold: Hold) -> RouteColumns:
    source, destination = RouteScope.read(hold.route) if hold.route is not None else (None, None)
    return RouteColumns(
        source.chain if source else None,
        source.asset if source else None,
        destination.chain if destination else None,
        destination.asset if destination else None,
    )
