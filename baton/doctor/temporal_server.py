"""Checks of the Temporal server: reachable, its namespace and retention, and the search attributes."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from baton.health.findings import CheckFinding, ok, problem, warning
from baton.orders.visibility import REGISTRY
from baton.search_attribute_query import may_not_list, search_attribute_objection
from baton.temporal import SEARCH_ATTRIBUTE_TYPES

LEAST_RETENTION = timedelta(hours=34)
"""Orchestra repeats a webhook for up to 33 hours, and one that finds no workflow is nobody's."""

GOOD_RETENTION = timedelta(days=7)
"""Shorter ones make people ask for orders that Temporal has forgotten."""


async def check_server(client: Client) -> AsyncIterator[CheckFinding]:
    """Check the namespace, its retention and its search attributes."""
    try:
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
    except RPCError as error:
        yield _no_namespace(client.namespace, error)
        return
    yield ok("temporal.namespace", f"the namespace {client.namespace} is there")
    yield _retention(client.namespace, described.config.workflow_execution_retention_ttl.ToTimedelta())
    yield await _search_attributes(client)


def _no_namespace(namespace: str, error: RPCError) -> CheckFinding:
    if error.status is RPCStatusCode.NOT_FOUND:
        return problem(
            "temporal.namespace",
            f"Temporal has no namespace {namespace}",
            "no process of Baton starts",
            f"create it with `temporal operator namespace create -n {namespace}`, or set TEMPORAL_NAMESPACE",
        )
    if error.status in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED):
        return problem(
            "temporal.namespace",
            f"Temporal refuses access to the namespace {namespace}: {error.message}",
            "no process of Baton starts",
            "check TEMPORAL_API_KEY or the certificate of TEMPORAL_TLS_CLIENT_CERT_PATH",
        )
    return problem(
        "temporal.namespace",
        f"Temporal does not answer: {error.message}",
        "orders stand still until it does; nothing is lost",
        "look at the server's log",
    )


def _retention(namespace: str, retention: timedelta) -> CheckFinding:
    number = retention / timedelta(days=1)
    days = f"{number:g} day{'' if number == 1 else 's'}"
    remedy = f"`temporal operator namespace update -n {namespace} --retention 30d`"
    if retention < LEAST_RETENTION:
        return problem(
            "temporal.retention",
            f"Temporal forgets an order {days} after its end",
            "a webhook that Orchestra repeats for 33 hours can find no workflow, and a reference can be used twice",
            remedy,
        )
    if retention < GOOD_RETENTION:
        return warning(
            "temporal.retention",
            f"Temporal forgets an order {days} after its end",
            "afterwards it is in the ledger only: its history is gone, and its reference can be placed again",
            remedy,
        )
    return ok("temporal.retention", f"ended orders stay in Temporal for {days}")


async def _search_attributes(client: Client) -> CheckFinding:
    check = "temporal.search_attributes"
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if may_not_list(error):
            return await _asked(client)
        return warning(
            check,
            f"the search attributes cannot be listed: {error.message}",
            "if one is missing, no order can be started",
            "compare them with docs/temporal-ui.md by hand",
        )
    return _compared(client.namespace, {**listed.custom_attributes})


async def _asked(client: Client) -> CheckFinding:
    """Check them where they cannot be listed, as in Temporal Cloud."""
    check = "temporal.search_attributes"
    try:
        objection = await search_attribute_objection(client, REGISTRY)
    except RPCError as error:
        objection = error.message
    if objection is None:
        return ok(check, f"all {len(REGISTRY)} search attributes are registered")
    return problem(
        check,
        f"the search attributes cannot be used: {objection}",
        "no order can be started",
        "create them as docs/temporal-cloud.md shows",
    )


def _compared(namespace: str, found: Mapping[str, int]) -> CheckFinding:
    check = "temporal.search_attributes"
    missing = [name for name in REGISTRY if name not in found]
    wrong = [name for name, kind in REGISTRY.items() if name in found and found[name] != SEARCH_ATTRIBUTE_TYPES[kind]]
    if missing:
        commands = "; ".join(
            f"`temporal operator search-attribute create -n {namespace} --name {name} --type {REGISTRY[name]}`"
            for name in missing
        )
        return problem(
            check,
            f"the namespace lacks {', '.join(missing)}",
            "no order can be started",
            f"start `baton worker`, which registers them, or run {commands}",
        )
    if wrong:
        return problem(
            check,
            f"{', '.join(wrong)} exists with another type",
            "no order can be started",
            "use a namespace of Baton's own, or remove that search attribute and start `baton worker`",
        )
    return ok(check, f"all {len(REGISTRY)} search attributes are registered")
