"""The signals by which an order hears of webhooks and of deposits on its chain; a base of the order's workflow.

A signal bears the name of what it reports, so that the order's timeline in the Temporal UI can be read without opening
one; its payload alone says what happened. None of the handlers raises, because the sender of a signal gets no answer.
"""

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from baton.orders.names import NOTICE_DEPOSIT, OBSERVE
from baton.orders.signal_names import carries_notices, carries_observations
from workflows.support.inbox import Inbox


class OrderSignals:
    """Adds what signals carry to the inbox."""

    _inbox: Inbox

    @workflow.signal(name=OBSERVE, description="Observations of the order: one envelope or a list of them.")
    def observe(self, envelopes: Any = None) -> None:
        """Add observations; older gateways send them under this name."""
        self._inbox.add_envelopes(envelopes)

    @workflow.signal(name=NOTICE_DEPOSIT, description="Deposits that the chain shows: one notice or a list of them.")
    def notice_deposit(self, notices: Any = None) -> None:
        """Add deposits that the chain's watch saw; older workers send them under this name."""
        self._inbox.add_notices(notices)

    @workflow.signal(dynamic=True, description="What `order.STATUS` and `chain.deposit_STATE` report.")
    def report_by_name(self, name: str, arguments: Sequence[RawValue]) -> None:
        """Add what a signal reports that is named after it; one that cannot be read is kept as an anomaly."""
        try:
            content = workflow.payload_converter().from_payload(arguments[0].payload) if arguments else None
        except Exception as error:  # a raise would drop the signal without a trace
            self._inbox.add_unreadable(f"the signal {name}", error)
            return
        if carries_observations(name):
            self._inbox.add_envelopes(content)
        elif carries_notices(name):
            self._inbox.add_notices(content)
        else:
            self._inbox.add_unreadable(f"the signal {name}", content)
