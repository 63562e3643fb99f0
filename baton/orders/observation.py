"""What we see of an order, and how several sights become one truth. Pure: no clock, no I/O, no Temporal.

Webhooks come late, twice and in any order; some moves have none; status reads skip what happened between two of them.
So an order is a timeline of statuses sorted by the API's own `updatedAt`, and every observation is merged into it:

* the same status next to itself in time is one transition, however often it is told;
* an older observation takes its place in the past and never turns the present back;
* a hard end absorbs whatever claims to come after it;
* a webhook that claims a move which the published table forbids is not believed: it is recorded, and one status read
  settles it. The status read is believed, and the odd move is recorded as well. What was not believed is kept, and
  taken in when a late webhook fills the gap that made it look odd.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from baton.encoding.amounts import TolerantTime
from baton.orchestra.lifecycle import EVENTS, INFORMATION_EVENTS, LEGACY_EVENTS, is_hard_end, known, may_follow, public
from baton.orchestra.models import OrderOfQuote, OrderRecord, OrderStatus, Stage, Submitted, Text, WebhookEvent
from baton.orchestra.rules.fees import merge_fee_payouts


class Source(StrEnum):
    """Where an observation comes from."""

    WEBHOOK = "webhook"
    STATUS_READ = "status_read"
    ORDER_OF_QUOTE = "order_of_quote"
    SUBMIT = "submit"


MAX_DOUBTS = 20
"""How many observations in doubt are kept for what comes later."""

BELIEVED = frozenset({Source.STATUS_READ, Source.ORDER_OF_QUOTE})
"""Sources that settle a doubt: the API was asked and answered."""


class Observation(BaseModel):
    """One sight of one order. Tolerant on purpose: what cannot be decoded would be lost without trace."""

    model_config = ConfigDict(extra="ignore")

    source: str
    record: OrderRecord
    event: Text = None

    @property
    def at(self) -> datetime | None:
        """Return when the order changed, by the API's clock; None when the source does not say."""
        return self.record.updated_at

    @property
    def status(self) -> str:
        """Return the public status told; `paused` reads as `processing`."""
        return public(self.record.status)

    @classmethod
    def of_webhook(cls, event: WebhookEvent) -> Self:
        """Take what a verified webhook says. Without `updatedAt` its own time stands in."""
        record = event.data
        if record.updated_at is None:
            record = record.model_copy(update={"updated_at": event.timestamp})
        return cls(source=Source.WEBHOOK, event=event.event, record=record)

    @classmethod
    def of_status(cls, answer: OrderStatus) -> Self:
        """Take what a status read says."""
        return cls(source=Source.STATUS_READ, record=_staged(answer.order, answer.stages))

    @classmethod
    def of_quote(cls, answer: OrderOfQuote) -> Self | None:
        """Take what a read by quote says; None while no order exists."""
        if answer.order is None:
            return None
        record = answer.order
        if record.quote_id is None:
            record = record.model_copy(update={"quote_id": answer.quote.id})
        return cls(source=Source.ORDER_OF_QUOTE, record=_staged(record, answer.stages))

    @classmethod
    def of_submit(cls, answer: Submitted, quote_id: str) -> Self:
        """Take what the answer to a submit says: an id and a status, but no time."""
        return cls(
            source=Source.SUBMIT,
            record=OrderRecord(id=answer.order_id, status=answer.status, quote_id=quote_id),
        )

    def envelope(self) -> dict[str, Any]:
        """Return the compact JSON form that travels in a signal."""
        return {"source": self.source, "event": self.event, "record": self.record.wire()}


def _staged(record: OrderRecord, stages: list[Stage]) -> OrderRecord:
    return record.model_copy(update={"stages": stages}) if stages else record


def open_envelope(raw: Any) -> Observation | None:
    """Read an envelope as it came in a signal; None when it is not one."""
    try:
        return Observation.model_validate(raw)
    except ValidationError:
        return None


class Transition(BaseModel):
    """One status the order was in: since when by the API's clock, when it was last told of, and who told us first."""

    status: str
    at: TolerantTime = None
    until: TolerantTime = None
    source: str = ""


