"""What the client raises: each error has a stable code, a message and a remedy. Imports nothing that loads slowly."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from baton.redaction import redacted

if TYPE_CHECKING:
    from baton.orders.answers import Standing


CORRECT_IT = "correct it and place the order again"
"""The remedy of a document error that names no other."""


class FieldFault(NamedTuple):
    """A field that cannot be used, by its name in the document, and why."""

    field: str
    message: str


class BatonError(Exception):
    """Base of what the client raises; its text is one sentence with the remedy.

    Attributes:
        code: A stable name of the cause.
        message: What happened.
        remedy: What to do about it; empty if the message needs none.
        fields: The fields that are wrong or differ, where it is about fields.
    """

    fields: Sequence[FieldFault] = ()

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        message = redacted(message)
        super().__init__(code, message, remedy)
        self.code = code
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        if not self.remedy:
            return self.message
        return f"{self.message}{' ' if self.message.endswith('.') else '; '}{self.remedy}"


class DocumentError(BatonError, ValueError):
    """The order document cannot be used; the text names the fields and the remedy.

    Args:
        text: What is wrong, and after a semicolon the remedy.
        remedy: The remedy, if the text holds none.
        fields: The wrong fields.
    """

    def __init__(self, text: str, remedy: str | None = None, fields: Sequence[FieldFault] = ()) -> None:
        message, _, found = (text, "", remedy) if remedy else text.partition("; ")
        super().__init__("invalid_order", message, found or CORRECT_IT)
        self.args = (text, remedy, fields)
        self.fields = fields


class InvalidArgument(BatonError, ValueError):
    """An argument of a call cannot be used; the text names it and what it can be. Nothing was sent."""

    def __init__(self, argument: str, complaint: str, remedy: str) -> None:
        super().__init__("invalid_argument", f"{argument}: {complaint}", remedy)
        self.args = (argument, complaint, remedy)
        self.fields = [FieldFault(argument, complaint)]


class AccountUnknown(BatonError):
    """The gateway's settings have no partner account of that name."""

    def __init__(self, name: str) -> None:
        message = f"the gateway's settings have no partner account {name[:64]!r}"
        super().__init__("unknown_account", message, "check the name, or add the account to the partners file")
        self.args = (name,)
        self.fields = [FieldFault("account", message)]


class OrderRefused(BatonError):
    """The order cannot do what was asked: wrong state, wrong proof, a reference already taken, nothing to pay.

    Attributes:
        standing: Where the order stands; None if that is not known.
    """

    def __init__(self, code: str, message: str, remedy: str = "", standing: "Standing | None" = None) -> None:
        super().__init__(code, message, remedy)
        self.args = (code, message, remedy, standing)
        self.standing = standing


class OrderUnknown(BatonError):
    """No order has that reference."""


class SourceRefused(BatonError):
    """A reusable address or a pay link is refused by Orchestra, or closed, or its reference is taken."""


class SourceUnknown(BatonError):
    """No reusable address or pay link has that reference."""


class AffiliateRefused(BatonError):
    """Orchestra refuses to register an affiliate or to pay out its balance; the code is Orchestra's own."""


class HoldRefused(BatonError):
    """A hold cannot be placed, or is released already."""


class HoldUnknown(BatonError):
    """There is no hold with that id."""


class Unreachable(BatonError):
    """Temporal or its workers did not answer. The request may still be carried out; repeating it is safe."""
