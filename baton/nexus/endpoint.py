"""The Nexus endpoint: the name by which workflows of other namespaces reach Baton, wherever its workers are."""

from temporalio.api.nexus.v1 import Endpoint, EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import (
    CreateNexusEndpointRequest,
    ListNexusEndpointsRequest,
    UpdateNexusEndpointRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from baton.orders.names import WORKFLOW_QUEUE
from baton.payloads import data_converter
from baton.temporal import TemporalUnavailable

_DESCRIPTION = "Orders of Flashnet Orchestra, each a durable workflow: service `baton`, see Baton's docs/nexus.md."
"""What the Temporal UI shows of the endpoint."""


class EndpointTaken(Exception):
    """The endpoint's name leads somewhere else; the text says where."""


async def ensure_endpoint(client: Client, name: str, *, replace: bool = False) -> bool:
    """Create the endpoint, unless it leads to this namespace already; return whether anything was changed.

    Args:
        client: A client of the namespace in which Baton's workers run.
        name: The endpoint's name, unique in the whole server.
        replace: Whether to turn an endpoint that leads elsewhere to this namespace.

    Raises:
        EndpointTaken: It leads elsewhere, and is not to be replaced.
        TemporalUnavailable: The server refuses, or does not answer.
    """
    [description] = data_converter.payload_converter.to_payloads([_DESCRIPTION])
    spec = EndpointSpec(name=name, description=description, target=_target(client.namespace))
    try:
        found = await _find(client, name)
        if found is None:
            await client.operator_service.create_nexus_endpoint(CreateNexusEndpointRequest(spec=spec))
            return True
        if found.spec.target == spec.target:
            return False
        if not replace:
            raise EndpointTaken(f"the Nexus endpoint {name!r} leads to {_place(found.spec.target)}")
        await client.operator_service.update_nexus_endpoint(
            UpdateNexusEndpointRequest(id=found.id, version=found.version, spec=spec)
        )
    except RPCError as error:
        raise TemporalUnavailable(
            f"the Nexus endpoint {name!r} cannot be created: {error.message}",
            "create it with the server's own tool; docs/nexus.md says how",
        ) from None
    return True


def _target(namespace: str) -> EndpointTarget:
    return EndpointTarget(worker=EndpointTarget.Worker(namespace=namespace, task_queue=WORKFLOW_QUEUE))


async def _find(client: Client, name: str) -> Endpoint | None:
    answer = await client.operator_service.list_nexus_endpoints(ListNexusEndpointsRequest(name=name))
    return answer.endpoints[0] if answer.endpoints else None


def _place(target: EndpointTarget) -> str:
    if target.HasField("worker"):
        return f"namespace {target.worker.namespace!r}, task queue {target.worker.task_queue!r}"
    return target.external.url
