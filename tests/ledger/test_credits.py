"""Accepted ZeroConf offers: counted once, within a window, and reserved before they are accepted."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest

from baton.ledger.errors import LedgerIncomplete
from baton.ledger.ledger import Ledger
from baton.ledger.rows import CreditRow
from tests.ledger.examples import NOON, minute


def credit(number: int, sats: int = 100, at: datetime = NOON, account: str = "default") -> CreditRow:
    return CreditRow(
        account=account,
        offer_id=f"q_{number}",
        workflow_id=f"order/{account}/{number}",
        order_id=f"ord_{number}",
        sats=sats,
        credited_at=at,
    )


def cap_of(sats: int, amount: int = 100) -> Callable[[int], None]:
    def check(others: int) -> None:
        if others + amount > sats:
            raise ValueError(f"{others} open")

    return check


async def test_credits_within_the_window_are_counted_once_for_their_account(ledger: Ledger) -> None:
    for row in (credit(1), credit(1), credit(2, at=minute(-1)), credit(3, account="acme"), credit(4, sats=7)):
        await ledger.credits.record(row)
    assert await ledger.credits.total("default", NOON) == 107
    assert await ledger.credits.total("other", NOON) == 0


async def test_of_six_offers_at_once_two_fit_under_a_cap_for_two(ledger_url: str, complete_ledger: Ledger) -> None:
    async with await Ledger.open(ledger_url) as other:
        reservations = ((complete_ledger, other)[n % 2].credits.reserve(credit(n), NOON, cap_of(200)) for n in range(6))
        results = await asyncio.gather(*reservations, return_exceptions=True)
    assert sorted(str(result) for result in results) == ["200 open"] * 4 + ["None"] * 2
    assert await complete_ledger.credits.total("default", NOON) == 200


async def test_a_repeated_reservation_finds_its_own_row(complete_ledger: Ledger) -> None:
    for _ in range(2):
        await complete_ledger.credits.reserve(credit(1), NOON, cap_of(100))
    assert await complete_ledger.credits.total("default", NOON) == 100


async def test_a_released_reservation_leaves_room(complete_ledger: Ledger) -> None:
    await complete_ledger.credits.reserve(credit(1), NOON, cap_of(100))
    await complete_ledger.credits.release("default", "q_1")
    await complete_ledger.credits.reserve(credit(2), NOON, cap_of(100))
    assert await complete_ledger.credits.total("default", NOON) == 100


async def test_the_caps_of_two_accounts_are_apart(complete_ledger: Ledger) -> None:
    for account in ("default", "acme"):
        await complete_ledger.credits.reserve(credit(1, account=account), NOON, cap_of(100))
    assert await complete_ledger.credits.total("acme", NOON) == 100


async def test_a_ledger_without_all_offers_reserves_nothing(ledger: Ledger) -> None:
    with pytest.raises(LedgerIncomplete):
        await ledger.credits.reserve(credit(1), NOON, cap_of(200))
