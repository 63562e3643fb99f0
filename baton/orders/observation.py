"""Observations of an order, and the view that they are merged into. Pure: no clock, no I/O, no Temporal.

An observation is what one source reported: a webhook, a status read, the answer to a submit. `rules.present` merges it
into the order's view, where the present status is one field and the timeline is for people.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from baton.encoding.amounts import TolerantTime
from baton.orchestra.bounds import MAX_STATUS, bounded
from baton.orchestra.lifecycle import public
from baton.orchestra.models import OrderOfQuote, OrderRecord, OrderStatus, Stage, Submitted, Text, WebhookEvent


class Source(StrEnum):
    """The source of an observation."""

    WEBHOOK = "webhook"
    STATUS_READ = "status_read"
    ORDER_OF_QUOTE = "order_of_quote"
    SUBMIT = "submit"


MAX_DOUBTS = 20
"""How many doubted observations an order keeps."""

READS = frozenset({Source.STATUS_READ, Source.ORDER_OF_QUOTE})
"""The sources that are answers to a read."""


def _time_of_seconds(value: Any) -> Any:
    """Return the time that a number of seconds since the epoch stands for; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


class Observation(BaseModel):
    """What one source reported about an order. Tolerant on purpose: an undecodable signal is lost without trace."""

    model_config = ConfigDict(extra="ignore")

    source: str
    record: OrderRecord
    event: Text = None
    cut: list[str] = []
    """Fields of the record that were longer than an order can carry, and were cut."""
    received_at: Annotated[TolerantTime, BeforeValidator(_time_of_seconds)] = None
    """When it reached Baton; None if the process that received it did not say."""
    basis: int | None = Field(default=None, exclude=True)
    """For a read: `OrderState.observed` when it began. Never part of an envelope."""

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        record, cut = bounded(self.record)
        if self.event and len(self.event) > MAX_STATUS:
            self.event, cut = self.event[:MAX_STATUS], [*cut, "event"]
        if cut:
            self.record, self.cut = record, sorted({*self.cut, *cut})
        return self

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
        """Return the observation of a verified webhook.

        The time at which the webhook was sent never replaces a missing `updatedAt`: a retry may be sent after later
        changes of the order.
        """
        return cls(source=Source.WEBHOOK, event=event.event, record=event.data)

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
        envelope = {"source": self.source, "event": self.event, "record": self.record.wire()}
        return {**envelope, "cut": self.cut} if self.cut else envelope


def _with_stages(record: OrderRecord, stages: list[Stage]) -> OrderRecord:
    return record.model_copy(update={"stages": stages}) if stages else record


def open_envelope(raw: Any) -> Observation | None:
    """Return the observation in a signal's payload; None if it is not one."""
    try:
        observation = Observation.model_validate(raw)
    except ValidationError:
        return None
    observation.basis = None
    return observation


class Transition(BaseModel):
    """A status the order was in: its first and last report by the API's clock, and the first source."""

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
    CUT = "cut"
    """A value was longer than an order can carry."""


class Anomaly(BaseModel):
    """Something that the published lifecycle does not explain; kept and shown, never fatal."""

    kind: AnomalyKind
    message: str


class Doubt(BaseModel):
    """An observation that is not believed yet, and why."""

    seen: Observation
    anomaly: Anomaly


class OrderView(BaseModel):
    """What Baton believes about one Orchestra order.

    The present status is `present` alone; `record.status` is the same as Orchestra spells it, and the timeline of
    transitions is for people.
    """

    record: OrderRecord | None = None
    present: str | None = None
    present_at: TolerantTime = None
    """The newest `updatedAt` at which the present was reported."""
    transitions: list[Transition] = []
    """The newest ones, at most `rules.timeline.MAX_TRANSITIONS`."""
    transitions_left_out: int = 0
    left_out_until: TolerantTime = None
    """The time of the newest transition that was left out; whatever is older is left out, too."""
    left_out_statuses: dict[str, int] = {}
    """How often each status is among the transitions that were left out; see `rules.timeline.MAX_STATUSES`."""
    anomalies: list[Anomaly] = []
    anomalies_left_out: int = 0
    doubts: list[Doubt] = []

    @property
    def transition_count(self) -> int:
        """How many transitions there were, with those left out."""
        return len(self.transitions) + self.transitions_left_out

    def of_next_order(self) -> "OrderView":
        """Return the view for an order that replaces this one: its timeline starts empty."""
        return OrderView(anomalies=self.anomalies, anomalies_left_out=self.anomalies_left_out)

    @property
    def order_id(self) -> str | None:
        """The order's id; None before an order exists."""
        return self.record.id if self.record else None

    @property
    def status(self) -> str | None:
        """The present public status; None before an order exists."""
        # A state from an older version has only the timeline.
        return self.present or (self.transitions[-1].status if self.transitions else None)

    @property
    def at(self) -> datetime | None:
        """When the present status was last reported, by the API's clock; None if no source said."""
        if self.present or not self.transitions:
            return self.present_at
        return self.transitions[-1].until or self.transitions[-1].at


def is_news(status: str | None, updated_at: datetime | None, record: OrderRecord) -> bool:
    """Whether a record has another status or a later time than the known ones."""
    if status is None or public(record.status) != status:
        return True
    return record.updated_at is not None and (updated_at is None or record.updated_at > updated_at)
