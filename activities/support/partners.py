"""The partner accounts that a worker serves, as they stand now, each with a client of its own.

A call takes the client at its start and keeps it to its end. When an account's key, address or time-out changes, the
next call gets a new client, and the old one is closed when its last call is over. A call that is refused for its key
looks at the account again first: with a new key it is tried again instead of refused, under the same idempotency key.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self

from activities.support.failures import UNKNOWN_ACCOUNT, as_application_errors, refused
from activities.support.heartbeats import heartbeating
from baton.accounts.book import AccountBook
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError, Unauthorized
from baton.orders.messages import Refusal
from baton.settings import PartnerAccount, SettingsError


class AccountChanged(OrchestraError):
    """The account's access changed while a call was under way that was refused: the same call may pass now."""


class _Terms(NamedTuple):
    base_url: str
    api_key: str
    timeout: float


@dataclass
class _Held:
    terms: _Terms
    client: OrchestraClient
    calls: int = 0


class Partners:
    """Gives each call its account's client. Use it as an async context manager.

    Args:
        accounts: The accounts by name; an `AccountBook` where they may change.
    """

    def __init__(self, accounts: Mapping[str, PartnerAccount]) -> None:
        self._accounts = accounts
        self._held: dict[str, _Held] = {}
        self._retired: list[_Held] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for held in [*self._held.values(), *self._retired]:
            await held.client.aclose()

    def account(self, name: str) -> PartnerAccount:
        """Return an account as it stands now.

        Raises:
            ApplicationError: This worker's settings hold no such account; not retried.
        """
        account = self._accounts.get(name)
        if account is None:
            known = ", ".join(sorted(self._accounts))
            message = f"partner account {name!r} is not in the worker's settings; it knows {known}"
            raise refused(Refusal(code=UNKNOWN_ACCOUNT, message=message))
        return account

    @asynccontextmanager
    async def calling(self, name: str) -> AsyncIterator[OrchestraClient]:
        """Give an activity its client, with signs of life during the calls and their failures told to Temporal.

        Raises:
            ApplicationError: A call failed, or there is no such account.
        """
        async with heartbeating():
            with as_application_errors():
                async with self.client(name) as client:
                    yield client

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[OrchestraClient]:
        """Give the account's client, which stays open until the block ends.

        Raises:
            ApplicationError: This worker's settings hold no such account; not retried.
            AccountChanged: A call in the block was refused for a key that is no longer the account's.
        """
        held = self._current(self.account(name))
        held.calls += 1
        try:
            yield held.client
        except Unauthorized as error:
            if not self._changed(name, held.terms):
                raise
            message = f"the access of account {name} changed during the call, which is made again"
            raise AccountChanged("account_changed", message) from error
        finally:
            held.calls -= 1
            await self._close_idle()

    def _current(self, account: PartnerAccount) -> _Held:
        terms, held = _terms(account), self._held.get(account.name)
        if held is None or held.terms != terms:
            if held is not None:
                self._retired.append(held)
            held = _Held(terms, new_client(account))
            self._held[account.name] = held
        return held

    def _changed(self, name: str, used: _Terms) -> bool:
        if isinstance(self._accounts, AccountBook):
            self._accounts.refresh()
        account = self._accounts.get(name)
        return account is not None and _terms(account) != used

    async def _close_idle(self) -> None:
        idle = [held for held in self._retired if not held.calls]
        self._retired = [held for held in self._retired if held.calls]
        for held in idle:
            await held.client.aclose()


def new_client(account: PartnerAccount) -> OrchestraClient:
    """Return a client with the account's access.

    Raises:
        SettingsError: Its address or key cannot be used; the text never holds the key.
    """
    try:
        return OrchestraClient(account.base_url, account.api_key.get_secret_value(), timeout=account.request_timeout)
    except ValueError as error:
        raise SettingsError(f"account {account.name}: {error}") from None


def _terms(account: PartnerAccount) -> _Terms:
    return _Terms(account.base_url, account.api_key.get_secret_value(), account.request_timeout)
