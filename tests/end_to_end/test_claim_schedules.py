"""The schedule of planned claims is as the settings say: created, changed and removed by the worker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, ScheduleHandle
from temporalio.service import RPCError

from baton.accounts.claim_schedules import ClaimSchedules
from baton.affiliates.messages import ClaimOutcome
from baton.affiliates.names import claims_schedule_id
from baton.settings import PartnerAccount
from tests.end_to_end.affiliate_orders import claim_calls, claims_of, closed, earned, registered
from tests.end_to_end.world import World, running_worker, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[World]:
    """Run a Baton without a worker on a server of its own, so that the test chooses the settings of its account."""
    async with temporal_server() as temporal, running_world(temporal, tmp_path, with_worker=False) as world:
        yield world


async def schedule_exists(client: Client, account: str) -> bool:
    try:
        await client.get_schedule_handle(claims_schedule_id(account)).describe()
    except RPCError:
        return False
    return True


def with_claims(account: PartnerAccount, **affiliates: Any) -> PartnerAccount:
    return account.model_copy(update={"affiliates": affiliates})


async def test_the_schedule_of_the_settings_claims_and_goes_with_them(own: World) -> None:
    client = own.environment.client
    account = with_claims(own.account, claim_every="P1D", claim_minimum_usd="2.50")
    async with running_worker(own.environment, own.ledger, account, {}):
        handle: ScheduleHandle = client.get_schedule_handle(claims_schedule_id("default"))
        await eventually(lambda: schedule_exists(client, "default"))
        affiliate_id = await registered(own)
        await earned(own, affiliate_id, 400)

        await asyncio.gather(handle.trigger(), handle.trigger())

        await eventually(lambda: claims_of(own, affiliate_id))
        assert (await closed(own, affiliate_id)).outcome is ClaimOutcome.COMPLETED
        assert len(await claim_calls(own, affiliate_id)) == 1
        described = await handle.describe()
        assert described.schedule.spec.intervals[0].every.days == 1
        started = described.info.recent_actions[-1].action
        details = await own.details(getattr(started, "workflow_id", ""))
        assert "balances of $2.50 and more are claimed" in details
        assert f"| **{affiliate_id} in base:USDC** | " in details

    async with running_worker(own.environment, own.ledger, own.account, {}):
        await eventually(lambda: schedule_exists(client, "default"), lambda exists: not exists)


async def test_a_changed_interval_reaches_the_schedule_and_a_pause_stays(own: World) -> None:
    client = own.environment.client
    accounts = {"paced": with_claims(own.account, claim_every="P1D").model_copy(update={"name": "paced"})}
    schedules = ClaimSchedules(client, accounts)
    await schedules.keep()
    handle = client.get_schedule_handle(claims_schedule_id("paced"))
    await handle.pause(note="stopped by hand")

    accounts["paced"] = with_claims(accounts["paced"], claim_every="PT6H")
    await schedules.keep()

    described = (await handle.describe()).schedule
    assert described.spec.intervals[0].every == timedelta(hours=6)
    assert (described.state.paused, described.state.note) == (True, "stopped by hand")
    del accounts["paced"]
    await schedules.keep()
    assert not await schedule_exists(client, "paced")


async def test_without_settings_nothing_is_claimed(own: World) -> None:
    await ClaimSchedules(own.environment.client, {"default": own.account}).keep()

    assert not await schedule_exists(own.environment.client, "default")
