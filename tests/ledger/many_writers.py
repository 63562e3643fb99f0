"""One of the processes of `test_many_writers`: it writes orders with their events, deliveries and reservations at once.

Run it with the ledger's URL and a number. It says `ready`, waits for a line, and says how many offers were accepted.
"""

import asyncio
import sys
from datetime import timedelta

from baton.ledger.ledger import Ledger
from baton.ledger.rows import CreditRow
from tests.ledger.examples import NOON, delivery, order, payment, quote, timeline
from tests.ledger.test_events import event

SHARED = 20
"""Orders that every process writes."""
OWN = 10
"""Orders of this process alone."""
OFFER = 100
"""Sats of one offer."""
CAP = 12 * OFFER
"""Sats of the offers that the account may have accepted, of all processes together."""


class NoRoom(Exception):
    """The cap leaves no room for the offer."""


def say(text: str) -> None:
    """Write a line for the test."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def check(sats: int) -> None:
    if sats + OFFER > CAP:
        raise NoRoom


async def write_shared(ledger: Ledger, process: int, number: int) -> None:
    """Write an order that the other processes write as well, each a revision of its own, with the same events."""
    name = f"order/default/shared-{number}"
    events = [event(status, name) for status in ("placed", "processing", "completed")]
    await ledger.write_order(order(name, revision=process + 1), timeline("processing", workflow_id=name), events=events)


async def write_own(ledger: Ledger, process: int, number: int) -> bool:
    """Write all that one order has; return whether its offer was accepted."""
    name = f"order/default/{process}-{number}"
    await ledger.index_quote(quote(quote_id=name, workflow_id=name))
    await ledger.write_order(order(name), timeline("processing", workflow_id=name), events=[event("placed", name)])
    await ledger.record_delivery(delivery(workflow_id=name, order_id=name))
    await ledger.payers.reserve(payment(workflow_id=name), NOON - timedelta(days=1), lambda _: None)
    offer = CreditRow(account="default", offer_id=name, workflow_id=name, order_id=name, sats=OFFER, credited_at=NOON)
    try:
        await ledger.credits.reserve(offer, NOON - timedelta(days=1), check)
    except NoRoom:
        return False
    return True


async def main(url: str, process: int) -> None:
    async with await Ledger.open(url, timeout=60) as ledger:
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        shared = [write_shared(ledger, process, number) for number in range(SHARED)]
        accepted = await asyncio.gather(*(write_own(ledger, process, number) for number in range(OWN)), *shared)
    say(str(accepted.count(True)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
