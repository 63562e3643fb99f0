"""Which orders a bulk touches: the filters of a list of orders, as a document that can be kept. Pure."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from baton.errors import InvalidArgument
from baton.orders.models import Outcome, Phase
from baton.orders.order_keys import PAYER, metadata_kind
from baton.orders.order_source import source_names

if TYPE_CHECKING:
    from baton.ledger.order_search import OrderFilter

MOST_REFERENCES = 1_000

_ROUTE_ENDS = ("source", "destination")


class OrderChoice(BaseModel):
    """The orders that have all of these values; what is left out does not matter.

    Attributes:
        accounts: Those of these partner accounts.
        references: Those with one of these references.
        attention: Those that need a person (True), or only the others (False), also after their end.
        reason: Those that need a person for this reason.
        route: Those of this route, `base:USDC>spark:BTC`; each part may be left out.
        source: Those that came of this reusable address or pay link: `address/REF`, `paylink/REF`, or `REF`.
    """

    model_config = ConfigDict(extra="forbid")

    accounts: list[str] | None = Field(default=None, max_length=100)
    references: list[str] = Field(default=[], max_length=MOST_REFERENCES)
    phase: Phase | None = None
    status: str | None = Field(default=None, max_length=100)
    outcome: Outcome | None = None
    attention: bool | None = None
    reason: str | None = Field(default=None, max_length=100)
    route: str | None = Field(default=None, max_length=300)
    payer: str | None = Field(default=None, max_length=128)
    metadata: dict[str, str] = Field(default={}, max_length=20)
    source: str | None = Field(default=None, max_length=200)
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None

    @property
    def narrows(self) -> bool:
        """Whether it chooses less than all orders of its accounts."""
        return bool(self.model_dump(exclude={"accounts"}, exclude_defaults=True))

    @property
    def about_attention(self) -> bool:
        """Whether it depends on which ended orders need a person now."""
        return self.attention is not None or self.reason is not None

    def filter(self, attended: Collection[str]) -> "OrderFilter":
        """Return the filter of the ledger.

        Args:
            attended: The ended orders that need a person now.

        Raises:
            InvalidArgument: The route is none.
        """
        # Not at the top: an app that asks for a bulk has no libraries of the ledger.
        from baton.ledger.order_search import OrderFilter

        columns = {name: str(value) for name in ("phase", "status", "outcome") if (value := getattr(self, name))}
        keys = [(metadata_kind(name), value) for name, value in self.metadata.items()]
        return OrderFilter(
            accounts=self.accounts,
            columns=columns | route_columns(self.route),
            references=self.references,
            attention=self.attention,
            reason=self.reason,
            attended=sorted(attended),
            sources=source_names(self.source) if self.source else (),
            keys=[*([(PAYER, self.payer)] if self.payer else []), *keys],
            created_from=self.created_from,
            created_before=self.created_before,
        )


def route_columns(route: str | None) -> dict[str, str]:
    """Return the columns that a route fixes.

    Raises:
        InvalidArgument: It is no route.
    """
    if route is None:
        return {}
    ends = route.split(">")
    if len(ends) != len(_ROUTE_ENDS):
        raise InvalidArgument("route", f"is {route!r}", "write it as base:USDC>spark:BTC, and leave out what may vary")
    columns: dict[str, str] = {}
    for side, end in zip(_ROUTE_ENDS, ends, strict=True):
        chain, _, asset = end.partition(":")
        columns |= {f"{side}_{part}": text for part, text in (("chain", chain), ("asset", asset)) if text}
    return columns
