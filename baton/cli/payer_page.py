"""The link to an order's payer page, for commands that show an order."""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from baton.orders.answers import Placement, Snapshot
    from baton.settings import Settings

    Shown = TypeVar("Shown", Placement, Snapshot)


def with_payer_page(order: "Shown", settings: "Settings") -> "Shown":
    """Return an order's answer with the link to its payer page, if the settings have a key and a public address.

    Raises:
        SettingsError: The key is too short.
    """
    if not settings.public_url:
        return order
    from baton.pages.payer_links import payer_links, with_page

    return with_page(order, payer_links(settings))
