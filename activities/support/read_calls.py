"""The one call that an attempt of a read makes.

The poll queue's rate limits attempts. Each makes one call, so that this rate is the account's read budget. An order is
looked up by its quotes, newest first, one quote for each attempt; once it is found, the next attempt reads it. An order
without a quote is looked up by the deposit to a reusable address that it comes of. What an attempt learned travels in
its last heartbeat to the next one.
"""

from contextlib import suppress
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import NotFound
from baton.orders.address_deposit import STANDING, AddressDeposit, HeldDeposit
from baton.orders.messages import ReadOrder
from baton.orders.observation import Observation
from baton.orders.rules.address_deposits import belongs_to, held_of, lists_deposit, order_among

MAX_CANDIDATES = 20
"""How many of a recipient's orders are read to find the one of a deposit."""

MAX_LISTED = 2_000
"""How many deposits of a standing address are listed to find one."""

_AT_ONCE = timedelta(milliseconds=10)
"""Temporal reads no pause at all as its own pause between retries."""


class ReadProgress(BaseModel):
    """What the attempts of a read have learned so far."""

    quotes: int = 0
    """How many quotes have been tried without an order, newest first."""
    found: Observation | None = None
    """The order as its quote showed it, until it is read by its own id."""
    heard: bool = False
    """The order's event stream sent another status: this attempt reads, and does not listen again."""
    held: HeldDeposit | None = None
    """How Orchestra lists the deposit that has no order yet."""
    asks_history: bool = False
    """Another deposit of the same transaction has an order: the next call lists the recipient's orders."""
    candidates: list[str] = []
    """Orders that may be the deposit's; each is read by its id."""
    offset: int = 0
    """How many deposits of the standing address have been listed."""
    detours: int = 0
    """How many attempts ended only to let the next call be an attempt of its own."""


def last_progress() -> ReadProgress:
    """Return what the previous attempt sent with its last heartbeat."""
    details = activity.info().heartbeat_details
    return ReadProgress.model_validate(details[0]) if details else ReadProgress()


def planned_attempt(progress: ReadProgress) -> int:
    """Return how many times the order has been looked up, this attempt included: detours do not lengthen the pauses."""
    return max(activity.info().attempt - progress.detours, 1)


async def fetch(client: OrchestraClient, call: ReadOrder, progress: ReadProgress) -> Observation | None:
    """Make the next call; return the order as Orchestra has it now, or None while no order exists.

    Raises:
        ApplicationError: Another call is needed, for the next attempt (benign).
        OrchestraError: The call failed; the next attempt makes it again.
    """
    order_id = progress.found.record.id if progress.found else call.order_id
    if order_id:
        return await _by_order(client, order_id) or progress.found
    if call.deposit is not None:
        return await _by_deposit(client, call.deposit, progress)
    return await _by_next_quote(client, call.quote_ids, progress) if call.quote_ids else None


async def _by_order(client: OrchestraClient, order_id: str) -> Observation | None:
    with suppress(NotFound):
        return Observation.of_status(await client.status(order_id=order_id))
    return None


async def _by_next_quote(client: OrchestraClient, quote_ids: list[str], progress: ReadProgress) -> Observation | None:
    """Try the next quote: the deposit may have gone to an older quote's address."""
    with suppress(NotFound):
        progress.found = Observation.of_quote(await client.order_of_quote(quote_ids[progress.quotes]))
    progress.quotes += 1
    if progress.found or progress.quotes < len(quote_ids):
        raise another_call(progress)
    progress.quotes = 0
    return None


async def _by_deposit(client: OrchestraClient, deposit: AddressDeposit, progress: ReadProgress) -> Observation | None:
    """Make the next call that may show the order of a deposit to a reusable address."""
    if progress.candidates:
        return await _by_candidate(client, deposit, progress)
    if deposit.type == STANDING:
        return await _by_standing_list(client, deposit, progress)
    return await (_by_history if progress.asks_history else _by_transaction)(client, deposit, progress)


async def _by_candidate(client: OrchestraClient, deposit: AddressDeposit, progress: ReadProgress) -> Observation | None:
    found = await _by_order(client, progress.candidates[0])
    if found and belongs_to(found.record, deposit):
        return found
    progress.candidates = progress.candidates[1:]
    if progress.candidates:
        raise another_call(progress)
    return None


async def _by_transaction(
    client: OrchestraClient, deposit: AddressDeposit, progress: ReadProgress
) -> Observation | None:
    """Read the order of the transaction; where that is another deposit's, the recipient's orders are listed next."""
    found = None
    with suppress(NotFound):
        found = Observation.of_status(await client.status(tx_hash=deposit.tx_id, source_chain=deposit.chain))
    if found is None or belongs_to(found.record, deposit):
        return found
    progress.asks_history = True
    raise another_call(progress)


async def _by_history(client: OrchestraClient, deposit: AddressDeposit, progress: ReadProgress) -> Observation | None:
    listed = await client.history(deposit.recipient)
    progress.asks_history, progress.candidates = False, order_among(listed.orders, deposit)[:MAX_CANDIDATES]
    if progress.candidates:
        raise another_call(progress)
    return None


async def _by_standing_list(
    client: OrchestraClient, deposit: AddressDeposit, progress: ReadProgress
) -> Observation | None:
    """Look for the deposit in the list of its standing address, newest first, one page for each attempt."""
    page = await client.standing_deposits(deposit.orchestra_id, offset=progress.offset)
    row = next((row for row in page.deposits if lists_deposit(row, deposit)), None)
    if row is None and page.next_offset and page.next_offset < MAX_LISTED:
        progress.offset = page.next_offset
        raise another_call(progress)
    progress.offset = 0
    if row is None:
        return None
    progress.held = held_of(row)
    if row.order_id:
        progress.candidates = [row.order_id]
        raise another_call(progress)
    return None


def another_call(progress: ReadProgress) -> ApplicationError:
    """Return the benign failure that makes the next call an attempt of its own, at once."""
    progress.detours += 1
    return nothing_new(progress, _AT_ONCE, "another call follows")


def nothing_new(progress: ReadProgress, pause: timedelta, message: str = "nothing new yet") -> ApplicationError:
    """Return the benign failure of an attempt without news: the next one comes after the pause and knows as much."""
    activity.heartbeat(progress)
    return ApplicationError(
        message, type="NothingNew", category=ApplicationErrorCategory.BENIGN, next_retry_delay=pause
    )
