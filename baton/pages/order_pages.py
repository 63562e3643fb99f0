"""The pages about an order, for what people read of it in the Temporal UI."""

from urllib.parse import quote

from baton.pages.payer_links import PayerLinks, payer_links
from baton.settings import Settings


def order_path(account: str, reference: str) -> str:
    """Return the path of an order's operator page."""
    return f"/ops/orders/{quote(account, safe='')}/{quote(reference, safe='~')}"


class OrderPages:
    """Makes the addresses of the pages about an order's workflow.

    Args:
        base: The gateway's public address.
        payers: Makes the links to payer pages, if there are any.
    """

    def __init__(self, base: str, payers: PayerLinks | None) -> None:
        self._base = base.rstrip("/")
        self._payers = payers

    def refresh(self) -> None:
        """Use the keys of now from here on."""
        if self._payers:
            self._payers.refresh()

    def __call__(self, workflow_id: str) -> dict[str, str]:
        """Return the addresses by the pages' names."""
        _, account, reference = workflow_id.split("/", 2)
        pages = {"operator page": self._base + order_path(account, reference)}
        return pages | ({"payer page": self._payers.link(account, reference)} if self._payers else {})


def order_pages(settings: Settings) -> OrderPages | None:
    """Return what makes the addresses of the pages about an order; None if the settings have no public address.

    Raises:
        SettingsError: The key of payer pages is too short.
    """
    return OrderPages(settings.public_url, payer_links(settings)) if settings.public_url else None
