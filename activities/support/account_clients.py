"""The partner accounts that a worker serves, each with its own client of the partner API.

A call takes the client when it starts and keeps it until it ends. When an account's key, address or timeout changes,
the next call gets a new client, and the old one is closed after its last call. A call that is refused for its key
reads the account again first: if the key has changed, the call is retried under the same idempotency key.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self

from pydantic import BaseModel
from temporalio.exceptions import ApplicationError

from activities.support.failures import UNKNOWN_ACCOUNT, as_application_errors
from activities.support.heartbeats import heartbeating
from baton.accounts.book import AccountBook
from baton.metrics.observers import call_observer
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError, Unauthorized
from baton.settings import PartnerAccount, SettingsError


class AccountChanged(OrchestraError):
    """A call was refused, but the account's access changed meanwhile: the same call may pass now."""


class _Access(NamedTuple):
    base_url: str
    api_key: str
    timeout: float


@dataclass
class _PooledClient:
    access: _Access
    client: OrchestraClient
    calls: int = 0


class AccountClients:
    """The clients of the partner API, one for each account. Use it as an async context manager.

    Args:
        accounts: The accounts by name; an `AccountBook` if they may change.
        serves: Whether this process makes an account's calls; others are left to the account's own queue.
    """

    def __init__(
        self, accounts: Mapping[str, PartnerAccount], *, serves: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._accounts = accounts
        self._serves = serves
        self._current: dict[str, _PooledClient] = {}
        self._retired: list[_PooledClient] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pooled in [*self._current.values(), *self._retired]:
            await pooled.client.aclose()

    def account(self, name: str) -> PartnerAccount:
        """Return an account as the settings have it now.

        Raises:
            ApplicationError: This worker's settings have no such account; retried, because settings can be mended and
                decide nothing about money.
        """
        account = self._accounts.get(name)
        if account is None:
            known = ", ".join(sorted(self._accounts))
            message = f"partner account {name!r} is not in the worker's settings; it knows {known}"
            raise ApplicationError(message, type=UNKNOWN_ACCOUNT)
        return account

    @asynccontextmanager
    async def for_activity(self, name: str, *details: BaseModel) -> AsyncIterator[OrchestraClient]:
        """Yield the account's client; send heartbeats and turn failures into Temporal's while the block runs.

        Args:
            name: The account.
            details: What each heartbeat carries, for the activity's next attempt.

        Raises:
            ApplicationError: A call failed, or there is no such account.
        """
        async with heartbeating(*details):
            with as_application_errors():
                async with self.client(name) as client:
                    yield client

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[OrchestraClient]:
        """Yield the account's client, which stays open until the block ends.

        Raises:
            ApplicationError: This worker's settings have no such account, or it does not make its calls; retried.
            AccountChanged: A call in the block was refused for a key that is no longer the account's.
        """
        if not self._serves(name):
            raise ApplicationError(f"this worker makes no calls of account {name!r}", type=UNKNOWN_ACCOUNT)
        pooled = self._pooled(self.account(name))
        pooled.calls += 1
        try:
            yield pooled.client
        except Unauthorized as error:
            if not self._access_changed(name, pooled.access):
                raise
            message = f"the access of account {name} changed during the call; the call is retried"
            raise AccountChanged("account_changed", message) from error
        finally:
            pooled.calls -= 1
            await self._close_retired()

    def _pooled(self, account: PartnerAccount) -> _PooledClient:
        access, pooled = _access(account), self._current.get(account.name)
        if pooled is None or pooled.access != access:
            if pooled is not None:
                self._retired.append(pooled)
            pooled = _PooledClient(access, new_client(account))
            self._current[account.name] = pooled
        return pooled

    def _access_changed(self, name: str, used: _Access) -> bool:
        if isinstance(self._accounts, AccountBook):
            self._accounts.refresh()
        account = self._accounts.get(name)
        return account is not None and _access(account) != used

    async def _close_retired(self) -> None:
        unused = [pooled for pooled in self._retired if not pooled.calls]
        self._retired = [pooled for pooled in self._retired if pooled.calls]
        for pooled in unused:
            await pooled.client.aclose()


def new_client(account: PartnerAccount) -> OrchestraClient:
    """Return a client with the account's access.

    Raises:
        SettingsError: Its address or key cannot be used; the text never contains the key.
    """
    try:
        return OrchestraClient(
            account.base_url,
            account.api_key.get_secret_value(),
            timeout=account.request_timeout,
            observe=call_observer(account.name),
        )
    except ValueError as error:
        raise SettingsError(f"account {account.name}: {error}") from None


def _access(account: PartnerAccount) -> _Access:
    return _Access(account.base_url, account.api_key.get_secret_value(), account.request_timeout)
