"""What an affiliate earned by the orders that Baton has seen, held against its claims. Pure; exact integers."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from baton.affiliates.messages import BalanceLine
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orchestra.rules.affiliates import DOLLARS, SettlementLedger, counts, has_ended, ledger_of

Decimals = Callable[[str, str], int | None]
"""Returns the decimals of an asset by its chain and symbol; None if they are not known."""


class SeenFee(Protocol):
    """A fee of an affiliate as the ledger has it."""

    @property
    def chain(self) -> str | None:
        """The chain in which it settles."""

    @property
    def asset(self) -> str | None:
        """The asset in which it settles."""

    @property
    def recipient_amount(self) -> int | None:
        """The affiliate's share in smallest units."""

    @property
    def recorded_at(self) -> datetime | None:
        """When Orchestra recorded it."""


def balance_lines(
    affiliate_id: str, fees: Sequence[SeenFee], claims: Iterable[AffiliateClaim], decimals: Decimals
) -> list[BalanceLine]:
    """Return one line for each ledger in which an affiliate has fees or claims.

    Args:
        affiliate_id: The affiliate.
        fees: Every fee of it that was seen in an order.
        claims: Every claim of it at Orchestra.
        decimals: The decimals of assets, where they are known.
    """
    counted = [claim for claim in claims if counts(claim)]
    places = {(fee.chain, fee.asset) for fee in fees} | {_place(claim) for claim in counted}
    return [
        _line(
            affiliate_id,
            place,
            [fee for fee in fees if (fee.chain, fee.asset) == place],
            [claim for claim in counted if _place(claim) == place],
            decimals,
        )
        for place in sorted(places, key=lambda place: (place[0] or "", place[1] or ""))
    ]


def worth_in_cents(line: BalanceLine) -> int | None:
    """Return the worth of a balance in whole US cents, rounded down; None where it is not known."""
    if line.asset not in DOLLARS or line.decimals is None:
        return None
    return line.balance * 100 // int(10**line.decimals)


def _line(
    affiliate_id: str,
    place: tuple[str | None, str | None],
    fees: Sequence[SeenFee],
    claims: Sequence[AffiliateClaim],
    decimals: Decimals,
) -> BalanceLine:
    chain, asset = place
    last = max((claim.created_at for claim in claims if claim.created_at), default=None)
    claimed = _sum(claim.amount for claim in claims)
    until_last = _sum(fee.recipient_amount for fee in fees if not _is_after(fee, last))
    shares = [fee.recipient_amount for fee in fees if fee.recipient_amount is not None]
    return BalanceLine(
        affiliate_id=affiliate_id,
        chain=chain,
        asset=asset,
        decimals=decimals(chain, asset) if chain and asset else None,
        earned=sum(shares),
        fees=len(shares),
        unknown_fees=len(fees) - len(shares),
        claimed=claimed,
        paying=_sum(claim.amount for claim in claims if not has_ended(claim)),
        claims=len(claims),
        difference=claimed - until_last,
        balance=sum(shares) - until_last,
    )


def _is_after(fee: SeenFee, last: datetime | None) -> bool:
    """Whether a fee came after the last claim; one without a time is not claimed yet as far as anybody can tell."""
    return last is None or fee.recorded_at is None or fee.recorded_at > last


def _place(claim: AffiliateClaim) -> tuple[str | None, str | None]:
    ledger: SettlementLedger | None = ledger_of(claim)
    return (ledger.chain, ledger.asset) if ledger else (None, None)


def _sum(amounts: Iterable[int | None]) -> int:
    return sum(amount for amount in amounts if amount is not None)
