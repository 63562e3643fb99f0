"""What an order came of, where the business did not place it itself: a reusable address or a pay link."""

from enum import StrEnum

from pydantic import BaseModel


class SourceKind(StrEnum):
    """What makes orders without being an order."""

    ADDRESS = "address"
    """A reusable deposit address: each deposit there is an order."""
    PAYLINK = "paylink"
    """A pay link: each payment through it is an order."""


class OrderSource(BaseModel):
    """The address or the link that an order came of.

    Attributes:
        kind: What it is.
        reference: The business's own reference of it.
        label: Its label at Orchestra.
        metadata: What the business attached to it; every order of it carries this.
    """

    kind: SourceKind
    reference: str
    label: str | None = None
    metadata: dict[str, str] = {}

    @property
    def name(self) -> str:
        """Its name in lists, in the search attribute and in the ledger: `address/REF` or `paylink/REF`."""
        return source_name(self.kind, self.reference)


def source_name(kind: SourceKind, reference: str) -> str:
    """Return the name of a source; a reference has no slash, so it is unique in its account."""
    return f"{kind}/{reference}"


def source_names(text: str) -> list[str]:
    """Return the names that a person may mean: a reference alone may be that of an address or of a link."""
    return [text] if "/" in text else [source_name(kind, text) for kind in SourceKind]
