"""Answers about deposits to reusable addresses. Source: the partner API reference, standing deposit addresses."""

from typing import Annotated

from pydantic import Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import Id, KeyedAnswer, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount, TolerantFlag, readable


class ReindexAnswer(KeyedAnswer):
    """Answer to the request to look for missed deposits."""

    ok: TolerantFlag = None


class RefundAnswer(KeyedAnswer):
    """Answer to the request for a refund, which follows later."""

    batch_id: Text = None
    status: Text = None


class StandingDeposit(Wire):
    """A deposit to a standing address as the API lists it. `status` stays a plain string."""

    id: Id
    chain: Text = None
    asset: Text = None
    amount: TolerantAmount = None
    source_tx_id: Text = None
    source_tx_index: Text = None
    observed_at: TolerantTime = None
    status: str = Field(min_length=1, max_length=100)
    code: Text = None
    order_id: Text = None
    refund_tx_id: Text = None


class StandingDepositPage(Wire):
    """A page of deposits, newest first; `next_offset` is None on the last page."""

    deposits: Annotated[list[StandingDeposit], readable(StandingDeposit)]
    next_offset: TolerantCount = None
