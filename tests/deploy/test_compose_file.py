"""Rules for docker-compose.yml that Docker Compose itself does not check."""

import re

import pytest
import yaml

from baton.ledger.engine import CONNECTIONS
from baton.settings import Settings, load_settings, secret_fields
from tests.deploy.compose_file import ONE_SHOTS, OURS, SERVICES, TEXT, VOLUMES, environment_of, interpolated
from tests.paths import ROOT

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")

each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def needs(name: str) -> dict[str, str]:
    return {other: need["condition"] for other, need in SERVICES[name].get("depends_on", {}).items()}


def seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


@each_service
def test_every_mounted_file_exists(name: str) -> None:
    mounted = [volume.split(":")[0] for volume in SERVICES[name].get("volumes", []) if volume.startswith(".")]
    assert [source for source in mounted if not (ROOT / source).exists()] == []


@each_service
def test_every_image_has_an_exact_tag_and_the_digest_of_a_registry(name: str) -> None:
    own = SERVICES[name].get("build")
    assert own or re.fullmatch(r"[\w./-]+:v?\d+\.[\w.-]+@sha256:[0-9a-f]{64}", SERVICES[name]["image"])


@each_service
def test_ports_are_published_on_loopback_but_those_of_the_proxy(name: str) -> None:
    open_ports = [port for port in SERVICES[name].get("ports", []) if not port.startswith("127.0.0.1:")]
    assert open_ports == (["80:80", "443:443"] if name == "proxy" else [])


def test_the_proxy_sets_what_its_configuration_reads() -> None:
    text = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    assert set(SERVICES["proxy"]["environment"]) <= set(re.findall(r"\{\$(\w+)", text))


@each_service
def test_every_service_can_reach_the_state_others_wait_for(name: str) -> None:
    for other, condition in needs(name).items():
        if other in ONE_SHOTS:
            assert condition == "service_completed_successfully", other
        else:
            assert condition == "service_healthy", other
            assert "healthcheck" in SERVICES[other], other


@each_service
def test_every_long_running_service_has_a_health_check(name: str) -> None:
    assert name in ONE_SHOTS | {"cli"} or "healthcheck" in SERVICES[name]


@each_service
def test_every_named_volume_is_declared(name: str) -> None:
    sources = [volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])]
    assert {source for source in sources if not source.startswith(".")} <= VOLUMES


@each_service
def test_services_run_without_new_privileges_and_with_bounded_logs(name: str) -> None:
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])


@each_service
def test_every_service_has_limits_of_memory_processes_and_files(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["pids_limit"] > 0
    assert service["ulimits"]["nofile"]["hard"] > 0


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_image_is_built_from_the_code_at_hand(name: str) -> None:
    assert (SERVICES[name]["build"], SERVICES[name]["pull_policy"]) == (".", "build")


def test_a_gateway_without_temporal_is_healthy_a_hung_worker_is_not() -> None:
    assert "/healthz" in " ".join(SERVICES["gateway"]["healthcheck"]["test"])
    assert "-mmin -1" in " ".join(SERVICES["worker"]["healthcheck"]["test"])


def test_the_one_shots_prepare_database_schema_and_namespace() -> None:
    assert {"postgresql-init", "temporal-schema", "temporal-init"} == ONE_SHOTS


def test_every_one_shot_is_awaited_so_up_wait_counts_its_end() -> None:
    awaited = {other for name in SERVICES for other in needs(name)}
    assert awaited >= ONE_SHOTS


def test_worker_and_gateway_start_only_once_the_namespace_is_ready() -> None:
    assert "temporal-init" in needs("worker")
    assert "temporal-init" in needs("gateway")


@pytest.mark.parametrize("name", sorted(OURS))
def test_containers_stop_later_than_their_own_grace(name: str) -> None:
    grace = SERVICES["worker"]["environment"]["BATON_SHUTDOWN_GRACE"]
    (drain,) = re.findall(r"(\d+) are the most that the time to stop", EXAMPLE)
    assert seconds(SERVICES[name]["stop_grace_period"]) >= grace + int(drain) + 5


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_are_read_only_without_capabilities(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "user" not in service, "the image's own user is unprivileged"


def test_profiles_add_what_an_installation_may_do_without() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {
        "cli": ["cli"],
        "proxy": ["proxy"],
        "sandbox": ["sandbox"],
        "prometheus": ["observability"],
        "grafana": ["observability"],
        "jaeger": ["observability"],
    }


def test_only_services_that_use_the_database_can_reach_it() -> None:
    networks = {name for name, service in SERVICES.items() if "database" in service["networks"]}
    assert networks == {"postgresql", "postgresql-init", "temporal-schema", "temporal", "worker", "gateway", "cli"}
    assert "ports" not in SERVICES["postgresql"]


def test_the_example_environment_names_every_variable_with_its_default() -> None:
    shown = dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE, flags=re.MULTILINE))
    assert shown == dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))
    assert set(shown) == set(re.findall(r"\$\{(\w+)", TEXT))


