"""Opens the Temporal client, for every process.

The SDK's own environment configuration names the server: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`,
`TEMPORAL_TLS_*`, or a profile in `TEMPORAL_CONFIG_FILE`. The default is `localhost:7233`, namespace `default`.
`TEMPORAL_API_KEY_FILE` is Baton's own: a file with the key. Key and certificates are followed while a process runs.
"""

import asyncio
import os
import re
import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import ConnectConfig, GrpcCompression, RPCError, ServiceClient, TLSConfig

from baton.encryption.keys import InvalidKeys, PayloadKeys
from baton.payloads import data_converter, encrypting_converter
from baton.redaction import redacted
from baton.search_attribute_query import may_not_list, search_attribute_objection
from baton.secret_values import SecretValue, one_line
from baton.setting_values import SettingsError
from baton.temporal_connection import RenewableConnection, TemporalLogin
from baton.temporal_reasons import ServerFailure, address_objection, answer_failure, connect_failure, reason_of
from baton.version import __version__

DEFAULT_ADDRESS = "localhost:7233"
CONNECT_TIMEOUT = 15.0
"""Seconds that connecting may take; without it, a server that accepts but never answers would block for ever."""

SEARCH_ATTRIBUTE_TYPES = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}
"""Temporal's number for each type of a search attribute, by the name that its command line takes."""

_IDENTITY = re.compile(r"^baton-\w+ (\S+) ")


class TemporalUnavailable(Exception):
    """The Temporal server, its namespace or its search attributes are missing; the text says what to do."""

    def __init__(self, message: str, remedy: str = "", code: str = "temporal_unavailable") -> None:
        self.code, self.message, self.remedy = code, redacted(message), remedy
        super().__init__(f"{self.message}; {remedy}" if remedy else self.message)


