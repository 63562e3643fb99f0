"""The services of docker-compose.yml, started by hand in its order on real PostgreSQL: orders run through them.

What cannot be had without an engine: the images, and Temporal on PostgreSQL; its dev server stands for that.
"""

import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from baton.local.stack.ports import free_ports
from tests.deploy.compose_file import SECRETS, SERVICES, interpolated
from tests.paths import ROOT
from tests.postgres import REQUIRED, PrivatePostgres, find_binaries, private_postgres
from tests.production.compose_by_hand import BIN, ByHand, Container, Hosts

pytestmark = [pytest.mark.production, pytest.mark.timeout(600)]

ORDER = {
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationChain": "spark",
    "destinationAsset": "BTC",
    "amount": "100000000",
    "recipientAddress": "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2",
}


@dataclass
class Installation:
    """What runs, and what the first start showed."""

    compose: ByHand
    temporal: Container
    workers: list[Container]
    gateways: list[Container]
    before: subprocess.CompletedProcess[str]
    registered: subprocess.CompletedProcess[str]

    @property
    def token(self) -> dict[str, str]:
        token = self.compose.secret("api_token").read_text(encoding="utf-8").strip()
        return {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, gateway: int = 0, **body: Any) -> httpx.Response:
        url = f"http://127.0.0.1:{self.compose.hosts.gateways[gateway]}{path}"
        return httpx.request(method, url, headers=self.token, timeout=30, **body)

    def place(self, reference: str, gateway: int = 0) -> None:
        """Place an order over the API of a gateway, and pay it."""
        placed = self.call("POST", "/v1/orders", gateway, json={**ORDER, "reference": reference})
        assert placed.status_code == 201, placed.text
        sandbox = f"http://127.0.0.1:{self.compose.hosts.sandbox}/sandbox/deposits"
        deposit = {"depositAddress": placed.json()["deposit_address"], "visibleAfter": 0, "detect": True}
        assert httpx.post(sandbox, json=deposit, timeout=30).status_code < 300

    def outcome(self, reference: str, gateway: int = 0) -> str | None:
        answer = self.call("GET", f"/v1/orders/{reference}", gateway)
        outcome: str | None = answer.json().get("outcome")
        return outcome


def within(seconds: float, *, holds: Any) -> bool:
    """Whether a condition comes true within some seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def with_sandbox() -> dict[str, str]:
    """Return what .env has with the lines for the sandbox; its webhook secret is registered, as with the real one."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    chosen = re.sub(r"^# (COMPOSE_PROFILES|ORCHESTRA_BASE_URL|ORCHESTRA_API_KEY_FILE)=", r"\1=", example, flags=re.M)
    return dict(re.findall(r"^(\w+)=(.*)$", chosen, flags=re.MULTILINE))


def new_secrets(folder: Path) -> None:
    target = folder / Path(SECRETS["api_token"]["file"]).parent
    target.mkdir(parents=True)
    subprocess.run([shutil.copy(ROOT / "deploy/secrets/new.sh", target)], check=True, capture_output=True)