class AnomalyKind(StrEnum):
    """What can be odd about an observation."""

    FORBIDDEN_MOVE = "forbidden_move"
    AFTER_THE_END = "after_the_end"
    OTHER_ORDER = "other_order"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_EVENT = "unknown_event"
    UNREADABLE = "unreadable"


class Anomaly(BaseModel):
    """Something that the published life of an order does not explain; kept and shown, never fatal."""

    kind: AnomalyKind
    message: str


class Doubt(BaseModel):
    """An observation that was not believed, and why; what comes later may explain it."""

    seen: Observation
    anomaly: Anomaly


class OrderView(BaseModel):
    """What we hold true of one Orchestra order."""

    record: OrderRecord | None = None
    transitions: list[Transition] = []
    anomalies: list[Anomaly] = []
    doubts: list[Doubt] = []

    @property
    def order_id(self) -> str | None:
        """Return the order's id once an order exists."""
        return self.record.id if self.record else None

    @property
    def status(self) -> str | None:
        """Return the present public status, or None before an order exists."""
        return self.transitions[-1].status if self.transitions else None


class Merged(NamedTuple):
    """The outcome of one merge.

    Attributes:
        view: The new view; the old one is left as it was.
        moved: The present status changed.
        changed: Anything changed: status, past or fields.
        doubt: The observation was not believed; a status read should settle it.
    """

    view: OrderView
    moved: bool = False
    changed: bool = False
    doubt: bool = False


def merge(view: OrderView, seen: Observation) -> Merged:
    """Merge one observation into the view. Merging the same one again changes nothing."""
    if view.order_id and seen.record.id != view.order_id:
        message = f"{seen.record.id} is told for this order, which is {view.order_id}"
        return _noted(view, Anomaly(kind=AnomalyKind.OTHER_ORDER, message=message))
    objection = _objection(view, seen)
    if objection and objection.kind is AnomalyKind.AFTER_THE_END:
        return _noted(view, objection)
    if objection and seen.source not in BELIEVED:
        return _doubted(view, Doubt(seen=seen, anomaly=objection))
    merged = _reconsidered(_taken_in(view, seen, objection))
    return Merged(merged, moved=merged.status != view.status, changed=merged != view)


def _taken_in(view: OrderView, seen: Observation, objection: Anomaly | None) -> OrderView:
    told = Transition(status=seen.status, at=seen.at, source=seen.source)
    return OrderView(
        record=_merge_record(view.record, seen.record),
        transitions=place_in(view.transitions, told),
        anomalies=_with(view.anomalies, [objection, *_unknowns(seen)]),
        doubts=view.doubts,
    )


def _doubted(view: OrderView, doubt: Doubt) -> Merged:
    noted = _noted(view, doubt.anomaly)
    doubts = view.doubts if doubt in view.doubts else [*view.doubts, doubt][-MAX_DOUBTS:]
    held = noted.view.model_copy(update={"doubts": doubts})
    return Merged(held, changed=held != view, doubt=True)


def _reconsidered(view: OrderView) -> OrderView:
    """Take in what was not believed, once a gap has filled that explains it; it is then no anomaly any more."""
    for doubt in view.doubts:
        if _objection(view, doubt.seen) is None:
            rest = view.model_copy(
                update={
                    "doubts": [other for other in view.doubts if other is not doubt],
                    "anomalies": [other for other in view.anomalies if other != doubt.anomaly],
                }
            )
            return _reconsidered(_taken_in(rest, doubt.seen, None))
    return view


def succeeds(view: OrderView, seen: Observation) -> bool:
    """Tell whether the observation is of the order that takes this one's place: its Bitcoin deposit was replaced."""
    held, told = view.record, seen.record
    if held is None or told.id == held.id:
        return False
    return told.id == held.superseded_by_operation_id or told.recovered_from_operation_id == held.id


