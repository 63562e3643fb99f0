"""The link to an order's payer page, for the business to send to its payer."""

from datetime import UTC, datetime
from typing import TypeVar

from baton.orders.answers import Placement, Snapshot
from baton.pages.tokens import SHORTEST_KEY, PageOrder, PageTokens
from baton.settings import Settings, SettingsError


class PayerLinks:
    """Makes links.

    Args:
        tokens: Makes the tokens.
        base: The gateway's public address, such as `https://pay.example.com`.
    """

    def __init__(self, tokens: PageTokens, base: str) -> None:
        self._tokens = tokens
        self._base = base.rstrip("/")

    def refresh(self) -> None:
        """Use the keys of now from here on."""
        self._tokens.refresh()

    def link(self, account: str, reference: str) -> str:
        """Return the link to an order's page, good from now for as many days as the settings say."""
        return f"{self._base}/pay/{self._tokens.make(PageOrder(account, reference), datetime.now(UTC))}"


def page_tokens(settings: Settings) -> PageTokens | None:
    """Return what makes and reads the pages' tokens; None without a key, and then there are no pages.

    Raises:
        SettingsError: The key is too short.
    """
    key = settings.secret("page_key", check=refuse_short)
    return PageTokens(key, settings.page_days) if key.is_set else None


def refuse_short(name: str, value: str) -> None:
    """Refuse a page key of which a line could be found by trying.

    Raises:
        SettingsError: A line is too short; the text names the setting.
    """
    if any(len(line.strip()) < SHORTEST_KEY for line in value.splitlines() if line.strip()):
        raise SettingsError(f"{name}: has less than {SHORTEST_KEY} characters; make one: openssl rand -hex 32")


def payer_links(settings: Settings) -> PayerLinks | None:
    """Return what makes links; None if the settings have no key or no public address.

    Raises:
        SettingsError: The key is too short.
    """
    tokens = page_tokens(settings)
    return PayerLinks(tokens, settings.public_url) if tokens and settings.public_url else None


Shown = TypeVar("Shown", Placement, Snapshot)


def with_page(order: Shown, links: PayerLinks | None) -> Shown:
    """Return an order's answer with the link to its payer page, if there are pages and the order can be shown."""
    if links is None:
        return order
    return order.model_copy(update={"payer_page": links.link(order.account, order.reference)})
