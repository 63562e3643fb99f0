"""The inbox: what signals, updates and background calls added since `run` took the last batch.

Handlers only append here; `run` decides.
"""

from typing import Any

from temporalio import workflow

from baton.holds.models import CallHeld
from baton.orders.address_deposit import HeldDeposit, RefundRequest
from baton.orders.messages import ReadResult, Refusal
from baton.orders.models import Attention, CloseByHand, Resolution
from baton.orders.names import CLOSE_BY_HAND, REPORT_DEPOSIT, RESOLVE
from baton.orders.observation import Anomaly, AnomalyKind, Observation, open_envelope
from baton.orders.reports import ApprovalReport, BusinessDecision, RepriceDecision, RepriceReport
from baton.orders.rules.intake import InboxBatch
from baton.orders.seen_deposits import DepositNotice, open_notice
from baton.orders.state import Act, DepositReport, RequestedBy


class Inbox:
    """Collects observations, reports and requests until `run` takes them.

    Args:
        placed: Whether the order was placed before this run.
    """

    def __init__(self, *, placed: bool = False) -> None:
        self._clear()
        self._placings = int(placed)
        self.cancel_requested = False
        self.read_requested = False
        self.followed_by: str | None = None
        self.decisions: list[BusinessDecision] = []
        self.reprice_decisions: list[RepriceDecision] = []
        self.refund_requests: list[RefundRequest] = []
        self.releases: list[str] = []
        """The holds whose release this run was told, in order of arrival."""

    def _clear(self) -> None:
        self._observations: list[Observation | Any] = []
        """Our own calls' observations, and envelopes of signals as they came."""
        self._anomalies: list[Anomaly] = []
        self._refusals: list[Refusal] = []
        self._reports: list[DepositReport] = []
        self._attentions: list[Attention] = []
        self._approvals: list[ApprovalReport] = []
        self._reprices: list[RepriceReport] = []
        self._resolutions: list[Resolution] = []
        self._notices: list[DepositNotice] = []
        self._held: list[HeldDeposit] = []
        self._acts: list[Act] = []
        self._closings: list[CloseByHand] = []
        self._held_calls: list[CallHeld] = []
        self._releases: list[str] = []
        self._reads_done = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to take."""
        news = (self._observations, self._anomalies, self._refusals, self._reports, self._notices)
        answers = (self._attentions, self._approvals, self._reprices, self._resolutions)
        holds = self._held_calls or self._releases
        acts = self._acts or self._closings
        return not (any(news) or any(answers) or holds or acts or self._reads_done)

    @property
    def observations(self) -> int:
        """How many observations wait, whether they can be read or not."""
        return len(self._observations)

    @property
    def has_work(self) -> bool:
        """Whether `run` has something to do."""
        requests = self.followed_by or self.cancel_requested or self.read_requested
        answers = self.decisions or self.reprice_decisions or self.refund_requests
        return bool(not self.empty or requests or answers)

    def count_placing(self) -> int:
        """Return how often the order was placed, this time included; more than twice may count as twice."""
        self._placings += 1
        return self._placings

    def add_envelopes(self, raw: Any) -> None:
        """Add the envelopes of a signal, one or a list of them; never raises."""
        self._observations.extend(raw if isinstance(raw, list) else [raw])

    def add_notices(self, raw: Any) -> None:
        """Add the deposit notices of a signal, one or a list of them; never raises."""
        for raw_notice in raw if isinstance(raw, list) else [raw]:
            notice = open_notice(raw_notice)
            if notice is None:
                self.add_unreadable("a notice of a deposit", raw_notice)
            else:
                self._notices.append(notice)

    def add_unreadable(self, what: str, raw: Any) -> None:
        """Add that something arrived which is not understood."""
        message = f"{what[:200]} could not be read: {str(raw)[:200]}"
        self._anomalies.append(Anomaly(kind=AnomalyKind.UNREADABLE, message=message))

    def add_observation(self, observation: Observation) -> None:
        """Add the answer to one of the order's own calls."""
        self._observations.append(observation)

    def add_read(self, result: ReadResult | Refusal, basis: int | None = None) -> None:
        """Add the result of a read; it ends the silence even if it found no order.

        Args:
            result: The result.
            basis: `OrderState.observed` when the read began.
        """
        self._reads_done += 1
        if isinstance(result, Refusal):
            self._refusals.append(result)
        else:
            self._held.extend([result.held] if result.held else [])
            self._observations.extend(found.model_copy(update={"basis": basis}) for found in result.observations)

    def add_report(self, report: DepositReport) -> None:
        """Add a deposit report."""
        self._reports.append(report)
        self.add_act(REPORT_DEPOSIT, report.by)

    def add_attention(self, attention: Attention) -> None:
        """Add the attention that a child of the order raises."""
        self._attentions.append(attention)

    def add_approval(self, report: ApprovalReport) -> None:
        """Add the result of a ZeroConf offer."""
        self._approvals.append(report)

    def add_reprice(self, report: RepriceReport) -> None:
        """Add the answer to a repricing."""
        self._reprices.append(report)

    def add_held_call(self, held: CallHeld) -> None:
        """Add the hold that stopped one of the order's calls."""
        self._held_calls.append(held)

    def add_release(self, hold_id: str) -> None:
        """Add the release of a hold."""
        self._releases.append(hold_id)
        self.releases.append(hold_id)

    def add_resolution(self, resolution: Resolution) -> None:
        """Add what an operator did."""
        self._resolutions.append(resolution)
        self.add_act(RESOLVE, resolution.by, resolution.note)

    def add_closing(self, request: CloseByHand) -> None:
        """Add an operator's request to close the order."""
        self._closings.append(request)
        self.add_act(CLOSE_BY_HAND, request.by, request.note)

    def add_request(self, act: str, request: RequestedBy | None) -> None:
        """Add what a caller did whose request has no other content."""
        if request is not None:
            self.add_act(act, request.by, request.note)

    def add_act(self, act: str, by: str | None, note: str | None = None) -> None:
        """Add what a caller did; what nobody put a name to is not recorded."""
        if by:
            self._acts.append(Act(at=workflow.now(), act=act, by=by, note=note))

    def take(self) -> InboxBatch:
        """Return everything and leave the inbox empty."""
        observations = self._opened(self._observations)
        batch = InboxBatch(
            observations,
            self._anomalies,
            self._refusals,
            self._reports,
            self._attentions,
            self._approvals,
            self._reprices,
            self._resolutions,
            self._notices,
            self._reads_done,
            tuple(self._held),
            tuple(self._acts),
            tuple(self._closings),
            tuple(self._held_calls),
            tuple(self._releases),
        )
        self._clear()
        return batch

    def take_part(self, most: int) -> InboxBatch:
        """Return the first observations, at most so many, and nothing else; the rest stays in the inbox."""
        observations, self._observations = self._observations[:most], self._observations[most:]
        return InboxBatch(self._opened(observations), [], [], [], [], [], [], [], [], 0)

    def _opened(self, entries: list[Observation | Any]) -> list[Observation]:
        """Return the observations; what is none becomes an anomaly."""
        opened = []
        for entry in entries:
            observation = entry if isinstance(entry, Observation) else open_envelope(entry)
            if observation is None:
                self.add_unreadable("an observation", entry)
            else:
                opened.append(observation)
        return opened