def protect(server: PrivatePostgres, password: str) -> None:
    """Give the server the superuser of its image, and let nobody in without a password."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '{password}'")
        rules = "local all all trust\nhost all baton 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (server.folder / "data" / "pg_hba.conf").write_text(rules, encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")


def temporal_program(folder: Path, hosts: Hosts) -> Path:
    """Return what stands for the server of the image: its login at PostgreSQL, then the dev server."""
    dynamic = yaml.safe_load((ROOT / "deploy/temporal/dynamic-config.yaml").read_text(encoding="utf-8"))
    flags = " ".join(f"--dynamic-config-value {key}={each['value']}" for key, [each] in dynamic.items())
    script = folder / "entrypoint.sh"
    script.write_text(
        "#!/bin/sh\nset -eu\n"
        'PGPASSWORD=$POSTGRES_PWD psql -qt -h "$POSTGRES_SEEDS" -p "$DB_PORT" -U "$POSTGRES_USER" -d "$DBNAME" -c ""\n'
        f"exec {BIN / 'temporal'} server start-dev --headless --ip 127.0.0.1 --port {hosts.temporal} "
        f"--http-port {hosts.temporal_http} --log-level error {flags}\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


def first_start(compose: ByHand) -> Installation:
    """Start everything in compose's order, and register the webhook once the gateways run."""
    port = {"PGPORT": str(compose.hosts.postgresql)}
    for run in (1, 2):
        prepared = compose.run("postgresql-init", **port)
        assert prepared.returncode == 0, f"run {run}: {prepared.stderr}"
    program = temporal_program(compose.folder, compose.hosts)
    temporal = compose.start("temporal", TEMPORAL_ENTRY_POINT=str(program))
    temporal.wait_until_healthy()
    ready = compose.run("temporal-init", INIT_PAUSE="0.2")
    assert ready.returncode == 0, ready.stderr
    compose.start("sandbox").wait_until_healthy()
    workers = [compose.start("worker") for _ in range(2)]
    gateways = [compose.start("gateway", port=port) for port in compose.hosts.gateways]
    for container in (*workers, *gateways):
        container.wait_until_healthy()
    before = compose.execute(gateways[0], "baton", "webhook", "test")
    url = f"http://127.0.0.1:{compose.hosts.gateways[1]}"
    registered = compose.run("cli", "webhook", "register", "--url", url)
    return Installation(compose, temporal, workers, gateways, before, registered)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    if find_binaries() is None and os.environ.get(REQUIRED) != "1":
        pytest.skip(f"no PostgreSQL binaries on this machine; with {REQUIRED}=1 this is a failure")
    folder = tmp_path_factory.mktemp("compose")
    new_secrets(folder)
    _, name, value = interpolated(SERVICES["postgresql"]["command"], {})
    assert name == "-c"
    setting, _, number = value.partition("=")
    with ExitStack() as exits:
        server = exits.enter_context(private_postgres(**{setting: number}))
        temporal, temporal_http, sandbox, *gateways = free_ports(5)
        hosts = Hosts(server.port, temporal, temporal_http, gateways, sandbox)
        compose = ByHand(folder, hosts, with_sandbox())
        exits.callback(compose.close)
        protect(server, compose.secret("postgres_password").read_text(encoding="utf-8").strip())
        yield first_start(compose)


def test_the_webhook_secret_is_picked_up_without_a_restart(installation: Installation) -> None:
    compose, gateways = installation.compose, installation.gateways
    assert "no webhook secret" in installation.before.stderr
    assert installation.registered.returncode == 0, installation.registered.stderr
    written = compose.volume("baton") / "webhook-secrets"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    tested = [compose.execute(gateway, "baton", "webhook", "test") for gateway in gateways]
    assert [done.returncode for done in tested] == [0, 0], tested[0].stderr + tested[1].stderr
    assert [gateway.process.poll() for gateway in gateways] == [None, None]


def test_orders_end_over_either_gateway(installation: Installation) -> None:
    references = [f"both-{number}" for number in range(4)]
    for number, reference in enumerate(references):
        installation.place(reference, gateway=number % 2)
    for reference in references:
        assert within(30, holds=lambda: installation.outcome(reference, gateway=1) == "completed"), reference  # noqa: B023


def test_orders_go_on_without_one_worker_and_one_gateway(installation: Installation) -> None:
    compose, port = installation.compose, installation.compose.hosts.gateways[0]
    installation.place("on-the-way", gateway=0)
    stopped = [installation.workers[0].stop(), installation.gateways[0].stop()]
    installation.place("afterwards", gateway=1)
    for reference in ("on-the-way", "afterwards"):
        assert within(30, holds=lambda: installation.outcome(reference, gateway=1) == "completed"), reference  # noqa: B023
    assert stopped == [0, 0], "each ends within its grace"
    installation.workers[0], installation.gateways[0] = compose.start("worker"), compose.start("gateway", port=port)
    for container in (installation.workers[0], installation.gateways[0]):
        container.wait_until_healthy()


