"""What the business changes about an address or a link after its creation. Pure.

It concerns Baton alone: Orchestra's terms are fixed, and so is the label that Orchestra keeps.
"""

from typing import Any

from pydantic import BaseModel

from baton.orders.models import OrderPolicy
from baton.orders.texts import Label, Metadata


class SourceChange(BaseModel):
    """New values for an address or a link; None leaves one as it is.

    Attributes:
        label: The new label.
        metadata: All entries; those that are not named are gone.
        policy: The whole policy of the orders that are made afterwards.
    """

    label: str | None = None
    metadata: dict[str, str] | None = None
    policy: OrderPolicy | None = None

    @property
    def given(self) -> dict[str, Any]:
        """The fields that it changes."""
        fields = {"label": self.label, "metadata": self.metadata, "policy": self.policy}
        return {name: value for name, value in fields.items() if value is not None}

    def followed_by(self, later: "SourceChange") -> "SourceChange":
        """Return this change and a later one as one."""
        return self.model_copy(update=later.given)


class SourceChangeDocument(SourceChange):
    """A change as the business writes it: strict, at the edge."""

    label: Label | None = None
    metadata: Metadata | None = None
