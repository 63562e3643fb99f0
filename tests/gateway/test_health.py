"""`/healthz` shows that the process is alive, `/readyz` that it can do its work; and bodies that arrive too slowly."""

import asyncio
import shutil
import signal
from contextlib import asynccontextmanager, closing

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.gateway.body import BodyReader
from baton.gateway.errors import HANDLERS
from baton.gateway.health import health_routes
from baton.ledger.ledger import Ledger
from baton.process.http_server import address_of, listen, serving
from baton.version import __version__
from tests.eventually import eventually
from tests.gateway.world import running_gateway
from tests.http import http_client


async def test_a_gateway_with_all_its_parts_is_alive_and_ready(gateway):
    alive = await gateway.http.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive", "version": __version__})
    ready = await gateway.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "parts": {"temporal": "ok", "ledger": "ok"}}


async def test_a_gateway_without_its_parts_is_alive_but_not_ready(tmp_path):
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = await Client.connect(f"127.0.0.1:{port}", lazy=True)
    folder = tmp_path / "ledger"
    folder.mkdir()
    async with await Ledger.open(f"sqlite:///{folder / 'ledger.db'}", timeout=0.5) as ledger:
        await ledger.close()
        shutil.rmtree(folder)
        async with running_gateway(client, ledger) as gateway:
            assert (await gateway.http.get("/healthz")).status_code == 200
            with capture_logs() as lines:
                ready = await gateway.http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"status": "not_ready", "parts": {"temporal": "unavailable", "ledger": "unavailable"}}
    assert int(ready.headers["retry-after"]) > 0
    assert sorted(line["part"] for line in lines) == ["ledger", "temporal"]
    assert str(port) not in ready.text


async def test_many_who_ask_for_readiness_cost_one_probe_and_few_lines():
    probes = []

    async def broken():
        probes.append(1)
        raise RuntimeError("away")

    app = Starlette(routes=health_routes({"temporal": broken}))
    listener = listen("127.0.0.1", 0)
    async with serving(app, listener, grace=1), http_client(base_url=address_of(listener)) as http:
        with capture_logs() as lines:
            answers = await asyncio.gather(*(http.get("/readyz") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {503}
    assert len(probes) == len(lines) <= 3


async def test_a_missing_namespace_is_not_ready(gateway_temporal, ledger):
    target = gateway_temporal.service_client.config.target_host
    client = await Client.connect(target, namespace="missing", lazy=True)
    async with running_gateway(client, ledger) as gateway:
        ready = await gateway.http.get("/readyz")
    assert ready.json()["parts"] == {"temporal": "unavailable", "ledger": "ok"}


@asynccontextmanager
async def small_app(*routes):
    listener = listen("127.0.0.1", 0)
    app = Starlette(routes=list(routes), exception_handlers=HANDLERS)
    async with serving(app, listener, grace=1), http_client(base_url=address_of(listener)) as http:
        yield http


async def test_a_probe_that_never_ends_makes_its_part_unavailable():
    routes = health_routes({"slow": asyncio.Event().wait}, timeout=0.05)
    async with small_app(*routes) as http:
        with capture_logs() as lines:
            response = await http.get("/readyz")
    assert (response.status_code, response.json()["parts"]) == (503, {"slow": "unavailable"})
    assert lines[0]["reason"] == "no answer within 0.05 s"


async def test_the_server_leaves_signal_handlers_to_the_process():
    before = signal.getsignal(signal.SIGTERM)
    async with small_app():
        assert signal.getsignal(signal.SIGTERM) is before


async def test_a_body_that_does_not_arrive_in_time_gets_a_408():
    bodies = BodyReader(seconds=0.05)

    async def echo(request):
        return Response(await bodies.read(request))

    async with small_app(Route("/", echo, methods=["POST"])) as http:
        reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\nhalf")
        response = await asyncio.wait_for(reader.read(), 2)
        writer.close()
        await writer.wait_closed()
        assert (await http.post("/", content=b"whole")).content == b"whole"
    assert response.startswith(b"HTTP/1.1 408 ")


async def test_a_large_body_replaces_the_one_that_takes_longest():
    bodies = BodyReader(large_bodies=2)

    async def echo(request):
        return Response(str(len(await bodies.read(request))))

    head = b"POST / HTTP/1.1\r\nHost: gateway\r\nContent-Length: 30000\r\n\r\n"
    async with small_app(Route("/", echo, methods=["POST"])) as http:
        callers = []
        for _ in range(2):
            callers.append(await asyncio.open_connection(http.base_url.host, http.base_url.port))
            callers[-1][1].write(head + b"x" * 20_000)
            await eventually(lambda: len(bodies._large) == len(callers))
        assert (await http.post("/", content=b"x" * 40_000)).text == "40000"
        (first, _), (second, sender) = callers
        assert (await asyncio.wait_for(first.read(), 2)).startswith(b"HTTP/1.1 503 ")
        sender.write(b"x" * 10_000)
        assert (await asyncio.wait_for(second.readline(), 2)).startswith(b"HTTP/1.1 200 ")
        for _, writer in callers:
            writer.transport.abort()