def test_a_worker_that_hangs_becomes_unhealthy(installation: Installation) -> None:
    worker = installation.workers[1]
    ready = Path(worker.environment["BATON_READY_FILE"])
    minute_ago = time.time() - 61

    os.utime(ready, (minute_ago, minute_ago))
    assert within(20, holds=worker.is_healthy), "a worker that works renews its file"

    worker.process.send_signal(signal.SIGSTOP)
    try:
        os.utime(ready, (minute_ago, minute_ago))
        assert not within(4, holds=worker.is_healthy)
    finally:
        worker.process.send_signal(signal.SIGCONT)
    assert within(20, holds=worker.is_healthy)


def test_without_temporal_a_gateway_is_healthy_but_not_ready(installation: Installation) -> None:
    gateway = installation.gateways[1]
    assert installation.call("GET", "/readyz", gateway=1).status_code == 200
    installation.temporal.process.send_signal(signal.SIGSTOP)
    try:
        assert within(20, holds=lambda: installation.call("GET", "/readyz", gateway=1).status_code == 503)
        assert gateway.is_healthy()
    finally:
        installation.temporal.process.send_signal(signal.SIGCONT)
    assert within(20, holds=lambda: installation.call("GET", "/readyz", gateway=1).status_code == 200)


def shown_commands() -> list[list[str]]:
    """Return the commands of the page's way to the first order, from the first start on."""
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    section = page[page.index("## With Docker Compose") : page.index("### The files of compose")]
    commands = [shlex.split(line) for line in re.findall(r"^ +\$ (.+)$", section, flags=re.MULTILINE)]
    begun = commands.index(["docker", "compose", "up", "--wait"])
    assert commands[:begun] == [["deploy/secrets/new.sh"], ["cp", ".env.example", ".env"]]
    return commands[begun + 1 :]


def test_the_commands_of_the_page_lead_to_the_first_order(installation: Installation) -> None:
    for command in shown_commands():
        match command:
            case ["docker", "compose", "run", "--rm", service, *arguments]:
                done = installation.compose.run(service, *arguments)
            case ["docker", "compose", "exec", "gateway", "baton", "doctor"]:
                done = installation.compose.execute(installation.gateways[1], "baton", "doctor")
                problems = [line for line in done.stdout.splitlines() if line.startswith("PROBLEM")]
                assert [line for line in problems if "https://baton.example.com/" not in line] == []
                continue
            case ["docker", "compose", "exec", "gateway", *arguments]:
                done = installation.compose.execute(installation.gateways[1], *arguments)
            case _:
                raise AssertionError(f"the page shows another kind of command: {command}")
        assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"
    assert installation.outcome("first", gateway=1) == "completed"


def test_the_commands_before_an_upgrade_change_nothing(installation: Installation) -> None:
    page = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    section = page[page.index("### With Docker Compose") : page.index("## With Worker Versioning")]
    commands = re.findall(r"^\$ docker compose run --rm cli (.+)$", section, flags=re.MULTILINE)
    rehearsed, dry = [installation.compose.run("cli", *shlex.split(command)) for command in commands]
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert "all of them continue under this code" in rehearsed.stdout
    assert (dry.returncode, dry.stdout.strip().count("\n")) == (0, 0), dry.stdout


@pytest.mark.parametrize("service", ["worker", "gateway"])
def test_metrics_are_shown_to_the_token_of_its_file_alone(installation: Installation, service: str) -> None:
    container = {"worker": installation.workers, "gateway": installation.gateways}[service][1]
    name = "BATON_WORKER_METRICS_PORT" if service == "worker" else "BATON_GATEWAY_PORT"
    url = f"http://127.0.0.1:{container.environment[name]}/metrics"
    token = installation.compose.secret("metrics_token").read_text(encoding="utf-8").strip()
    assert httpx.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert httpx.get(url, headers={"Authorization": "Bearer other"}).status_code in (401, 403)


def test_no_secret_is_in_an_environment_or_a_log(installation: Installation) -> None:
    secrets = [installation.compose.secret(name).read_text(encoding="utf-8").strip() for name in SECRETS]
    secrets = [secret for secret in secrets if secret]
    for container in installation.compose.running:
        shown = " ".join(container.environment.values()) + container.log.read_text(encoding="utf-8")
        assert [secret for secret in secrets if secret in shown] == [], container.service
    assert re.fullmatch("[0-9a-f]{64}", secrets[0])
