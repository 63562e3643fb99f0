"""Checks of the secrets in the settings: each can be read, from its variable or its file, and used."""

from collections.abc import Callable, Iterator

from baton.accounts.tokens import TokenBook
from baton.encryption.keys import InvalidKeys, PayloadKeys
from baton.health.findings import CheckFinding, ok, problem
from baton.notifications.addresses import networks_of
from baton.notifications.book import load_endpoints
from baton.pages.payer_links import page_tokens
from baton.settings import Settings, SettingsError

CHECK = "settings.secrets"
_EFFECT = "neither worker nor gateway starts; running ones keep the secret that they had"


def check_secrets(settings: Settings) -> Iterator[CheckFinding]:
    """Yield a problem for each secret that cannot be used, or that all of them can."""
    complaints = list(dict.fromkeys(complaint for read in _readers(settings) if (complaint := _complaint(read))))
    if not complaints:
        yield ok(CHECK, "every secret can be read")
    for complaint in complaints:
        yield problem(CHECK, complaint, _EFFECT, "correct the setting or the file it names")


def _readers(settings: Settings) -> list[Callable[[], object]]:
    """Return what reads each secret as the processes read it."""
    endpoints = settings.endpoints_file
    return [
        lambda: TokenBook.of(settings),
        lambda: page_tokens(settings),
        lambda: settings.secret("metrics_token"),
        lambda: settings.ledger,
        PayloadKeys.from_environment,
        lambda: load_endpoints(endpoints, networks_of(settings.notify_networks)) if endpoints else None,
    ]


def _complaint(read: Callable[[], object]) -> str:
    try:
        read()
    except (SettingsError, InvalidKeys) as error:
        return str(error)
    return ""
