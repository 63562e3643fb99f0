"""Observations of an order, and how they merge into one view. Pure: no clock, no I/O, no Temporal.

Webhooks come late, twice and in any order; some moves have no webhook; a status read misses what happened before it. So
an order's view is a timeline of statuses sorted by the API's own `updatedAt`, and each observation is merged into it:

* repetitions of a status next to each other in time are one transition;
* an older observation goes into the past and never changes the present;
* nothing follows a hard end;
* a webhook whose move the published table forbids is doubted: it is recorded, and one status read settles it. A status
  read is believed, and a forbidden move is recorded too. A doubted observation is kept and merged when a late webhook
  fills the gap that made its move forbidden.
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
    """The source of an observation."""

    WEBHOOK = "webhook"
    STATUS_READ = "status_read"
    ORDER_OF_QUOTE = "order_of_quote"
    SUBMIT = "submit"


MAX_DOUBTS = 20
"""How many doubted observations an order keeps."""

BELIEVED = frozenset({Source.STATUS_READ, Source.ORDER_OF_QUOTE})
"""Sources that settle a doubt: the API's answers to a read."""


class Observation(BaseModel):
    """What one source reported about an order. Tolerant on purpose: an undecodable signal is lost without trace."""

    model_config = ConfigDict(extra="ignore")

    source: str
    record: OrderRecord
    event: Text = None

    @property
    def at(self) -> datetime | None:
        """When the order changed, by the API's clock; None if the source does not say."""
        return self.record.updated_at

    @property
    def status(self) -> str:
        """The public status; `paused` reads as `processing`."""
        return public(self.record.status)

    @classmethod
    def of_webhook(cls, event: WebhookEvent) -> Self:
        """Return the observation of a verified webhook; without `updatedAt` it takes the webhook's own time."""
        record = event.data
        if record.updated_at is None:
            record = record.model_copy(update={"updated_at": event.timestamp})
        return cls(source=Source.WEBHOOK, event=event.event, record=record)

    @classmethod
    def of_status(cls, answer: OrderStatus) -> Self:
        """Return the observation of a status read."""
        return cls(source=Source.STATUS_READ, record=_with_stages(answer.order, answer.stages))

    @classmethod
    def of_quote(cls, answer: OrderOfQuote) -> Self | None:
        """Return the observation of a read by quote; None while no order exists."""
        if answer.order is None:
            return None
        record = answer.order
        if record.quote_id is None:
            record = record.model_copy(update={"quote_id": answer.quote.id})
        return cls(source=Source.ORDER_OF_QUOTE, record=_with_stages(record, answer.stages))

    @classmethod
    def of_submit(cls, answer: Submitted, quote_id: str) -> Self:
        """Return the observation of a submit's answer, which has an id and a status but no time."""
        return cls(
            source=Source.SUBMIT,
            record=OrderRecord(id=answer.order_id, status=answer.status, quote_id=quote_id),
        )

    def envelope(self) -> dict[str, Any]:
        """Return the compact JSON form that a signal carries."""
        return {"source": self.source, "event": self.event, "record": self.record.wire()}


def _with_stages(record: OrderRecord, stages: list[Stage]) -> OrderRecord:
    return record.model_copy(update={"stages": stages}) if stages else record


def open_envelope(raw: Any) -> Observation | None:
    """Return the observation in a signal's payload; None if it is not one."""
    try:
        return Observation.model_validate(raw)
    except ValidationError:
        return None


class Transition(BaseModel):
    """A status the order was in: its first and last report by the API's clock, and the first source."""

    status: str
    at: TolerantTime = None
    until: TolerantTime = None
    source: str = ""


class AnomalyKind(StrEnum):
    """The ways in which an observation can be odd."""

    FORBIDDEN_MOVE = "forbidden_move"
    AFTER_THE_END = "after_the_end"
    OTHER_ORDER = "other_order"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_EVENT = "unknown_event"
    UNREADABLE = "unreadable"