def test_the_example_environment_explains_every_variable_that_is_passed_on() -> None:
    passed_on = {name for service in OURS for name, value in SERVICES[service]["environment"].items() if value is None}
    assert passed_on <= set(re.findall(r"^# (\w+)=", EXAMPLE, flags=re.MULTILINE))


def test_a_line_of_the_example_that_is_uncommented_is_not_replaced_below() -> None:
    lines = re.findall(r"^(# )?(\w+)=", EXAMPLE, flags=re.MULTILINE)
    last = {name: commented for commented, name in lines}
    assert [name for commented, name in lines if commented and not last[name]] == []


def test_the_values_of_the_example_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in re.findall(r"^(?:# )?(BATON_\w+)=(.*)$", EXAMPLE, flags=re.MULTILINE):
        monkeypatch.setenv(name, value)
    assert load_settings().page_frame_ancestors == "https://shop.example.com"


def test_every_setting_reaches_the_services_or_is_left_out_for_a_reason() -> None:
    given = {name for service in ("worker", "gateway") for name in SERVICES[service]["environment"]}
    files = {f"BATON_{field.upper()}" for field in secret_fields()}
    of_the_sandbox = {"BATON_SANDBOX_PORT", "BATON_TEMPORAL_PORT"}
    all_workers_are_alike = {"BATON_ONLY", "BATON_ACCOUNTS"}
    for_tests = {"BATON_WORKFLOW_SANDBOX"}
    settings = {f"BATON_{field.upper()}" for field in Settings.model_fields}
    assert settings - given == files | of_the_sandbox | all_workers_are_alike | for_tests


def test_the_command_line_has_the_files_that_it_examines_and_writes() -> None:
    common = set(SERVICES["worker"]["environment"]) & set(SERVICES["gateway"]["environment"])
    assert common <= set(SERVICES["cli"]["environment"])
    assert {"BATON_TOKENS_FILE", "BATON_WATCH"} <= common


def test_the_pages_name_profiles_that_there_are() -> None:
    profiles = {profile for service in SERVICES.values() for profile in service.get("profiles", [])}
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    named = re.findall(r"COMPOSE_PROFILES=([\w,-]+)", EXAMPLE + TEXT + pages)
    assert {profile for names in named for profile in names.split(",")} <= profiles


@pytest.mark.parametrize("name", ["worker", "gateway"])
def test_the_number_of_workers_and_gateways_is_a_setting(name: str) -> None:
    replicas = SERVICES[name]["deploy"]["replicas"]
    variable = f"BATON_{name.upper()}S"
    assert [interpolated(replicas, {}), interpolated(replicas, {variable: "4"})] == ["1", "4"]


def connections(variables: dict[str, str]) -> tuple[int, int]:
    """Return how many connections PostgreSQL accepts, and how many all others may hold together."""
    accepted = int(interpolated(SERVICES["postgresql"]["command"][-1], variables).removeprefix("max_connections="))
    temporal = environment_of("temporal", variables)
    each_role = int(temporal["SQL_MAX_CONNS"]) + int(temporal["SQL_VIS_MAX_CONNS"])
    processes = int(variables["BATON_WORKERS"]) + int(variables["BATON_GATEWAYS"])
    each_process = int(environment_of("worker", variables)["BATON_LEDGER_CONNECTIONS"])
    reserved = 20
    return accepted, 4 * each_role + processes * each_process + reserved


def test_postgresql_has_connections_for_ten_workers_and_gateways() -> None:
    accepted, held = connections({"BATON_WORKERS": "5", "BATON_GATEWAYS": "5"})
    assert held <= accepted == 300
    accepted, held = connections({"BATON_WORKERS": "6", "BATON_GATEWAYS": "5"})
    assert held > accepted, "the comment in the file and .env.example say ten"


def test_the_file_gives_each_process_the_connections_of_the_code() -> None:
    default = Settings.model_fields["ledger_connections"].default
    assert environment_of("worker", {})["BATON_LEDGER_CONNECTIONS"] == str(default) == str(CONNECTIONS)


def test_every_baton_variable_is_read_by_the_code() -> None:
    sandbox = (ROOT / "baton/local/sandbox/command.py").read_text(encoding="utf-8")
    known = {f"BATON_{field.upper()}" for field in Settings.model_fields} | {"BATON_READY_FILE"}
    known |= set(re.findall(r'envvar="(\w+)"', sandbox))
    used = {name for service in OURS for name in SERVICES[service]["environment"] if name.startswith("BATON_")}
    assert used <= known


def test_the_dynamic_configuration_has_the_servers_format() -> None:
    text = (ROOT / "deploy/temporal/dynamic-config.yaml").read_text(encoding="utf-8")
    for key, values in yaml.safe_load(text).items():
        assert re.fullmatch(r"[a-z]+\.[A-Za-z]+", key)
        assert [set(value) for value in values] == [{"value", "constraints"}]
