"""The present status of an order: which observation is believed, and what it changes. Pure.

The present is the newest believed read or the newest webhook that the published table allows; it never depends on the
order in which webhooks arrive.

* Webhooks are ordered among themselves by `updatedAt`, and by the table where the times are equal.
* A webhook whose move the table forbids is a doubt: it is kept, and merged when a late webhook fills the gap that made
  its move forbidden. One without `updatedAt` cannot be ordered. Of two with equal times that the table allows in both
  orders, the later to arrive counts for the moment. One that reports a hard end before the present contradicts it. In
  each case a read settles it.
* A read with the same or a later time is the present. One with an earlier or no time disagrees: one more read, begun
  after everything the order knows, is the present whatever its time.
* A hard end that a read reports is always the present. Nothing follows a hard end.
"""

from enum import Enum, auto
from typing import Any, NamedTuple

from baton.orchestra.bounds import without_documents
from baton.orchestra.lifecycle import EVENTS, INFORMATION_EVENTS, LEGACY_EVENTS, is_hard_end, known, may_follow
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.fees import merge_fee_payouts
from baton.orders.observation import (
    MAX_DOUBTS,
    READS,
    Anomaly,
    AnomalyKind,
    Doubt,
    Observation,
    OrderView,
    Source,
    Transition,
)
from baton.orders.rules.anomalies import with_anomalies, without_anomaly
from baton.orders.rules.timeline import covers, with_transition


class Merged(NamedTuple):
    """The result of one merge.

    Attributes:
        view: The new view; the old one is unchanged.
        moved: The present status changed.
        changed: Anything changed: status, past or fields.
        doubt: The observation is not believed; a status read should settle it.
        unsettled: Time and table do not order the observation against the present; a status read should settle it.
        disagrees: It is a read with another status than the present, and may be older.
    """

    view: OrderView
    moved: bool = False
    changed: bool = False
    doubt: bool = False
    unsettled: bool = False
    disagrees: bool = False


class _Place(Enum):
    """Where an observation belongs."""

    PRESENT = auto()
    SAME = auto()
    """The present status again."""
    PAST = auto()
    AFTER_END = auto()
    FORBIDDEN = auto()
    """A webhook whose move the table forbids."""
    TIED = auto()
    """A webhook of the same time as the present, where the table allows both orders."""
    TIMELESS = auto()
    """A webhook without a time, or with a hard end before the present, or a submit's answer that reports an end."""
    DISAGREES = auto()
    """A read that may have begun before the present."""


def merge(view: OrderView, seen: Observation, *, fresh: bool = False) -> Merged:
    """Merge an observation into the view; merging the same one again changes nothing.

    Args:
        view: What is believed so far.
        seen: The observation.
        fresh: It is a read that began after everything in the view was known.
    """
    if view.order_id and seen.record.id != view.order_id:
        message = f"{seen.record.id} is reported for this order, which is {view.order_id}"
        return _add_anomaly(view, Anomaly(kind=AnomalyKind.OTHER_ORDER, message=message))
    match _place(view, seen, fresh=fresh):
        case _Place.AFTER_END:
            message = f"{seen.status} is reported after the end {view.status}"
            return _add_anomaly(view, Anomaly(kind=AnomalyKind.AFTER_THE_END, message=message))
        case _Place.FORBIDDEN:
            return _add_doubt(view, Doubt(seen=seen, anomaly=_forbidden_move(view, seen)))
        case _Place.TIMELESS:
            return Merged(view, unsettled=True)
        case _Place.DISAGREES:
            return Merged(view, unsettled=True, disagrees=True)
        case place:
            settled = view.model_copy(update={"doubts": []}) if fresh else view
            merged = _settle_doubts(_believe(settled, seen, place))
            tied = place is _Place.TIED
            return Merged(merged, moved=merged.status != view.status, changed=merged != view, unsettled=tied)


def succeeds(view: OrderView, seen: Observation) -> bool:
    """Whether the observation is of the order that replaces this one, because its Bitcoin deposit was replaced."""
    current, new = view.record, seen.record
    if current is None or new.id == current.id:
        return False
    return new.id == current.superseded_by_operation_id or new.recovered_from_operation_id == current.id


def _place(view: OrderView, seen: Observation, *, fresh: bool = False) -> _Place:
    if view.status is None:
        return _Place.PRESENT
    if seen.status == view.status:
        return _Place.PAST if _is_earlier(view, seen) else _Place.SAME
    if is_hard_end(view.status):
        return _Place.PAST if _is_earlier(view, seen) or seen.at == view.at else _Place.AFTER_END
    if seen.source in READS:
        return _place_of_read(view, seen, fresh=fresh)
    return _place_of_webhook(view, seen) if seen.at else _place_without_time(seen)


def _place_of_read(view: OrderView, seen: Observation, *, fresh: bool) -> _Place:
    if fresh or is_hard_end(seen.status) or view.at is None:
        return _Place.PRESENT
    return _Place.PRESENT if seen.at and seen.at >= view.at else _Place.DISAGREES


