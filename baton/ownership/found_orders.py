"""What a planned read makes of the orders and deposits that Orchestra lists and nobody reported. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baton.ledger.rows import SourceRow
from baton.orchestra.address_deposit_models import StandingDeposit
from baton.orchestra.lifecycle import is_hard_end
from baton.orchestra.models import OrderRecord
from baton.orders.address_deposit import BITCOIN
from baton.orders.models import Attention
from baton.orders.observation import Observation
from baton.orders.rules.attention import AttentionReason, attention_of
from baton.ownership.link_orders import is_paid_over_lightning, links_of

SETTLED = frozenset({"completed", "refunded", "failed"})
"""Statuses of a standing address's deposit after which nothing follows."""

_NAMED = 5
"""How many links an attention names."""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order to track, and why a person must look at it from the start."""

    observed: Observation
    attention: Attention | None = None


def is_recent(record: OrderRecord, since: datetime) -> bool:
    """Whether an order is under way, or ended after a time: older ones may have been tracked and forgotten."""
    ended = record.completed_at or record.updated_at
    return not is_hard_end(record.status) or ended is None or ended >= since


def is_open(deposit: StandingDeposit, since: datetime) -> bool:
    """Whether a listed deposit needs an order of ours: it has one at Orchestra, or waits for one."""
    if deposit.status not in SETTLED:
        return True
    return deposit.order_id is not None and (deposit.observed_at is None or deposit.observed_at >= since)


def of_listed(observed: Observation, deposit: StandingDeposit) -> FoundOrder:
    """Return the order of a listed deposit; the list names the output where the order does not."""
    record, index = observed.record, deposit.source_tx_index
    if record.source_chain == BITCOIN and record.source_tx_vout is None and index and index.isdecimal():
        record = record.model_copy(update={"source_tx_vout": int(index)})
    return FoundOrder(observed.model_copy(update={"record": record}))


def of_read(observed: Observation, links: Sequence[SourceRow], now: datetime) -> FoundOrder | None:
    """Return an order as it is tracked; None if it is no order of ours after all.

    An order over Lightning is the only link's whose terms it has. If several have them, a person must say which.
    """
    record = observed.record
    if not is_paid_over_lightning(record):
        return FoundOrder(observed)
    possible = links_of(links, record)
    if len(possible) > 1:
        names = ", ".join(row.reference for row in possible[:_NAMED])
        message = f"Orchestra does not say of which link the order came; it has the terms of {names}"
        more = " and others" if len(possible) > _NAMED else ""
        return FoundOrder(observed, attention_of(AttentionReason.SOURCE_UNCLEAR, message + more, now))
    if not possible:
        return None
    named = {"pay_link_id": possible[0].orchestra_id, "pay_link_label": possible[0].label}
    return FoundOrder(observed.model_copy(update={"record": record.model_copy(update=named)}))
