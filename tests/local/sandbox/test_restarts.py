"""A sandbox with a state file is killed at any moment and started again: it still knows whatever it has answered."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.forks import Forks, running_forks
from tests.local.sandbox.partner import BITCOIN_TO_USDC, LIGHTNING_TO_USDB, USDC_TO_BTC, Partner, Receiver
from tests.local.sandbox.sandbox_process import sandbox_process

Sandbox = Callable[..., AbstractAsyncContextManager[tuple[Partner, SandboxControl]]]


@pytest.fixture(scope="module")
async def forks() -> AsyncIterator[Forks]:
    async with running_forks() as running:
        yield running


@pytest.fixture
def sandbox(forks: Forks, tmp_path: Path) -> Sandbox:
    """Return what runs a sandbox on a state file, which is killed with SIGKILL at the end of the block."""

    @asynccontextmanager
    async def running(file: Path, *options: str) -> AsyncIterator[tuple[Partner, SandboxControl]]:
        arguments = ("--port", "0", "--state-file", str(file), "--retry-scale", "0.01", *options)
        pid, address = await forks.start(tmp_path / "output", *arguments)
        try:
            partner = Partner(address)
            async with partner.http, SandboxControl(address) as control:
                yield partner, control
        finally:
            await forks.kill(pid)

    return running


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_a_quote_from_before_a_kill_is_paid_and_completes_after_it(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file) as (partner, _):
        quote = (await partner.request_quote(USDC_TO_BTC, key="quote-1")).json()
    async with sandbox(file) as (partner, control):
        proof = await control.deposit(quote["quoteId"])
        assert (await partner.submit(quote, proof)).status_code == 200
        order = await partner.wait_until(quote, "completed")
        assert order["depositAddress"] == quote["depositAddress"]


async def test_an_idempotency_key_from_before_a_kill_answers_the_same(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file) as (partner, control):
        quote = (await partner.request_quote(USDC_TO_BTC, key="quote-1")).json()
        proof = await control.deposit(quote["quoteId"])
        submitted = (await partner.submit(quote, proof, key="submit-1")).json()
    async with sandbox(file) as (partner, control):
        again = await partner.request_quote(USDC_TO_BTC, key="quote-1")
        assert (again.json(), again.headers["X-Idempotency-Replayed"]) == (quote, "true")
        assert (await partner.submit(quote, proof, key="submit-1")).json() == submitted
        other = await partner.request_quote(BITCOIN_TO_USDC, key="quote-1")
        assert other.json()["error"]["code"] == "idempotency_conflict"
        assert len(await control.orders()) == 1


async def test_an_order_on_its_way_goes_on_after_a_kill(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file, "--step-seconds", "0.2") as (partner, control):
        quote = await partner.quote()
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        before = await partner.wait_until(quote, "bridging")
    async with sandbox(file, "--step-seconds", "0.2") as (partner, control):
        after = await partner.wait_until(quote, "completed")
        assert (after["id"], after["sweepTxHash"]) == (before["id"], before["sweepTxHash"])
        statuses = [move["status"] for move in (await control.orders())[0]["moves"]]
        assert statuses == ["processing", "bridging", "swapping", "delivering", "completed"]


async def test_a_deposit_that_orchestra_had_yet_to_see_is_seen_after_a_kill(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file, "--time-scale", "1000") as (partner, control):
        quote = await partner.quote()
        await control.deposit(quote["quoteId"], detect=True)
    async with sandbox(file, "--step-seconds", "0") as (partner, control):
        assert (await partner.wait_until(quote, "completed"))["quoteId"] == quote["quoteId"]


async def test_an_unpaid_invoice_still_expires_after_a_kill(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file) as (partner, _):
        onramp = await partner.post("/v1/orchestration/onramp", LIGHTNING_TO_USDB | {"amountMode": "exact_in"})
        order_id = onramp.json()["orderId"]
    async with sandbox(file) as (partner, control):
        await control.advance_clock(200)
        status = await eventually(lambda: partner.status(id=order_id), lambda answer: "expired" in answer.text)
        assert status.json()["order"]["status"] == "expired"


async def test_a_webhook_that_was_not_accepted_is_delivered_after_a_kill(
    sandbox: Sandbox, tmp_path: Path, receiver: Receiver
) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file, "--scenario", "stepped", "--retry-scale", "1000") as (partner, control):
        registered = await partner.post("/v1/webhooks", {"url": receiver.url}, key="webhook-1")
        receiver.answers = [503]
        quote = await partner.quote()
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        await eventually(control.deliveries, lambda deliveries: deliveries[0]["attempts"][0]["status"] == 503)
    async with sandbox(file, "--scenario", "stepped") as (partner, control):
        first, second = await receiver.wait_for(2)
        assert first.body == second.body
        [delivery] = await eventually(control.deliveries, lambda deliveries: deliveries[0]["state"] == "delivered")
        assert delivery["endpointId"] == registered.json()["webhookId"]


async def test_a_webhook_that_was_accepted_is_not_sent_again_after_a_kill(
    sandbox: Sandbox, tmp_path: Path, receiver: Receiver
) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file, "--scenario", "stepped") as (partner, control):
        await partner.post("/v1/webhooks", {"url": receiver.url}, key="webhook-1")
        quote = await partner.quote()
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        await eventually(control.deliveries, lambda deliveries: deliveries[0]["state"] == "delivered")
    async with sandbox(file, "--scenario", "stepped") as (partner, control):
        await partner.post("/v1/webhooks", {"url": receiver.url}, key="webhook-2")
        [delivery] = await control.deliveries()
        assert (delivery["state"], len(delivery["attempts"]), len(receiver.received)) == ("delivered", 1, 1)


async def test_the_endpoint_of_the_options_keeps_its_place_with_a_new_secret(
    sandbox: Sandbox, tmp_path: Path, receiver: Receiver
) -> None:
    file = tmp_path / "sandbox.db"
    nobody = ("--scenario", "stepped", "--webhook-url", "http://127.0.0.1:9/nobody", "--webhook-secret", "whsec_old")
    async with sandbox(file, *nobody) as (partner, control):
        quote = await partner.quote()
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        await eventually(control.deliveries, lambda deliveries: len(deliveries[0]["attempts"]) == 1)
    async with sandbox(file, "--webhook-url", receiver.url, "--webhook-secret", "whsec_new") as (partner, _):
        await receiver.wait_for(1)
        assert len((await partner.http.get("/v1/webhooks")).json()["webhooks"]) == 1


async def test_the_clock_faults_keys_and_scenario_outlive_a_kill(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file) as (partner, control):
        await control.advance_clock(3_600)
        await control.set_scenario("refunded")
        await control.fault("quote", "error", times=2, status=503)
        assert (await partner.request_quote(USDC_TO_BTC)).status_code == 503
        await control.accept_keys("fn_other")
        before = await control.health()
    async with sandbox(file) as (partner, control):
        assert (await control.health())["now"] > before["now"]
        assert (await partner.status(id="ord_1")).status_code == 401
        [fault] = await control.faults()
        assert (fault["left"], fault["hits"]) == (1, 1)
        assert await control.fault("status", "error") != fault["id"]
        other = Partner(control.base_url, "fn_other")
        async with other.http:
            assert (await other.request_quote(USDC_TO_BTC)).status_code == 503
            await other.quote()
        assert [quote["scenario"] for quote in await control.quotes()] == ["refunded"]


async def test_a_state_file_serves_one_sandbox_at_a_time(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.db"
    async with sandbox(file), sandbox_process("--port", "0", "--state-file", str(file)) as second:
        output, _ = await asyncio.wait_for(second.communicate(), 20)
        assert (second.returncode, str(file) in output.decode()) == (2, True)
        assert "another sandbox" in output.decode()


async def test_a_state_file_is_private_and_a_wrong_one_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    file, wrong = tmp_path / "sandbox.db", tmp_path / "letter.txt"
    async with sandbox(file):
        for name in ("sandbox.db", "sandbox.db-wal"):
            assert _mode(tmp_path / name) == 0o600
    wrong.write_text("Dear reader, this is no database.")
    async with sandbox_process("--port", "0", "--state-file", str(wrong)) as process:
        output, _ = await asyncio.wait_for(process.communicate(), 20)
        assert (process.returncode, len(output.splitlines())) == (2, 1)
        assert f"{wrong} is no file of a sandbox" in output.decode()
