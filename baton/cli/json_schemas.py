"""The JSON schemas of what the commands print with `--json`: `python -m baton.cli.json_schemas docs/schemas`.

One file for each command, named after it. Where a command prints several lines, each is one document.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from baton.affiliates.messages import AffiliateReport
from baton.batch.runner import RowResult
from baton.bulk.status import BulkStatus
from baton.cli import bulk_documents as bulks
from baton.cli import json_documents as documents
from baton.cli import notification_documents as notifications
from baton.health.findings import CheckFinding
from baton.health.report import HealthReport
from baton.holds.models import HoldAnswer, HoldList, HoldRelease
from baton.ledger.act_rows import ActRow
from baton.ledger.bulk_rows import BulkOrderRow
from baton.notifications.admin import EndpointLine
from baton.orchestra.calls.webhooks import WebhookEndpoint
from baton.orchestra.rules.limits import RouteLimits
from baton.orchestra.rules.route_pairs import RouteLine
from baton.orders.adoption import Adoption
from baton.orders.answers import Snapshot
from baton.orders.price import EstimateDocument
from baton.orders.visibility import OrderLine
from baton.reconciliation.bookkeeping import BookEntry
from baton.reconciliation.messages import ReconcileReport
from baton.reconciliation.reconciled_order import ReconciledOrder
from baton.rehearsal.report import Rehearsal
from baton.sizing import SizeDocument
from baton.sources.answers import SourceSnapshot
from baton.sources.visibility import SourceLine

PRINTED: dict[str, Any] = {
    "acts": ActRow,
    "address create": SourceSnapshot,
    "address deposits": OrderLine,
    "address disable": SourceSnapshot,
    "address enable": SourceSnapshot,
    "address update": SourceSnapshot,
    "address list": SourceLine,
    "address refund": documents.PrintedStanding,
    "address resolve": SourceSnapshot,
    "address show": SourceSnapshot,
    "adopt": Adoption,
    "affiliate balance": documents.AffiliateBalances,
    "affiliate claim": documents.ClaimDocument,
    "affiliate claims": documents.AffiliateClaims,
    "affiliate disable": documents.DisabledAffiliate,
    "affiliate list": documents.ListedAffiliates,
    "affiliate register": documents.AffiliateDocument,
    "affiliate report": AffiliateReport,
    "bulk cancel": bulks.BulkLine,
    "bulk close": bulks.BulkLine,
    "bulk decide": bulks.BulkLine,
    "bulk list": BulkStatus,
    "bulk redeliver": bulks.BulkLine,
    "bulk refresh": bulks.BulkLine,
    "bulk resolve": bulks.BulkLine,
    "bulk results": BulkOrderRow,
    "bulk resume": BulkOrderRow,
    "bulk status": BulkStatus,
    "bulk stop": BulkStatus,
    "bundle": documents.BundleDocument,
    "cancel": documents.PrintedStanding,
    "close": documents.PrintedStanding,
    "decide": documents.PrintedStanding,
    "deliveries list": notifications.ListedDeliveries,
    "deliveries redeliver": notifications.Redelivered,
    "deliveries show": notifications.ShownDelivery,
    "demo": documents.DemoOrder,
    "deposit": documents.PrintedStanding,
    "doctor": CheckFinding,
    "endpoint create": notifications.ShownSecret,
    "endpoint disable": EndpointLine,
    "endpoint enable": EndpointLine,
    "endpoint list": notifications.ListedEndpoints,
    "endpoint remove": notifications.RemovedEndpoint,
    "endpoint rotate": notifications.ShownSecret,
    "endpoint secret": notifications.NewSecret,
    "endpoint show": EndpointLine,
    "endpoint test": notifications.TestedEndpoint,
    "endpoint update": EndpointLine,
    "estimate": EstimateDocument,
    "export": BookEntry,
    "gateway": documents.LogLine,
    "health": HealthReport,
    "hold": HoldAnswer,
    "holds": HoldList,
    "ledger backup": documents.CopiedLedger,
    "ledger check": documents.CheckedLedger,
    "ledger prune": documents.PrunedLedger,
    "ledger rebuild": documents.RebuiltLedger,
    "ledger upgrade": documents.UpgradedLedger,
    "ledger version": documents.LedgerSchema,
    "limits": RouteLimits,
    "list": OrderLine,
    "listen": notifications.RelayedEvent,
    "nexus endpoint": documents.NexusEndpoint,
    "pay-page": documents.PayerPageDocument,
    "paylink create": SourceSnapshot,
    "paylink disable": SourceSnapshot,
    "paylink update": SourceSnapshot,
    "paylink list": SourceLine,
    "paylink orders": OrderLine,
    "paylink resolve": SourceSnapshot,
    "paylink show": documents.LinkDocument,
    "policy try": documents.PolicyTrial,
    "reconcile": ReconciledOrder | ReconcileReport,
    "refresh": documents.PrintedStanding,
    "release": HoldRelease,
    "reprice": documents.PrintedStanding,
    "rehearse": Rehearsal,
    "resolve": documents.PrintedStanding,
    "routes": RouteLine,
    "show": documents.ShownOrder,
    "size": SizeDocument,
    "start": documents.PlacementDocument | RowResult,
    "payload-key list": documents.PayloadKeyList,
    "payload-key new": documents.NewPayloadKey,
    "token list": documents.TokenList,
    "token new": documents.NewToken,
    "up": documents.RunningStack,
    "version": documents.VersionsDocument,
    "watch": Snapshot,
    "webhook list": WebhookEndpoint,
    "webhook register": documents.RegisteredWebhook,
    "webhook remove": documents.RemovedWebhook,
    "webhook test": documents.TestedWebhook,
    "worker": documents.LogLine,
}
"""Command to the type of one document that it prints. `start --watch` prints a placement, then what `watch` prints."""

_NAMES = {"in_": "in"}
"""Names of fields in Python to those that are printed, where a keyword forbids these."""


def file_name(command: str) -> str:
    """Return the name of a command's schema."""
    return f"{command.replace(' ', '-')}.json"


def schema_of(command: str) -> dict[str, Any]:
    """Return the schema of one document of a command: its result, or an error."""
    printed = TypeAdapter(PRINTED[command] | documents.ErrorDocument)
    # Commands print the names of the fields, not the partner API's.
    schema = _renamed(printed.json_schema(mode="serialization", by_alias=False))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"baton {command} --json",
        **schema,
    }


def _renamed(schema: Any) -> Any:
    """Return a schema in which a field that Python cannot name has the name that is printed."""
    if isinstance(schema, list):
        return [_renamed(part) for part in schema]
    if not isinstance(schema, dict):
        return _NAMES.get(schema, schema) if isinstance(schema, str) else schema
    return {_NAMES.get(name, name): _renamed(part) for name, part in schema.items()}


def write_schemas(folder: Path) -> list[Path]:
    """Write the schema of every command into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for command in PRINTED:
        file = folder / file_name(command)
        file.write_text(json.dumps(schema_of(command), indent=2, ensure_ascii=False, sort_keys=True) + "\n")
        files.append(file)
    return files


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schemas"))