class Anomaly(BaseModel):
    """Something that the published lifecycle does not explain; kept and shown, never fatal."""

    kind: AnomalyKind
    message: str


class Doubt(BaseModel):
    """An observation that is not believed yet, and why."""

    seen: Observation
    anomaly: Anomaly


class OrderView(BaseModel):
    """What Baton believes about one Orchestra order."""

    record: OrderRecord | None = None
    transitions: list[Transition] = []
    anomalies: list[Anomaly] = []
    doubts: list[Doubt] = []

    @property
    def order_id(self) -> str | None:
        """The order's id; None before an order exists."""
        return self.record.id if self.record else None

    @property
    def status(self) -> str | None:
        """The present public status; None before an order exists."""
        return self.transitions[-1].status if self.transitions else None


class Merged(NamedTuple):
    """The result of one merge.

    Attributes:
        view: The new view; the old one is unchanged.
        moved: The present status changed.
        changed: Anything changed: status, past or fields.
        doubt: The observation was not believed; a status read should settle it.
    """

    view: OrderView
    moved: bool = False
    changed: bool = False
    doubt: bool = False


def merge(view: OrderView, seen: Observation) -> Merged:
    """Merge an observation into the view; merging the same one again changes nothing."""
    if view.order_id and seen.record.id != view.order_id:
        message = f"{seen.record.id} is reported for this order, which is {view.order_id}"
        return _noted(view, Anomaly(kind=AnomalyKind.OTHER_ORDER, message=message))
    objection = _objection(view, seen)
    if objection and objection.kind is AnomalyKind.AFTER_THE_END:
        return _noted(view, objection)
    if objection and seen.source not in BELIEVED:
        return _doubted(view, Doubt(seen=seen, anomaly=objection))
    merged = _reconsidered(_believed(view, seen, objection))
    return Merged(merged, moved=merged.status != view.status, changed=merged != view)


def _believed(view: OrderView, seen: Observation, objection: Anomaly | None) -> OrderView:
    transition = Transition(status=seen.status, at=seen.at, source=seen.source)
    return OrderView(
        record=_merge_record(view.record, seen.record),
        transitions=place_in(view.transitions, transition),
        anomalies=_with(view.anomalies, [objection, *_unknowns(seen)]),
        doubts=view.doubts,
    )


def _doubted(view: OrderView, doubt: Doubt) -> Merged:
    noted = _noted(view, doubt.anomaly)
    doubts = view.doubts if doubt in view.doubts else [*view.doubts, doubt][-MAX_DOUBTS:]
    doubted = noted.view.model_copy(update={"doubts": doubts})
    return Merged(doubted, changed=doubted != view, doubt=True)


def _reconsidered(view: OrderView) -> OrderView:
    """Merge doubted observations whose move is no longer forbidden, and drop their anomalies."""
    for doubt in view.doubts:
        if _objection(view, doubt.seen) is None:
            rest = view.model_copy(
                update={
                    "doubts": [other for other in view.doubts if other is not doubt],
                    "anomalies": [other for other in view.anomalies if other != doubt.anomaly],
                }
            )
            return _reconsidered(_believed(rest, doubt.seen, None))
    return view


def succeeds(view: OrderView, seen: Observation) -> bool:
    """Whether the observation is of the order that replaces this one, because its Bitcoin deposit was replaced."""
    current, new = view.record, seen.record
    if current is None or new.id == current.id:
        return False
    return new.id == current.superseded_by_operation_id or new.recovered_from_operation_id == current.id


def place_in(timeline: list[Transition], new: Transition) -> list[Transition]:
    """Return the timeline with a transition inserted by time; neighbours of the same status become one.

    A status reported before and after another one was there twice, so the other one splits it.
    """
    if new.at is None:
        return timeline if timeline else [new]
    index = _index(timeline, new)
    before, after = timeline[:index], timeline[index:]
    if before and before[-1].status == new.status:
        return [*before[:-1], _stretched(before[-1], new.at), *after]
    if before and before[-1].until and before[-1].until > new.at:
        again = before[-1].model_copy(update={"at": before[-1].until})
        return [*before[:-1], before[-1].model_copy(update={"until": None}), new, again, *after]
    if after and after[0].status == new.status:
        return [*before, _stretched(after[0], new.at), *after[1:]]
    return [*before, new, *after]


