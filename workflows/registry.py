"""Every workflow of the workflow queue: what a worker runs, and what a rehearsal replays."""

from workflows.address import AddressWorkflow
from workflows.attention import AttentionWorkflow
from workflows.bulk import BulkWorkflow
from workflows.claim import ClaimWorkflow
from workflows.claim_round import ClaimRoundWorkflow
from workflows.deposit_watch import DepositWatchWorkflow
from workflows.holds import HoldsWorkflow
from workflows.order import OrderWorkflow
from workflows.pay_link import PayLinkWorkflow
from workflows.placement import PlacementWorkflow
from workflows.reconciliation import ReconcileWorkflow
from workflows.refund import RefundWorkflow
from workflows.source_reads import SourceReadWorkflow
from workflows.zeroconf_approval import ZeroConfApprovalWorkflow

WORKFLOWS = (
    OrderWorkflow,
    RefundWorkflow,
    ZeroConfApprovalWorkflow,
    AttentionWorkflow,
    PlacementWorkflow,
    DepositWatchWorkflow,
    HoldsWorkflow,
    AddressWorkflow,
    PayLinkWorkflow,
    SourceReadWorkflow,
    ClaimWorkflow,
    ClaimRoundWorkflow,
    BulkWorkflow,
    ReconcileWorkflow,
)