def place_in(timeline: list[Transition], told: Transition) -> list[Transition]:
    """Return the timeline with the told status in its place by time; a status next to itself is told once.

    A status told of before and after another one was there twice, so the other one splits it.
    """
    if told.at is None:
        return timeline if timeline else [told]
    index = _index(timeline, told)
    before, after = timeline[:index], timeline[index:]
    if before and before[-1].status == told.status:
        return [*before[:-1], _stretched(before[-1], told.at), *after]
    if before and before[-1].until and before[-1].until > told.at:
        again = before[-1].model_copy(update={"at": before[-1].until})
        return [*before[:-1], before[-1].model_copy(update={"until": None}), told, again, *after]
    if after and after[0].status == told.status:
        return [*before, _stretched(after[0], told.at), *after[1:]]
    return [*before, told, *after]


def _stretched(one: Transition, at: datetime) -> Transition:
    first, last = min(one.at or at, at), max(one.until or one.at or at, at)
    return one.model_copy(update={"at": first, "until": last if last > first else None})


def is_news(status: str | None, updated_at: datetime | None, record: OrderRecord) -> bool:
    """Tell whether a record says more than what is known by status and time."""
    if status is None or public(record.status) != status:
        return True
    return record.updated_at is not None and (updated_at is None or record.updated_at > updated_at)


def _index(timeline: list[Transition], told: Transition) -> int:
    assert told.at is not None
    index = sum(1 for known_one in timeline if known_one.at is None or known_one.at <= told.at)
    while index and timeline[index - 1].at == told.at and _belongs_before(told, timeline[index - 1]):
        index -= 1
    return index


def _belongs_before(told: Transition, other: Transition) -> bool:
    """Decide a tie in time by the table: told comes first if only that order is a legal move."""
    return may_follow(told.status, other.status) and not may_follow(other.status, told.status)


def _objection(view: OrderView, seen: Observation) -> Anomaly | None:
    if view.status is None or seen.at is None or _is_past(view, seen) or seen.status == view.status:
        return None
    if is_hard_end(view.status):
        message = f"{seen.status} is told after the end {view.status}"
        return Anomaly(kind=AnomalyKind.AFTER_THE_END, message=message)
    if not may_follow(view.status, seen.status):
        message = f"{seen.source} tells {seen.status} after {view.status}, which the published table forbids"
        return Anomaly(kind=AnomalyKind.FORBIDDEN_MOVE, message=message)
    return None


def _is_past(view: OrderView, seen: Observation) -> bool:
    told, present = Transition(status=seen.status, at=seen.at), view.transitions[-1]
    inside = present.until is not None and seen.at is not None and seen.at < present.until
    return inside or _index(view.transitions, told) < len(view.transitions)


def _unknowns(seen: Observation) -> list[Anomaly]:
    odd = []
    if known(seen.record.status) is None:
        message = f"status {seen.record.status} is not in the published list"
        odd.append(Anomaly(kind=AnomalyKind.UNKNOWN_STATUS, message=message))
    if seen.event and not (seen.event in EVENTS or seen.event in LEGACY_EVENTS or seen.event in INFORMATION_EVENTS):
        message = f"event {seen.event} is not in the published list"
        odd.append(Anomaly(kind=AnomalyKind.UNKNOWN_EVENT, message=message))
    return odd


def _merge_record(held: OrderRecord | None, told: OrderRecord) -> OrderRecord:
    if held is None:
        return told
    newer = told.updated_at is not None and (held.updated_at is None or told.updated_at >= held.updated_at)
    first, second = (told, held) if newer else (held, told)
    payouts = merge_fee_payouts(second.fee_payouts, first.fee_payouts)
    return held.model_copy(update={**_filled(second), **_filled(first), "fee_payouts": payouts})


def _filled(record: OrderRecord) -> dict[str, Any]:
    return {name: value for name in OrderRecord.model_fields if (value := getattr(record, name)) is not None}


def _with(held: list[Anomaly], more: list[Anomaly | None]) -> list[Anomaly]:
    return held + [one for one in more if one is not None and one not in held]


def _noted(view: OrderView, anomaly: Anomaly) -> Merged:
    anomalies = _with(view.anomalies, [anomaly])
    return Merged(view.model_copy(update={"anomalies": anomalies}), changed=anomalies != view.anomalies)
