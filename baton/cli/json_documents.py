"""What the commands print with `--json`, where that is not a model of Baton itself. The schemas are made from these.

No command imports this module: printing must not wait for it. A test holds what the commands print against it.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from baton.affiliates.messages import BalanceLine, ClaimView
from baton.cli.trials.policy import Totals, Trial
from baton.doctor.signed_delivery import DeliveryResult
from baton.ledger.inspection import LedgerState
from baton.ledger.source_totals import SourceTotals
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim
from baton.orders.answers import Placement, Snapshot, Standing
from baton.orders.visibility import OrderLine
from baton.recovery.differences import DifferenceKind
from baton.sources.answers import SourceSnapshot


class CommandError(BaseModel):
    """Why a command failed: a stable code, and one sentence with the remedy. Some errors have more fields."""

    model_config = ConfigDict(extra="allow")

    code: str
    message: str


class ErrorDocument(BaseModel):
    """What a command prints instead of its result if it fails."""

    error: CommandError


class SandboxPayment(BaseModel):
    """What was paid at the sandbox; `amount` in smallest units, `payments` are the proofs of the deposits."""

    reference: str
    account: str
    source: str | None
    chain: str
    asset: str
    deposit_address: str | None
    amount: str | None
    noticed_by: str
    payments: list[dict[str, Any]]
    standing: Standing | None
    error: CommandError | None = None


class PlacementDocument(Placement):
    """What `baton start` prints; `error` says why nothing can be paid, or why no QR code was made."""

    paid: SandboxPayment | None = None
    """What `--scenario` paid at the sandbox."""
    error: CommandError | None = None


class ShownOrder(Snapshot):
    """What `baton show` prints."""

    from_ledger: bool
    """Temporal or the worker did not answer: this is the last record in the ledger."""


class PrintedStanding(Standing):
    """Where an order stands after a command about it."""

    reference: str
    account: str


class VersionsDocument(BaseModel):
    """The versions of what is installed."""

    baton: str
    python: str
    temporalio: str


class LinkDocument(SourceSnapshot):
    """A pay link with the orders that came of it; `totals` is None where the ledger cannot be read."""

    orders: list[OrderLine]
    totals: SourceTotals | None


class RegisteredWebhook(BaseModel):
    """A new endpoint. `secret` is there only if it was asked for, or could not be saved."""

    account: str
    webhook_id: str
    url: str
    saved_in: str | None
    secrets: int | None
    restart_gateway: bool
    secret: str | None = None
    error: CommandError | None = None


class RemovedWebhook(BaseModel):
    """An endpoint that was disabled."""

    account: str
    webhook_id: str
    removed: bool


class TestedWebhook(BaseModel):
    """What became of a test delivery for each secret."""

    account: str
    url: str
    accepted: bool
    deliveries: list[DeliveryResult]
    error: CommandError | None = None


class AffiliateDocument(Affiliate):
    """An affiliate, and its account."""

    account: str


class ListedAffiliates(BaseModel):
    """An account's affiliates."""

    account: str
    affiliates: list[Affiliate]


class DisabledAffiliate(BaseModel):
    """An affiliate that was disabled."""

    account: str
    affiliate_id: str
    disabled: bool


class AffiliateBalances(BaseModel):
    """What an affiliate earned and claimed, by the asset of its fees."""

    account: str
    affiliate_id: str
    balances: list[BalanceLine]


class AffiliateClaims(BaseModel):
    """An affiliate's claims."""

    account: str
    affiliate_id: str
    claims: list[AffiliateClaim]


class ClaimDocument(ClaimView):
    """A claim of a balance."""


class PolicyTrial(BaseModel):
    """What a ZeroConf policy would decide about past offers; `policy` has the names of the account file."""

    account: str
    policy: dict[str, Any]
    offers: list[Trial]
    totals: Totals


class PrunedLedger(BaseModel):
    """How many ended orders were found and deleted, and how many other rows of theirs."""

    ended_before: datetime
    found: int
    deleted: int
    rows: int


class RebuiltLedger(BaseModel):
    """How many orders were read and rows written; `unread` says of each order why it was not read."""

    read: int
    written: int
    unread: list[str]
    complete: bool


class RowDifference(BaseModel):
    """One row of the ledger that differs from Temporal."""

    workflow_id: str
    kind: DifferenceKind
    message: str
    mended: bool


class CheckedLedger(BaseModel):
    """What a check of the ledger found; `unread` says of each order why it was not read."""

    checked: int
    differences: list[RowDifference]
    unread: list[str]


class CopiedLedger(BaseModel):
    """The copy of a SQLite ledger, and its size."""

    ledger: str
    file: str
    bytes: int


class LedgerSchema(BaseModel):
    """Which schema version the ledger has, and which one this Baton needs; version 0 is no schema."""

    ledger: str
    state: LedgerState
    version: int
    needed: int


class UpgradedLedger(BaseModel):
    """The ledger's schema version before and after an upgrade; a dry run has the SQL instead of the upgrade."""

    ledger: str
    before: int
    version: int
    upgraded: bool
    sql: str | None


class NewToken(BaseModel):
    """A new token of the order API; it is printed only once. `*` stands for all accounts or verbs."""

    name: str
    token: str
    file: str
    accounts: list[str]
    verbs: list[str]


class NewPayloadKey(BaseModel):
    """A new key that encrypts what Temporal stores; it is printed only once."""

    id: str
    entry: str


class PayloadKeyList(BaseModel):
    """The ids of the payload keys, and which one encrypts; None if none does."""

    writing: str | None
    keys: list[str]


class ListedToken(BaseModel):
    """A token of the order API, without its secret."""

    name: str
    accounts: list[str]
    verbs: list[str]


class TokenList(BaseModel):
    """The tokens of a file."""

    file: str
    tokens: list[ListedToken]


class NexusEndpoint(BaseModel):
    """Where a Nexus endpoint leads, and whether that is new."""

    endpoint: str
    namespace: str
    task_queue: str
    changed: bool


class PayerPageDocument(BaseModel):
    """The link to the page that shows a payer an order."""

    reference: str
    account: str
    payer_page: str


class BundleDocument(BaseModel):
    """A bundle for Orchestra's support: the file, what is in it, and the text of the mail."""

    file: str
    contents: list[str]
    mail: str


class RunningStack(BaseModel):
    """The addresses of the local stack."""

    pid: int
    gateway_url: str
    temporal_address: str
    ui_url: str | None
    sandbox_url: str | None
    environment_file: str
    saved_queries: dict[str, str] = {}
    """Links to the saved queries in the Temporal UI, by their titles."""


class DemoOrder(BaseModel):
    """One order of the demo, as it ended. Times in seconds."""

    reference: str | None
    source: str
    route: str
    quote_id: str | None
    order_id: str | None
    proof: dict[str, Any] | None
    reported_by: str
    statuses: list[str]
    outcome: str | None
    expected: str
    seconds: float
    deposit_to_seen: float | None
    deposit_to_submitted: float | None
    error: str | None
    temporal_ui: str | None


class LogLine(TypedDict):
    """One line of a process's log; most lines have more fields."""

    event: str
    level: str
    timestamp: str
    service: str
