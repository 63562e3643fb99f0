"""The calls of each type of address and link: create, disable, read one, list. One entry for each type."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from baton.ledger.rows import SourceRow
from baton.orchestra.address_models import AccumulationRequest, LiquidationRequest, StandingRequest
from baton.orchestra.client import OrchestraClient
from baton.orchestra.pay_link_models import PayLinkRequest
from baton.sources.at_orchestra import SourceAtOrchestra, of_accumulation, of_liquidation, of_pay_link, of_standing
from baton.sources.create_source import ACCUMULATION, LIQUIDATION, PAYLINK, STANDING
from baton.sources.messages import CreateSourceCall, DisableSourceCall

Create = Callable[[OrchestraClient, CreateSourceCall], Awaitable[SourceAtOrchestra]]
Disable = Callable[[OrchestraClient, DisableSourceCall], Awaitable[None]]
Read = Callable[[OrchestraClient, SourceRow], Awaitable[SourceAtOrchestra]]
ListPage = Callable[[OrchestraClient, int, int], Awaitable[list[SourceAtOrchestra]]]


@dataclass(frozen=True)
class SourceType:
    """The calls of one type.

    Attributes:
        create: Creates it under the call's key.
        disable: Disables it under the call's key.
        read: Reads one; `orchestra_id` of its row names it.
        page: Reads a page of all, from a limit and an offset; None where the API has no list.
        enable: Enables one again under the call's key; None where the API has no call for it.
    """

    create: Create
    disable: Disable
    read: Read
    page: ListPage | None = None
    enable: Create | None = None


async def _create_accumulation(client: OrchestraClient, call: CreateSourceCall) -> SourceAtOrchestra:
    assert isinstance(call.request, AccumulationRequest)
    return of_accumulation(await client.create_accumulation(call.request, call.key), call.request.source_chain)


async def _create_liquidation(client: OrchestraClient, call: CreateSourceCall) -> SourceAtOrchestra:
    assert isinstance(call.request, LiquidationRequest)
    return of_liquidation(await client.create_liquidation(call.request, call.key))


async def _create_standing(client: OrchestraClient, call: CreateSourceCall) -> SourceAtOrchestra:
    assert isinstance(call.request, StandingRequest)
    return of_standing(await client.put_standing(call.reference, call.request, call.key))


async def _enable_standing(client: OrchestraClient, call: CreateSourceCall) -> SourceAtOrchestra:
    return of_standing(await client.enable_standing(call.reference, call.key))


async def _create_pay_link(client: OrchestraClient, call: CreateSourceCall) -> SourceAtOrchestra:
    assert isinstance(call.request, PayLinkRequest)
    return of_pay_link(await client.create_pay_link(call.request, call.key))


async def _disable_accumulation(client: OrchestraClient, call: DisableSourceCall) -> None:
    await client.disable_accumulation(call.orchestra_id, call.key)


async def _disable_liquidation(client: OrchestraClient, call: DisableSourceCall) -> None:
    await client.disable_liquidation(call.orchestra_id, call.key)


async def _disable_standing(client: OrchestraClient, call: DisableSourceCall) -> None:
    await client.disable_standing(call.orchestra_id, call.key)


async def _disable_pay_link(client: OrchestraClient, call: DisableSourceCall) -> None:
    await client.disable_pay_link(call.orchestra_id, call.key)


async def _read_accumulation(client: OrchestraClient, row: SourceRow) -> SourceAtOrchestra:
    chain = row.request.get("sourceChain")
    return of_accumulation(await client.accumulation(str(row.orchestra_id)), str(chain))


async def _read_liquidation(client: OrchestraClient, row: SourceRow) -> SourceAtOrchestra:
    return of_liquidation(await client.liquidation(str(row.orchestra_id)))


async def _read_standing(client: OrchestraClient, row: SourceRow) -> SourceAtOrchestra:
    return of_standing(await client.standing(str(row.orchestra_id)))


async def _read_pay_link(client: OrchestraClient, row: SourceRow) -> SourceAtOrchestra:
    return of_pay_link(await client.pay_link(str(row.orchestra_id)))


async def _accumulations(client: OrchestraClient, limit: int, offset: int) -> list[SourceAtOrchestra]:
    found = await client.accumulations(limit, offset)
    # An entry that names no chain is read by itself, where its request is at hand.
    return [of_accumulation(address, address.source_chain) for address in found if address.source_chain]


async def _liquidations(client: OrchestraClient, limit: int, offset: int) -> list[SourceAtOrchestra]:
    return [of_liquidation(address) for address in await client.liquidations(limit, offset)]


async def _pay_links(client: OrchestraClient, limit: int, offset: int) -> list[SourceAtOrchestra]:
    return [of_pay_link(link) for link in await client.pay_links(limit, offset)]


SOURCE_TYPES: dict[str, SourceType] = {
    ACCUMULATION: SourceType(_create_accumulation, _disable_accumulation, _read_accumulation, _accumulations),
    LIQUIDATION: SourceType(_create_liquidation, _disable_liquidation, _read_liquidation, _liquidations),
    STANDING: SourceType(_create_standing, _disable_standing, _read_standing, enable=_enable_standing),
    PAYLINK: SourceType(_create_pay_link, _disable_pay_link, _read_pay_link, _pay_links),
}
"""The calls of every type, by its name."""
