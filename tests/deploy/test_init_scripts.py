"""The one-shot scripts, run against Temporal's dev server and a private PostgreSQL."""

import asyncio
import base64
import hashlib
import hmac
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from temporalio.api.nexus.v1 import EndpointTarget
from temporalio.api.operatorservice.v1 import ListNexusEndpointsRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from baton.nexus.service import ENDPOINT
from baton.orders.names import WORKFLOW_QUEUE
from baton.orders.visibility import REGISTRY
from tests.paths import ROOT
from tests.postgres import PrivatePostgres, postgres
from tests.temporal_server import started

__all__ = ["postgres"]

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
NAMESPACE = "shop"


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """Yield a client of a fresh server without our namespace and search attributes."""
    binary = shutil.which("temporal", path=f"{BIN}:{os.environ['PATH']}")
    async with await started(
        lambda: WorkflowEnvironment.start_local(dev_server_existing_path=binary, dev_server_log_level="never")
    ) as server:
        yield server.client


async def run(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"} | variables
    command = ["sh", str(DEPLOY / script)]
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False
    )


async def init_namespace(client: Client, **variables: str) -> subprocess.CompletedProcess[str]:
    address = client.service_client.config.target_host
    variables = {"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": NAMESPACE, "INIT_PAUSE": "0.2"} | variables
    return await run("temporal/init-namespace.sh", **variables)


async def test_the_namespace_script_can_run_twice(client: Client) -> None:
    first = await init_namespace(client, TEMPORAL_RETENTION="30d")
    second = await init_namespace(client, TEMPORAL_RETENTION="60d")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    namespace = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
    assert namespace.config.workflow_execution_retention_ttl.ToTimedelta().days == 60
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=NAMESPACE))
    assert set(listed.custom_attributes) >= set(REGISTRY)
    endpoints = (await client.operator_service.list_nexus_endpoints(ListNexusEndpointsRequest())).endpoints
    target = EndpointTarget.Worker(namespace=NAMESPACE, task_queue=WORKFLOW_QUEUE)
    assert [(each.spec.name, each.spec.target.worker) for each in endpoints] == [(ENDPOINT, target)]


async def test_a_permanent_refusal_is_shown_and_fails(client: Client) -> None:
    refused = await init_namespace(client, TEMPORAL_RETENTION="nonsense", INIT_ATTEMPTS="2")
    assert refused.returncode == 1
    assert "creating the namespace failed 2 times" in refused.stderr
    assert "nonsense" in refused.stderr


def test_the_script_registers_what_the_registry_holds() -> None:
    script = (DEPLOY / "temporal/init-namespace.sh").read_text(encoding="utf-8")
    block = re.search(r"^attributes='\n(.*?)\n'$", script, flags=re.DOTALL | re.MULTILINE)
    assert block
    assert dict(line.split("=") for line in block[1].splitlines()) == REGISTRY


async def init_databases(server: PrivatePostgres, **variables: str) -> subprocess.CompletedProcess[str]:
    connection = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "baton"}
    passwords = {"TEMPORAL_DB_PASSWORD": "first", "LEDGER_DB_PASSWORD": 'it\'s "odd" $HOME'}
    return await run("postgres/init-databases.sh", **connection, **(passwords | variables))


async def test_the_database_script_can_run_again_with_new_passwords(postgres: PrivatePostgres) -> None:
    first = await init_databases(postgres)
    with psycopg.connect(postgres.url(), autocommit=True) as superuser:
        before = superuser.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'temporal'").fetchone()
    second = await init_databases(postgres, TEMPORAL_DB_PASSWORD="second")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    with psycopg.connect(postgres.url()) as superuser:
        after = superuser.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'temporal'").fetchone()
        owners = superuser.execute(
            "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname ~ 'temporal|ledger$'"
        ).fetchall()
    assert before != after
    assert dict(owners) == {"temporal": "temporal", "temporal_visibility": "temporal", "ledger": "ledger"}


async def test_a_role_reaches_its_own_databases_only(postgres: PrivatePostgres) -> None:
    assert (await init_databases(postgres)).returncode == 0
    address = f"127.0.0.1:{postgres.port}"
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(f"postgresql://ledger@{address}/temporal")
    with psycopg.connect(f"postgresql://temporal@{address}/temporal_visibility") as owner:
        owner.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
        owner.execute("CREATE TABLE executions_visibility (id int)")


async def test_the_password_of_a_role_must_be_given(postgres: PrivatePostgres) -> None:
    refused = await init_databases(postgres, LEDGER_DB_PASSWORD="")
    assert refused.returncode != 0
    assert "LEDGER_DB_PASSWORD" in refused.stderr


async def test_passwords_of_roles_may_be_in_files(postgres: PrivatePostgres, tmp_path: Path) -> None:
    files = {}
    for name in ("TEMPORAL_DB_PASSWORD", "LEDGER_DB_PASSWORD", "PGPASSWORD"):
        (tmp_path / name).write_text(f"{name}-qk41\n", encoding="utf-8")
        files |= {name: "", f"{name}_FILE": str(tmp_path / name)}
    done = await init_databases(postgres, **files)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(postgres.url()) as superuser:
        stored = superuser.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'ledger'").fetchone()
        (verifier,) = stored or ("",)
    iterations, salt = verifier.split("$")[1].split(":")
    assert verifier == scram_verifier("LEDGER_DB_PASSWORD-qk41", int(iterations), base64.b64decode(salt))


def scram_verifier(password: str, iterations: int, salt: bytes) -> str:
    """Return what PostgreSQL stores for a password (RFC 5802)."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, client64, server64 = (base64.b64encode(part).decode() for part in (salt, client, server))
    return f"SCRAM-SHA-256${iterations}:{salt64}${client64}:{server64}"


async def test_the_schema_tool_gets_its_password_from_a_file(tmp_path: Path) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text(f'#!/bin/sh\necho "$SQL_PASSWORD" >>{tmp_path}/calls\n', encoding="utf-8")
    tool.chmod(0o755)
    (tmp_path / "password").write_text("qk41\n", encoding="utf-8")
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert (
        await run("temporal/setup-schema.sh", PATH=path, SQL_PASSWORD_FILE=str(tmp_path / "password"))
    ).returncode == 0
    assert set((tmp_path / "calls").read_text(encoding="utf-8").split()) == {"qk41"}


async def test_each_database_gets_version_zero_before_its_schema(tmp_path: Path) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\n', encoding="utf-8")
    tool.chmod(0o755)
    done = await run("temporal/setup-schema.sh", PATH=f"{tmp_path}:{os.environ['PATH']}", SCHEMA_ROOT="/schema")
    assert done.returncode == 0
    assert (tmp_path / "calls").read_text(encoding="utf-8").splitlines() == [
        "--db temporal setup-schema -v 0.0",
        "--db temporal update-schema -d /schema/temporal/versioned",
        "--db temporal_visibility setup-schema -v 0.0",
        "--db temporal_visibility update-schema -d /schema/visibility/versioned",
    ]
