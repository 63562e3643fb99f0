"""What the business changes about an address or a link after its creation. Pure.

It concerns Baton alone: Orchestra's terms are fixed, and so is the label that Orchestra keeps.
"""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from baton.orders.models import OrderPolicy

MAX_LABEL = 200
"""Characters of a label."""

MAX_METADATA = 20
"""Entries of the metadata; every order of the source carries them."""

Metadata = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=40)],
        Annotated[str, Field(max_length=500)],
    ],
    Field(max_length=MAX_METADATA),
]
"""What the business attaches: up to 20 entries, names up to 40 characters, values up to 500."""


class SourceChange(BaseModel):
    """New values for an address or a link; None leaves one as it is.

    Attributes:
        label: The new label.
        metadata: All entries; those that are not named are gone.
        policy: The whole policy of the orders that are made afterwards.
    """

    label: str | None = Field(default=None, min_length=1, max_length=MAX_LABEL)
    metadata: Metadata | None = None
    policy: OrderPolicy | None = None

    @property
    def given(self) -> dict[str, Any]:
        """The fields that it changes."""
        fields = {"label": self.label, "metadata": self.metadata, "policy": self.policy}
        return {name: value for name, value in fields.items() if value is not None}

    def followed_by(self, later: "SourceChange") -> "SourceChange":
        """Return this change and a later one as one."""
        return self.model_copy(update=later.given)