def _place_of_webhook(view: OrderView, seen: Observation) -> _Place:
    if _is_known(view, seen):
        return _Place.PAST
    if _is_earlier(view, seen):
        # Nothing follows a hard end, so one of the two times is wrong.
        return _Place.TIMELESS if is_hard_end(seen.status) else _Place.PAST
    forward, backward = may_follow(view.status, seen.status), may_follow(seen.status, view.status or "")
    if seen.at == view.at and backward:
        return _Place.TIED if forward else _Place.PAST
    return _Place.PRESENT if forward else _Place.FORBIDDEN


def _place_without_time(seen: Observation) -> _Place:
    """A late answer to a submit brings no news unless it reports an end; a webhook without a time may be news."""
    late_answer = seen.source == Source.SUBMIT and not is_hard_end(seen.status)
    return _Place.PAST if late_answer else _Place.TIMELESS


def _is_earlier(view: OrderView, seen: Observation) -> bool:
    return seen.at is not None and view.at is not None and seen.at < view.at


def _is_known(view: OrderView, seen: Observation) -> bool:
    """Whether this report was merged before: a repeat is no news, even if a read has contradicted the report since."""
    return seen.at is not None and covers(view.transitions, seen.status, seen.at)


def _believe(view: OrderView, seen: Observation, place: _Place) -> OrderView:
    """Return the view with an observation that is believed, as the present or as a part of the past."""
    present = place is not _Place.PAST
    forbidden = present and seen.status != view.status and not may_follow(view.status, seen.status)
    anomalies = [_forbidden_move(view, seen)] if forbidden and view.status is not None else []
    new = Transition(status=seen.status, at=seen.at, source=seen.source)
    changes = {
        "record": _merge_record(view.record, seen.record, present=present),
        "present": seen.status if present else view.status,
        "present_at": max((at for at in (view.at, seen.at) if at), default=None) if present else view.at,
        **with_transition(view, new, moves=present and seen.status != view.status),
    }
    return with_anomalies(view.model_copy(update=changes), [*anomalies, *_oddities(seen)])


def _add_doubt(view: OrderView, doubt: Doubt) -> Merged:
    # Each doubt is kept without its sub-objects, because there may be many; a read brings the sub-objects again.
    seen = doubt.seen.model_copy(update={"record": without_documents(doubt.seen.record)})
    doubt = doubt.model_copy(update={"seen": seen})
    doubts = view.doubts if doubt in view.doubts else [*view.doubts, doubt][-MAX_DOUBTS:]
    changed = _add_anomaly(view, doubt.anomaly).view.model_copy(update={"doubts": doubts})
    return Merged(changed, changed=changed != view, doubt=True)


def _settle_doubts(view: OrderView) -> OrderView:
    """Merge doubted webhooks whose move is no longer forbidden, and drop their anomalies."""
    for doubt in view.doubts:
        place = _place(view, doubt.seen)
        if place in (_Place.PRESENT, _Place.SAME, _Place.PAST):
            others = [other for other in view.doubts if other is not doubt]
            rest = without_anomaly(view.model_copy(update={"doubts": others}), doubt.anomaly)
            return _settle_doubts(_believe(rest, doubt.seen, place))
    return view


def _forbidden_move(view: OrderView, seen: Observation) -> Anomaly:
    message = f"{seen.source} reports {seen.status} after {view.status}, which the published table forbids"
    return Anomaly(kind=AnomalyKind.FORBIDDEN_MOVE, message=message)


def _oddities(seen: Observation) -> list[Anomaly]:
    """Return the anomalies of an observation itself: an unknown status or event, values that were cut."""
    anomalies = []
    if known(seen.record.status) is None:
        message = f"status {seen.record.status} is not in the published list"
        anomalies.append(Anomaly(kind=AnomalyKind.UNKNOWN_STATUS, message=message))
    if seen.event and not (seen.event in EVENTS or seen.event in LEGACY_EVENTS or seen.event in INFORMATION_EVENTS):
        message = f"event {seen.event} is not in the published list"
        anomalies.append(Anomaly(kind=AnomalyKind.UNKNOWN_EVENT, message=message))
    if seen.cut:
        message = f"{seen.source} reports values that are too long; cut: {', '.join(seen.cut)}"
        anomalies.append(Anomaly(kind=AnomalyKind.CUT, message=message))
    return anomalies


def _merge_record(current: OrderRecord | None, new: OrderRecord, *, present: bool) -> OrderRecord:
    """Return the record with each field's newest value; a field that is missing keeps its older value."""
    if current is None:
        return new
    first, second = (new, current) if present else (current, new)
    merged = {**_values(second), **_values(first)}
    times = [at for at in (current.updated_at, new.updated_at) if at]
    payouts = merge_fee_payouts(second.fee_payouts, first.fee_payouts)
    newest = max(times, default=None)
    return current.model_copy(update={**merged, "updated_at": newest, "fee_payouts": payouts})


def _values(record: OrderRecord) -> dict[str, Any]:
    """Return the fields of a record that have a value."""
    return {name: value for name, value in vars(record).items() if value is not None}


def _add_anomaly(view: OrderView, anomaly: Anomaly) -> Merged:
    changed = with_anomalies(view, [anomaly])
    return Merged(changed, changed=len(changed.anomalies) != len(view.anomalies))
