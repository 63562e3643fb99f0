"""The bundle of one order: a ZIP file with its ids, timeline, raw records, history and the text of a mail."""

import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from temporalio.client import Client
from temporalio.service import RPCError

from baton.client import BatonClient
from baton.encryption.documents import decrypt_in
from baton.ledger.errors import LedgerError
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DeliveryRow
from baton.orders.answers import Snapshot
from baton.redaction import redacted
from baton.support.documents import shareable, without
from baton.support.mail import mail_about
from baton.support.timeline import as_markdown
from baton.timeline.entries import EntryKind, TimelineEntry
from baton.timeline.gathering import OrderTimelines
from baton.version import __version__

MOST_DELIVERIES = 500
"""How many webhook deliveries of an order are shown."""

_SOURCES = frozenset({"baton", "business", "chain", "operator", "orchestra", "policy", "temporal"})
"""Sources of a timeline that name nobody."""


class SupportBundle(NamedTuple):
    """What a bundle holds.

    Attributes:
        mail: The text of a mail to Orchestra's support.
        files: The text of each file by its name.
    """

    mail: str
    files: dict[str, str]


class Sources(NamedTuple):
    """Where a bundle's parts come from.

    Attributes:
        orders: The client of orders.
        temporal: The Temporal client, for the history.
        ledger: An open ledger; None if it does not answer, and its parts are then left out.
    """

    orders: BatonClient
    temporal: Client
    ledger: Ledger | None


async def gather(sources: Sources, reference: str, account: str) -> SupportBundle:
    """Return the bundle of an order; a part that cannot be read says why in its place.

    Raises:
        OrderUnknown: There is no such order.
        Unreachable: Temporal or its workers did not answer.
    """
    order = await sources.orders.snapshot(reference, account)
    story = await OrderTimelines(sources.temporal, sources.ledger).of(order)
    deliveries = await _recorded(sources.ledger, order.workflow_id)
    now = datetime.now(UTC)
    mail = redacted(mail_about(order, now))
    files = {
        "mail.txt": mail,
        "timeline.md": redacted(as_markdown(_shareable(story.entries))),
        "order.json": _text(order.model_dump(mode="json")),
        "webhooks.json": _text([row.model_dump(mode="json", exclude={"body"}) for row in deliveries]),
        "history.json": _text(await _history(sources.temporal, order)),
        "about.json": _text({"baton": __version__, "made_at": now.isoformat(), "workflow_id": order.workflow_id}),
    }
    private = private_values(order)
    return SupportBundle(without(mail, private), {name: without(text, private) for name, text in files.items()})


def private_values(order: Snapshot) -> list[str]:
    """Return what only the business and its customer may know of an order; other texts may repeat it."""
    payer = [order.payer.id, order.payer.region] if order.payer else []
    return [value for value in (*payer, *order.metadata.values()) if value]


def _shareable(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """Return a timeline without the business's own: its notifications, the notes and the names of its people."""
    return [_without_people(entry) for entry in entries if entry.kind is not EntryKind.NOTIFICATION]


def _without_people(entry: TimelineEntry) -> TimelineEntry:
    source = entry.source if entry.source in _SOURCES else "business"
    detail = "" if entry.kind in (EntryKind.RESOLVED, EntryKind.UPDATE) else entry.detail
    return entry.model_copy(update={"source": source, "detail": detail})


async def _recorded(ledger: Ledger | None, workflow_id: str) -> list[DeliveryRow]:
    if ledger is None:
        return []
    try:
        return await ledger.deliveries(workflow_id, MOST_DELIVERIES)
    except LedgerError:
        return []


async def _history(temporal: Client, order: Snapshot) -> Any:
    try:
        history = await temporal.get_workflow_handle(order.workflow_id).fetch_history()
    except RPCError as error:
        return {"error": f"Temporal did not give the history: {error.message}"}
    document = history.to_json_dict()
    if codec := temporal.data_converter.payload_codec:
        await decrypt_in(document, codec)
    return document


def _text(document: Any) -> str:
    return json.dumps(shareable(document), indent=2, ensure_ascii=False) + "\n"


def write_bundle(bundle: SupportBundle, path: Path) -> None:
    """Write a bundle as a ZIP file.

    Raises:
        OSError: It could not be written.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in bundle.files.items():
            archive.writestr(name, text)
