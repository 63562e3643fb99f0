"""The connection of a Temporal client, made again when its API key, certificates or headers change.

The SDK cannot change the certificates of a connected client. So a second connection is made with the new ones, and only
once the server has accepted it does it replace the first one, below the client that everybody keeps. If the server or
the files refuse, the first one stays, and the next check tries again. Calls that are under way end on the first one.

A busy server may say for a moment that it has no such namespace, though it has served it before. Callers would take
that for a workflow that does not exist, so the call is repeated for some seconds.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from google.protobuf.message import Message
from temporalio.service import ConnectConfig, RPCError, ServiceClient, ServiceResponse, TLSConfig

from baton.redaction import redacted, remember
from baton.setting_values import SettingsError
from baton.stale_settings import mark_current, mark_stale
from baton.temporal_reasons import lacks_namespace

CHECK_INTERVAL = 2.0
"""Seconds between two checks of the configuration and its files."""
PATIENCE = 15.0
"""Seconds that a new connection may take."""
PAUSES = (0.1, 0.4, 1.0, 2.0)
"""Seconds between the tries of a call for which the server no longer has the namespace."""
SETTING = "TEMPORAL_*"
"""The name of the configuration in the log and among the settings that stay as they were."""

_log = logging.getLogger(__name__)


class TemporalLogin(NamedTuple):
    """What the server is shown: it may change while a process runs; address and namespace may not."""

    api_key: str | None
    tls: bool | TLSConfig | None
    rpc_metadata: Mapping[str, str | bytes]

    def remember(self) -> None:
        """Keep it out of logs and errors."""
        headers = (value if isinstance(value, str) else value.decode("latin-1") for value in self.rpc_metadata.values())
        remember(self.api_key or "", *headers)
        if isinstance(self.tls, TLSConfig) and self.tls.client_private_key:
            lines = self.tls.client_private_key.decode("latin-1").splitlines()
            remember(*(line for line in lines if "-----" not in line))


class RenewableConnection(ServiceClient):
    """A connection that follows its configuration.

    Args:
        config: How to connect.
        connection: The connection, made with it.
        read_login: Returns what the configuration says now; raises `SettingsError`, `RuntimeError` or `OSError`.
    """

    def __init__(
        self, config: ConnectConfig, connection: ServiceClient, read_login: Callable[[], TemporalLogin]
    ) -> None:
        super().__init__(config)
        self._connection = connection
        self._read_login = read_login
        self._login = TemporalLogin(config.api_key, config.tls, config.rpc_metadata)
        self._checked_at = time.monotonic()
        self._check: asyncio.Task[None] | None = None
        self._has_served = False

    @property
    def worker_service_client(self) -> ServiceClient:  # type: ignore[override]  # the SDK's class for it is private
        """The connection of now, for workers."""
        return self._connection.worker_service_client

    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        """Change the headers of the connection."""
        self._connection.update_rpc_metadata(metadata)

    def update_api_key(self, api_key: str | None) -> None:
        """Change the API key of the connection."""
        self._connection.update_api_key(api_key)

    def check_soon(self) -> None:
        """Compare the configuration with its files in the background, unless that was done a moment ago."""
        is_due = time.monotonic() >= self._checked_at + CHECK_INTERVAL
        if is_due and (self._check is None or self._check.done()):
            self._checked_at = time.monotonic()
            self._check = asyncio.create_task(self.renew_if_changed())

    async def renew_if_changed(self) -> None:
        """Connect again if the configuration differs from that of the connection; keep the connection if that fails."""
        try:
            login = await asyncio.to_thread(self._read_login)
            if login != self._login:
                await self._renew(login)
        except (SettingsError, RuntimeError, ValueError, OSError, RPCError, TimeoutError) as error:
            reason = redacted(str(error)) or f"no answer within {PATIENCE:g} s"
            if mark_stale(SETTING, reason):
                _log.error("the connection to Temporal stays as it was: %s", reason)
            return
        mark_current(SETTING)

    async def _renew(self, login: TemporalLogin) -> None:
        login.remember()
        config = replace(self.config, api_key=login.api_key, tls=login.tls, rpc_metadata=login.rpc_metadata, lazy=False)
        async with asyncio.timeout(PATIENCE):
            connection = await ServiceClient.connect(config)
        self._connection, self._login, self.config = connection, login, config
        _log.info("connected to Temporal with its new key or certificates")

    async def _rpc_call(
        self,
        rpc: str,
        req: Message,
        resp_type: type[ServiceResponse],
        *,
        service: str,
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: timedelta | None,  # noqa: ASYNC109 - the SDK's signature
    ) -> ServiceResponse:
        self.check_soon()

        async def call() -> ServiceResponse:
            return await self._connection._rpc_call(
                rpc, req, resp_type, service=service, retry=retry, metadata=metadata, timeout=timeout
            )

        response = await (self._patiently(call) if retry else call())
        self._has_served = True
        return response

    async def _patiently(self, call: Callable[[], Awaitable[ServiceResponse]]) -> ServiceResponse:
        """Make a call, again while a server that has served the namespace says that it does not have it."""
        for pause in PAUSES if self._has_served else ():
            try:
                return await call()
            except RPCError as error:
                if not lacks_namespace(error):
                    raise
            await asyncio.sleep(pause)
        return await call()