def _stretched(transition: Transition, at: datetime) -> Transition:
    first, last = min(transition.at or at, at), max(transition.until or transition.at or at, at)
    return transition.model_copy(update={"at": first, "until": last if last > first else None})


def is_news(status: str | None, updated_at: datetime | None, record: OrderRecord) -> bool:
    """Whether a record has another status or a later time than the known ones."""
    if status is None or public(record.status) != status:
        return True
    return record.updated_at is not None and (updated_at is None or record.updated_at > updated_at)


def _index(timeline: list[Transition], new: Transition) -> int:
    assert new.at is not None
    index = sum(1 for transition in timeline if transition.at is None or transition.at <= new.at)
    while index and timeline[index - 1].at == new.at and _belongs_before(new, timeline[index - 1]):
        index -= 1
    return index


def _belongs_before(new: Transition, other: Transition) -> bool:
    """Decide a tie in time by the table: the new one comes first if only that order is a legal move."""
    return may_follow(new.status, other.status) and not may_follow(other.status, new.status)


def _objection(view: OrderView, seen: Observation) -> Anomaly | None:
    if view.status is None or seen.at is None or _is_past(view, seen) or seen.status == view.status:
        return None
    if is_hard_end(view.status):
        message = f"{seen.status} is reported after the end {view.status}"
        return Anomaly(kind=AnomalyKind.AFTER_THE_END, message=message)
    if not may_follow(view.status, seen.status):
        message = f"{seen.source} reports {seen.status} after {view.status}, which the published table forbids"
        return Anomaly(kind=AnomalyKind.FORBIDDEN_MOVE, message=message)
    return None


def _is_past(view: OrderView, seen: Observation) -> bool:
    transition, present = Transition(status=seen.status, at=seen.at), view.transitions[-1]
    inside = present.until is not None and seen.at is not None and seen.at < present.until
    return inside or _index(view.transitions, transition) < len(view.transitions)


def _unknowns(seen: Observation) -> list[Anomaly]:
    anomalies = []
    if known(seen.record.status) is None:
        message = f"status {seen.record.status} is not in the published list"
        anomalies.append(Anomaly(kind=AnomalyKind.UNKNOWN_STATUS, message=message))
    if seen.event and not (seen.event in EVENTS or seen.event in LEGACY_EVENTS or seen.event in INFORMATION_EVENTS):
        message = f"event {seen.event} is not in the published list"
        anomalies.append(Anomaly(kind=AnomalyKind.UNKNOWN_EVENT, message=message))
    return anomalies


def _merge_record(current: OrderRecord | None, new: OrderRecord) -> OrderRecord:
    """Return the record with each field's newest value; a field that is missing keeps its older value."""
    if current is None:
        return new
    newer = new.updated_at is not None and (current.updated_at is None or new.updated_at >= current.updated_at)
    first, second = (new, current) if newer else (current, new)
    payouts = merge_fee_payouts(second.fee_payouts, first.fee_payouts)
    return current.model_copy(update={**_filled(second), **_filled(first), "fee_payouts": payouts})


def _filled(record: OrderRecord) -> dict[str, Any]:
    return {name: value for name in OrderRecord.model_fields if (value := getattr(record, name)) is not None}


def _with(known: list[Anomaly], more: list[Anomaly | None]) -> list[Anomaly]:
    return known + [anomaly for anomaly in more if anomaly is not None and anomaly not in known]


def _noted(view: OrderView, anomaly: Anomaly) -> Merged:
    anomalies = _with(view.anomalies, [anomaly])
    return Merged(view.model_copy(update={"anomalies": anomalies}), changed=anomalies != view.anomalies)
