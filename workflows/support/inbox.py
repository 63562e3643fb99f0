"""What has come in since `run` last looked. Handlers append here and return; `run` decides."""

from typing import Any

from baton.orders.messages import ReadResult, Refusal
from baton.orders.models import Attention, Resolution
from baton.orders.observation import Anomaly, AnomalyKind, Observation, open_envelope
from baton.orders.reports import ApprovalReport, BusinessDecision, RepriceDecision, RepriceReport
from baton.orders.rules.intake import InboxBatch
from baton.orders.seen_deposits import DepositNotice, open_notice
from baton.orders.state import DepositReport


class Inbox:
    """Collects observations, deposit reports and requests until they are taken."""

    def __init__(self) -> None:
        self._clear()
        self.cancel_requested = False
        self.read_wanted = False
        self.followed_by: str | None = None
        self.decisions: list[BusinessDecision] = []
        self.reprice_decisions: list[RepriceDecision] = []

    def _clear(self) -> None:
        self._observations: list[Observation] = []
        self._anomalies: list[Anomaly] = []
        self._refusals: list[Refusal] = []
        self._reports: list[DepositReport] = []
        self._attentions: list[Attention] = []
        self._approvals: list[ApprovalReport] = []
        self._reprices: list[RepriceReport] = []
        self._resolutions: list[Resolution] = []
        self._notices: list[DepositNotice] = []
        self._reads_done = 0

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to take."""
        told = (self._observations, self._anomalies, self._refusals)
        decided = (self._attentions, self._approvals, self._reprices, self._resolutions)
        held = (*told, *decided, self._reports, self._notices)
        return not (any(held) or self._reads_done)

    @property
    def has_work(self) -> bool:
        """Tell whether `run` has something to look at."""
        asked = (
            self.followed_by or self.cancel_requested or self.read_wanted or self.decisions or self.reprice_decisions
        )
        return bool(not self.empty or asked)

    def add_envelopes(self, raw: Any) -> None:
        """Take what a signal carries: one envelope or a list of them; never raises."""
        for envelope in raw if isinstance(raw, list) else [raw]:
            seen = open_envelope(envelope)
            if seen is None:
                message = f"an observation could not be read: {str(envelope)[:200]}"
                self._anomalies.append(Anomaly(kind=AnomalyKind.UNREADABLE, message=message))
            else:
                self._observations.append(seen)

    def add_notices(self, raw: Any) -> None:
        """Take what the chain's watcher tells: one notice or a list of them; never raises."""
        for told in raw if isinstance(raw, list) else [raw]:
            notice = open_notice(told)
            if notice is None:
                message = f"a notice of a deposit could not be read: {str(told)[:200]}"
                self._anomalies.append(Anomaly(kind=AnomalyKind.UNREADABLE, message=message))
            else:
                self._notices.append(notice)

    def add_observation(self, seen: Observation) -> None:
        """Take one observation of our own."""
        self._observations.append(seen)

    def add_read(self, answer: ReadResult | Refusal) -> None:
        """Take the answer of a read; one without an order counts too: we have heard."""
        self._reads_done += 1
        if isinstance(answer, Refusal):
            self._refusals.append(answer)
        else:
            self._observations.extend(answer.observations)

    def add_report(self, report: DepositReport) -> None:
        """Take a deposit report."""
        self._reports.append(report)

    def add_attention(self, attention: Attention) -> None:
        """Take what a child of the order says a person must look at."""
        self._attentions.append(attention)

    def add_approval(self, report: ApprovalReport) -> None:
        """Take how a ZeroConf offer was dealt with."""
        self._approvals.append(report)

    def add_reprice(self, report: RepriceReport) -> None:
        """Take how a repricing was answered."""
        self._reprices.append(report)

    def add_resolution(self, resolution: Resolution) -> None:
        """Take what an operator did."""
        self._resolutions.append(resolution)

    def take(self) -> InboxBatch:
        """Return everything and be empty again."""
        taken = InboxBatch(
            self._observations,
            self._anomalies,
            self._refusals,
            self._reports,
            self._attentions,
            self._approvals,
            self._reprices,
            self._resolutions,
            self._notices,
            self._reads_done,
        )
        self._clear()
        return taken
