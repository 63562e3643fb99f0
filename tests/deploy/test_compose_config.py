"""docker-compose.yml as Docker Compose itself reads it, which needs no engine: with each profile, and in numbers."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.compose_file import SECRETS, SERVICES
from tests.metrics.expressions import FOLDER as OBSERVABILITY
from tests.paths import ROOT

PROFILES = sorted({profile for service in SERVICES.values() for profile in service.get("profiles", [])})
CANARY = "qk41canary99"


def compose_command() -> list[str]:
    """Return how Docker Compose is called here; skip without it, unless it is required."""
    fetched = ROOT / ".baton" / "tools" / "docker-compose"
    if fetched.exists():
        return [str(fetched)]
    if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    assert os.environ.get("BATON_REQUIRE_COMPOSE") != "1", (
        "Docker Compose is missing: deploy/compose-check.sh fetches it"
    )
    pytest.skip("Docker Compose is not installed; deploy/compose-check.sh fetches it")


def config(*arguments: str, folder: Path = ROOT, **variables: str) -> str:
    command = [*compose_command(), "--env-file", str(ROOT / ".env.example"), *arguments]
    environment = os.environ | variables
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def document(*arguments: str, **variables: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(config(*arguments, "config", "--format", "json", **variables))
    return loaded


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_adds_its_services_to_those_that_always_run(profile: str) -> None:
    always = {name for name, service in SERVICES.items() if "profiles" not in service}
    added = {name for name, service in SERVICES.items() if profile in service.get("profiles", [])}
    assert set(document("--profile", profile)["services"]) == always | added


def test_all_profiles_are_valid_together() -> None:
    assert set(document("--profile", "*")["services"]) == set(SERVICES)


def test_workers_and_gateways_run_by_number() -> None:
    numbers = {"BATON_WORKERS": "3", "BATON_GATEWAYS": "2", "BATON_GATEWAY_PORT": "8080-8081"}
    services = document(**numbers)["services"]
    assert [services[name]["deploy"]["replicas"] for name in ("worker", "gateway")] == [3, 2]
    (port,) = services["gateway"]["ports"]
    assert (port["host_ip"], port["published"], port["target"]) == ("127.0.0.1", "8080-8081", 8080)


def test_each_line_of_the_example_that_is_uncommented_has_its_effect(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    chosen = dict(re.findall(r"^# (\w+)=(.+)$", example, flags=re.MULTILINE))
    file = tmp_path / "env"
    file.write_text(re.sub(r"^# (\w+=)", r"\1", example, flags=re.MULTILINE), encoding="utf-8")
    services = document("--env-file", str(file))["services"]
    environments = [service.get("environment") or {} for service in services.values()]
    assert chosen.pop("COMPOSE_PROFILES") in services
    for name, value in chosen.items():
        given = {environment[name] for environment in environments if name in environment}
        assert given == {value}, name


def test_the_check_names_what_the_env_file_sets_without_effect(tmp_path: Path) -> None:
    for name in (".env.example", "docker-compose.yml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("secrets"))
    tools = tmp_path / ".baton" / "tools"
    tools.mkdir(parents=True)
    program = tools / "docker-compose"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(compose_command())} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / ".env").write_text(
        "BATON_WORKER=3\nBATON_LEDGER_DAYS=4\nBATON_GATEWAYS='2' # two\nCOMPOSE_PROFILES=sanbox,proxy\n", "utf-8"
    )

    done = subprocess.run([tmp_path / "deploy/compose-check.sh"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("note: ")] == [
        "note: .env sets BATON_WORKER, which docker-compose.yml does not read",
        "note: .env names the profile sanbox, which there is not",
        "note: BATON_PROXY_GATEWAYS of .env names 1 of 2 gateways; the proxy uses no other",
    ]


def test_temporal_cloud_takes_the_place_of_the_server_of_ones_own() -> None:
    of_cloud = {"TEMPORAL_ADDRESS": "baton.a1b2c.tmprl.cloud:7233", "TEMPORAL_NAMESPACE": "baton.a1b2c"}
    files = ("--file", "docker-compose.yml", "--file", "deploy/temporal-cloud.compose.yml", "--profile", "*")
    services = document(*files, **of_cloud)["services"]
    assert {name for name in SERVICES if name not in services} == {name for name in SERVICES if "temporal" in name}
    for name in ("worker", "gateway", "cli"):
        assert set(services[name]["depends_on"]) == {"postgresql-init"}
        assert services[name]["environment"].items() >= of_cloud.items()
        mounted = {f"/run/secrets/{secret['source']}" for secret in services[name]["secrets"]}
        assert services[name]["environment"]["TEMPORAL_API_KEY_FILE"] in mounted
        assert mounted > {f"/run/secrets/{secret}" for secret in SERVICES[name]["secrets"]}


def test_no_content_of_a_secret_is_printed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    for secret in SECRETS.values():
        file = tmp_path / secret["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(CANARY, encoding="utf-8")
    assert CANARY not in config("--profile", "*", "config", folder=tmp_path)


def test_prometheus_finds_every_worker_and_gateway_by_its_name() -> None:
    settings = yaml.safe_load((OBSERVABILITY / "prometheus.compose.yml").read_text(encoding="utf-8"))
    found = {
        (name, job["job_name"], sd["port"], job.get("authorization", {}).get("credentials_file"))
        for job in settings["scrape_configs"]
        for sd in job["dns_sd_configs"]
        for name in sd["names"]
    }
    token = SERVICES["gateway"]["environment"]["BATON_METRICS_TOKEN_FILE"]
    worker_port = SERVICES["worker"]["environment"]["BATON_WORKER_METRICS_PORT"]
    temporal_port = int(SERVICES["temporal"]["environment"]["PROMETHEUS_ENDPOINT"].rpartition(":")[2])
    assert found == {
        ("gateway", "baton-gateway", SERVICES["gateway"]["environment"]["BATON_GATEWAY_PORT"], token),
        ("worker", "baton-worker", worker_port, token),
        ("temporal", "temporal", temporal_port, None),
    }
    shared = {name for name, service in SERVICES.items() if "observability" in service.get("networks", [])}
    assert shared >= {"prometheus", "grafana", "jaeger", "worker", "gateway", "temporal"}


def test_prometheus_accepts_the_configuration_of_compose(tmp_path: Path) -> None:
    if not (promtool := shutil.which("promtool")):
        assert os.environ.get("BATON_REQUIRE_PROMTOOL") != "1", "promtool is missing"
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    (tmp_path / "metrics_token").write_text(CANARY, encoding="utf-8")
    text = (OBSERVABILITY / "prometheus.compose.yml").read_text(encoding="utf-8")
    (tmp_path / "prometheus.yml").write_text(text.replace("/run/secrets", str(tmp_path)), encoding="utf-8")
    shutil.copy(OBSERVABILITY / "rules.yml", tmp_path)
    command = [promtool, "check", "config", "prometheus.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_shows_the_dashboard_with_what_prometheus_has() -> None:
    def provisioned(name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load((OBSERVABILITY / "grafana" / name / "baton.yml").read_text("utf-8"))
        return loaded

    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    (provider,) = provisioned("dashboards")["providers"]
    assert mounts["./deploy/observability"] == provider["options"]["path"]
    assert [file.name for file in OBSERVABILITY.rglob("*.json")] == ["dashboard.json"], "each is taken for a dashboard"
    urls = {source["type"]: source["url"] for source in provisioned("datasources")["datasources"]}
    assert urls == {"prometheus": "http://prometheus:9090", "jaeger": "http://jaeger:16686"}
    assert re.search(r'"query": "prometheus"', (OBSERVABILITY / "dashboard.json").read_text(encoding="utf-8"))
