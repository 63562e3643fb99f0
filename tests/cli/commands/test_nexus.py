"""`baton nexus endpoint`: creates the endpoint once, and turns one that leads elsewhere only when asked."""

from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest

from tests.cli.command import Baton
from tests.end_to_end.world import World


async def test_the_endpoint_is_created_once(baton: Baton) -> None:
    first = await baton("nexus", "endpoint", "--json")
    second = await baton("nexus", "endpoint", "--json")

    assert (first.code, second.code) == (0, 0)
    assert first.json == {"endpoint": "baton", "namespace": "default", "task_queue": "baton", "changed": True}
    assert second.json == {**first.json, "changed": False}
    assert (await baton("nexus", "endpoint")).out == "The Nexus endpoint baton leads already to namespace default.\n"


async def test_an_endpoint_that_leads_elsewhere_is_turned_only_when_asked(world: World, baton: Baton) -> None:
    elsewhere = EndpointTarget(worker=EndpointTarget.Worker(namespace="default", task_queue="other"))
    request = CreateNexusEndpointRequest(spec=EndpointSpec(name="taken", target=elsewhere))
    await world.environment.client.operator_service.create_nexus_endpoint(request)

    refused = await baton("nexus", "endpoint", "--name", "taken", "--json")
    replaced = await baton("nexus", "endpoint", "--name", "taken", "--replace", "--json")

    assert (refused.code, refused.error["code"]) == (1, "endpoint_taken")
    assert "leads to namespace 'default', task queue 'other'" in refused.error["message"]
    assert (replaced.code, replaced.json["changed"]) == (0, True)


async def test_a_name_that_the_server_refuses_exits_3_with_its_words(baton: Baton) -> None:
    refused = await baton("nexus", "endpoint", "--name", "no spaces", "--json")

    assert (refused.code, refused.error["code"]) == (3, "temporal_unavailable")
    assert "endpoint name must match the regex" in refused.error["message"]


async def test_without_temporal_it_exits_3(alone: Baton) -> None:
    failed = await alone("nexus", "endpoint", "--json")

    assert (failed.code, failed.error["code"]) == (3, "temporal_unavailable")
