"""The pages about an order, for what people read of it in the Temporal UI."""

from collections.abc import Callable
from urllib.parse import quote

from baton.pages.payer_links import payer_links
from baton.settings import Settings


def order_path(account: str, reference: str) -> str:
    """Return the path of an order's operator page."""
    return f"/ops/orders/{quote(account, safe='')}/{quote(reference, safe='~')}"


def order_pages(settings: Settings) -> Callable[[str], dict[str, str]] | None:
    """Return what makes the addresses of the pages about an order's workflow, by their names.

    Returns:
        A function of the workflow's id; None if the settings have no public address.

    Raises:
        SettingsError: The key of payer pages is too short.
    """
    base, payers = settings.public_url.rstrip("/"), payer_links(settings)
    if not base:
        return None

    def pages(workflow_id: str) -> dict[str, str]:
        _, account, reference = workflow_id.split("/", 2)
        pages = {"operator page": base + order_path(account, reference)}
        return pages | ({"payer page": payers.link(account, reference)} if payers else {})

    return pages
