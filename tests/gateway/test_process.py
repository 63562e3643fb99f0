"""The gateway as a process of its own: how it starts, what prevents a start, how it ends."""

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager, closing

from structlog.testing import capture_logs

from baton.gateway.__main__ import run as command
from baton.gateway.main import run
from baton.ledger.ledger import Ledger
from baton.orchestra.webhooks import signed_headers
from baton.process.http_server import listen
from baton.settings import Settings
from tests.eventually import eventually
from tests.gateway.world import OLD_SECRET, SECRET, Gateway, event_of
from tests.http import http_client
from tests.paths import ROOT
from tests.unprivileged import unprivileged_folder


def environment(home, **given):
    """Return an environment with the settings of the test and no other settings of Baton."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("BATON_", "ORCHESTRA_", "TEMPORAL_"))
    }
    return clean | {
        "BATON_HOME": str(home),
        "BATON_GATEWAY_PORT": "0",
        "BATON_WEBHOOK_COALESCE": "5",
        "ORCHESTRA_WEBHOOK_SECRET": f"{SECRET},{OLD_SECRET}",
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "BATON_READY_FILE": str(home / "gateway.ready"),
        **given,
    }


@asynccontextmanager
async def process(home, **given):
    """Run `python -m baton.gateway`; kill it at the end of the block if it still runs."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "baton.gateway",
        cwd=ROOT,
        env=environment(home, **given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def until_ended(running):
    """Return exit code and output."""
    output, _ = await asyncio.wait_for(running.communicate(), 10)
    return running.returncode, output.decode()


async def until_up(running):
    """Return the address once the gateway has logged it, and the output so far."""
    output = ""
    while "address=" not in output:
        line = await asyncio.wait_for(running.stdout.readline(), 30)
        assert line, f"the gateway ended before it was up: {output}"
        output += line.decode()
    return output.split("address=")[1].split()[0], output


async def start_delivery(address, order_id, status):
    """Send a webhook; return once the gateway reads it."""
    host, port = address.removeprefix("http://").split(":")
    body = event_of(order_id, status)
    headers = signed_headers(SECRET, int(time.time() * 1000), body)
    headers |= {"Host": "gateway", "Content-Length": str(len(body)), "Expect": "100-continue"}
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST /webhooks/orchestra/default HTTP/1.1\r\n{lines}\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
    writer.write(body)
    return reader, writer


async def test_sigterm_sends_and_answers_waiting_webhooks_and_exits_with_0(tmp_path, gateway_temporal, order):
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        await ledger.index_order("default", order.order_id, order.handle.id)
    target = gateway_temporal.service_client.config.target_host
    async with process(tmp_path, TEMPORAL_ADDRESS=target) as running:
        address, output = await until_up(running)
        await eventually((tmp_path / "gateway.ready").exists)
        async with http_client(base_url=address) as http:
            gateway = Gateway(http, address)
            assert (await http.get("/readyz?token=private")).status_code == 200
            assert (await gateway.deliver(order.order_id, "processing")).status_code == 200
            reader, writer = await start_delivery(address, order.order_id, "bridging")
            assert (await http.get("/healthz")).status_code == 200
        running.terminate()
        response = await asyncio.wait_for(reader.read(), 4)  # less than the window of 5 s
        writer.close()
        code, rest = await until_ended(running)
    assert response.startswith(b"HTTP/1.1 200 ")
    assert b'{"status":"handed_over"}' in response
    assert code == 0
    assert not (tmp_path / "gateway.ready").exists()
    assert await order.signals() == [["processing"], ["bridging"]]
    for private in (SECRET, OLD_SECRET, "token", "/readyz"):
        assert private not in output + rest


async def test_a_draining_gateway_serves_on_and_is_not_ready(tmp_path, gateway_temporal, order):
    target = gateway_temporal.service_client.config.target_host
    async with process(tmp_path, TEMPORAL_ADDRESS=target, BATON_GATEWAY_DRAIN="300") as running:
        address, _ = await until_up(running)
        async with http_client(base_url=address) as http:
            ready = await http.get("/readyz")
            assert (ready.status_code, ready.headers.get("connection")) == (200, None)
            running.terminate()
            draining = await eventually(lambda: http.get("/readyz"), lambda answer: answer.status_code == 503)
            assert (draining.json()["status"], draining.headers["connection"]) == ("draining", "close")
            alive = await http.get("/healthz")
    assert (alive.status_code, alive.headers["connection"]) == (200, "close")


async def test_the_gateway_starts_without_temporal_or_secret_and_logs_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.delenv("ORCHESTRA_WEBHOOK_SECRET", raising=False)
    stop = asyncio.Event()
    with capture_logs() as lines:
        running = asyncio.create_task(run(Settings(home=tmp_path, gateway_port=0), stop))
        up_line = await eventually(lambda: next((line for line in lines if "address" in line), None))
        async with http_client(base_url=up_line["address"]) as http:
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.get("/readyz")).json()["parts"] == {"temporal": "unavailable", "ledger": "ok"}
        stop.set()
        assert await running == 0
    assert "ORCHESTRA_WEBHOOK_SECRET" in lines[0]["event"]


async def refusal(**given):
    """Return the exit code and the last log line of a gateway that does not start."""
    settings = Settings(**{"gateway_port": 0, **given})
    with capture_logs() as lines:
        code = await asyncio.wait_for(run(settings, asyncio.Event()), 10)
    assert lines[-1]["log_level"] == "error"
    return code, lines[-1]["event"]


async def test_a_port_in_use_is_named_with_the_remedy(tmp_path):
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = await refusal(home=tmp_path, gateway_port=port)
    assert code == 3
    assert f"cannot listen on 127.0.0.1:{port}" in line
    assert "BATON_GATEWAY_PORT" in line


async def test_an_address_of_another_host_is_named(tmp_path):
    code, line = await refusal(home=tmp_path, bind="192.0.2.1")
    assert code == 3
    assert "192.0.2.1" in line


async def test_a_ledger_that_cannot_be_opened_is_named_without_its_password():
    code, line = await refusal(ledger_url="postgresql://baton:private@127.0.0.1:1/ledger")
    assert code == 3
    assert "127.0.0.1:1" in line
    assert "private" not in line


async def test_a_read_only_ledger_ends_the_gateway_in_one_sentence(tmp_path):
    with unprivileged_folder() as folder:
        (folder / "ledger.db").touch(0o400)
        code, line = await refusal(home=tmp_path, ledger_url=f"sqlite:///{folder}/ledger.db")
    assert code == 2
    assert "the file is read-only for this user" in line


async def test_a_missing_partners_file_is_named(tmp_path):
    code, line = await refusal(home=tmp_path, partners_file=tmp_path / "nowhere.toml")
    assert code == 2
    assert "nowhere.toml" in line


def test_an_invalid_setting_is_named(monkeypatch, capsys):
    monkeypatch.setenv("BATON_GATEWAY_PORT", "eighty")
    assert command() == 2
    assert "BATON_GATEWAY_PORT" in capsys.readouterr().err