async def connect(
    *,
    lazy: bool = False,
    runtime: Runtime | None = None,
    process: str | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Return a client as the environment configures it, with the pydantic payload converter.

    With keys in `BATON_PAYLOAD_KEYS` or `BATON_PAYLOAD_KEYS_FILE` it encrypts what Temporal stores.

    Args:
        lazy: Connect at the first call instead of now, for a process that must start without the server.
        runtime: A runtime with telemetry; by default that of the process.
        process: What kind of process this is, such as `worker`; Temporal then shows it with its version.
        interceptors: What sees each call of the client, and runs in each worker of it.

    Raises:
        TemporalUnavailable: The server cannot be reached, or the configuration is not valid.
    """
    config = _checked_configuration()
    address = config.setdefault("target_host", DEFAULT_ADDRESS)
    if objection := address_objection(address):
        raise _unavailable(objection)
    identity = _identity(process) if process is not None else ""
    converter = _converter()
    login = _login_of(config)
    login.remember()
    wanted = ConnectConfig(
        address,
        **login._asdict(),
        identity=identity,
        lazy=lazy,
        runtime=runtime,
        grpc_compression=_compression(login),
    )
    return Client(
        RenewableConnection(wanted, await _connected(wanted, config), lambda: _login_of(_configuration())),
        namespace=config.get("namespace", "default"),
        data_converter=converter,
        interceptors=interceptors,
    )


def follow_login(client: Client) -> None:
    """Connect again in the background if the client's key or certificates have changed.

    Each of its own calls does so; a process of workers, whose calls the SDK makes, does it now and then.
    """
    if isinstance(client.service_client, RenewableConnection):
        client.service_client.check_soon()


def _configuration() -> ClientConnectConfig:
    """Return what the environment says now, as the SDK reads it, with the API key of `TEMPORAL_API_KEY_FILE`."""
    name, environment = "TEMPORAL_API_KEY", dict(os.environ)
    if file := environment.get(f"{name}_FILE"):
        key = SecretValue(name, environment.get(name, ""), Path(file), check=partial(one_line, name))
        environment[name] = key.current()
    return ClientConfig.load_client_connect_config(override_env_vars=environment)


def _checked_configuration() -> ClientConnectConfig:
    try:
        return _configuration()
    except SettingsError as error:
        raise TemporalUnavailable(str(error), "correct the variable or the file it names") from None
    except (RuntimeError, OSError) as error:
        message = f"the TEMPORAL_* configuration cannot be read: {reason_of(error)}"
        raise TemporalUnavailable(message, "correct the TEMPORAL_* variables or the file they name") from None


async def _connected(wanted: ConnectConfig, config: ClientConnectConfig) -> ServiceClient:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            return await ServiceClient.connect(wanted)
    except TimeoutError:
        raise TemporalUnavailable(
            f"Temporal at {wanted.target_host} did not answer within {CONNECT_TIMEOUT:g} s",
            "check TEMPORAL_ADDRESS and the server",
        ) from None
    except (RuntimeError, ValueError, RPCError) as error:
        raise _unavailable(_why_not(config, error)) from None


def _login_of(config: ClientConnectConfig) -> TemporalLogin:
    return TemporalLogin(config.get("api_key"), config.get("tls"), config.get("rpc_metadata", {}))


def _compression(login: TemporalLogin) -> GrpcCompression:
    """Return how calls are compressed: not at all without TLS, since such a server is near and has to unpack them."""
    return GrpcCompression.GZIP if login.tls or login.api_key else GrpcCompression.NONE


def _converter() -> DataConverter:
    """Return the converter of every client: an encrypting one if the environment has keys."""
    try:
        keys = PayloadKeys.from_environment()
    except InvalidKeys as error:
        raise TemporalUnavailable(error.message, error.remedy, error.code) from None
    return encrypting_converter(keys) if keys else data_converter


def _why_not(config: ClientConnectConfig, error: Exception) -> ServerFailure:
    """Return why a connection with this configuration failed."""
    tls = config.get("tls")
    own = isinstance(tls, TLSConfig) and bool(tls.client_cert or tls.server_root_ca_cert)
    return connect_failure(
        error, config.get("target_host", DEFAULT_ADDRESS), config.get("namespace", "default"), has_certificate=own
    )


def _unavailable(failure: ServerFailure) -> TemporalUnavailable:
    return TemporalUnavailable(failure.message, failure.remedy, failure.code)


def _identity(process: str) -> str:
    """Return the name that Temporal shows of a process."""
    return f"baton-{process} {__version__} {os.getpid()}@{socket.gethostname()}"


def process_version(identity: str) -> str | None:
    """Return which version of Baton runs in a process, from the name that Temporal shows; None if it is not ours."""
    found = _IDENTITY.match(identity)
    return found[1] if found else None


async def require_namespace(client: Client) -> None:
    """Check that the client's namespace exists.

    Raises:
        TemporalUnavailable: It does not exist, or the server does not answer.
    """
    await namespace_retention(client)


async def namespace_retention(client: Client) -> timedelta:
    """Return how long the client's namespace keeps ended workflows.

    Raises:
        TemporalUnavailable: The namespace does not exist, or the server does not answer.
    """
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        described = await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        raise _unavailable(answer_failure(error, client.namespace)) from None
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def ensure_search_attributes(client: Client, registry: Mapping[str, str]) -> list[str]:
    """Register the search attributes that the namespace lacks; return their names.

    Where the caller may not list them, it checks them with a query and registers none.

    Raises:
        TemporalUnavailable: The server refuses, for instance because an attribute exists with another type.
    """
    try:
        return await _register_missing(client, registry)
    except RPCError as error:
        if may_not_list(error):
            await _require_search_attributes(client, registry)
            return []
        raise TemporalUnavailable(
            f"the search attributes of namespace {client.namespace!r} cannot be registered: "
            f"{reason_of(error).rstrip('.')}. Register them with deploy/temporal/init-namespace.sh."
        ) from None


async def _register_missing(client: Client, registry: Mapping[str, str]) -> list[str]:
    namespace = client.namespace
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    names = [name for name in registry if name not in listed.custom_attributes]
    if names:
        missing = {name: SEARCH_ATTRIBUTE_TYPES[registry[name]] for name in names}
        request = AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
        await client.operator_service.add_search_attributes(request)
    return names


async def _require_search_attributes(client: Client, registry: Mapping[str, str]) -> None:
    try:
        objection = await search_attribute_objection(client, registry)
    except RPCError as error:
        raise _unavailable(answer_failure(error, client.namespace)) from None
    if objection:
        raise TemporalUnavailable(
            f"Temporal lets nobody register search attributes of namespace {client.namespace!r} with these rights, and "
            f"not all are there: {objection}",
            "create them as docs/temporal-cloud.md shows, or with deploy/temporal/init-namespace.sh",
        )
