"""The plan: what the stack runs, what it uses instead, and the environment of its processes."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from baton.local.stack.local_secrets import LocalSecrets, local_secrets
from baton.local.stack.plan import StackPlan, make_plan
from baton.local.stack.ports import Ports
from baton.settings import Settings

PORTS = Ports(gateway=8080, sandbox=8090, temporal=7233, temporal_ui=8233)


def plan(home: Path = Path("/srv/baton"), **environment: str) -> StackPlan:
    return make_plan(Settings(home=home), PORTS, environment)


def test_by_default_the_stack_runs_its_own_server_and_sandbox() -> None:
    own = plan()
    assert (own.embeds_temporal, own.runs_sandbox) == (True, True)
    assert own.ui_url == "http://127.0.0.1:8233"
    assert own.environment["TEMPORAL_ADDRESS"] == "127.0.0.1:7233"
    assert own.environment["ORCHESTRA_BASE_URL"] == own.sandbox_url == "http://127.0.0.1:8090"
    assert own.webhook_url == "http://127.0.0.1:8080/webhooks/orchestra/default"


def test_a_temporal_address_replaces_the_server_and_keeps_its_credentials() -> None:
    given = plan(TEMPORAL_ADDRESS="engine:7233", TEMPORAL_API_KEY="k", TEMPORAL_NAMESPACE="shop")
    assert (given.embeds_temporal, given.ui_url, given.namespace) == (False, None, "shop")
    assert given.environment["TEMPORAL_ADDRESS"] == "engine:7233"
    assert given.environment["TEMPORAL_API_KEY"] == "k"
    assert [name for name, _, _ in given.listeners()] == ["gateway", "sandbox"]


def test_an_orchestra_base_url_replaces_the_sandbox_and_keeps_its_secrets() -> None:
    given = plan(ORCHESTRA_BASE_URL="https://o.example", ORCHESTRA_API_KEY="k", ORCHESTRA_WEBHOOK_SECRET="s")
    assert (given.runs_sandbox, given.sandbox_url) == (False, None)
    assert given.environment["ORCHESTRA_API_KEY"] == "k"
    assert given.environment["ORCHESTRA_WEBHOOK_SECRET"] == "s"
    assert "sandbox" not in [name for name, _, _ in given.listeners()]


def test_a_partners_file_replaces_the_sandbox_too() -> None:
    given = make_plan(Settings(partners_file=Path("partners.toml")), PORTS, {})
    assert not given.runs_sandbox
    assert Path(given.environment["BATON_PARTNERS_FILE"]).is_absolute()


def test_a_sandbox_stack_does_not_pass_a_real_key_to_its_processes() -> None:
    own = plan(ORCHESTRA_API_KEY="real-key", ORCHESTRA_WEBHOOK_SECRET="real-secret")
    assert not {"real-key", "real-secret"} & set(own.environment.values())


@pytest.mark.parametrize("name", ["TEMPORAL_API_KEY", "TEMPORAL_TLS_SERVER_NAME", "TEMPORAL_PROFILE"])
def test_the_embedded_server_gets_no_settings_of_another_server(name: str) -> None:
    own = make_plan(Settings(), PORTS, {name: "x", "TEMPORAL_WORKER_BUILD_ID": "b1"})
    assert name not in own.environment
    assert own.environment["TEMPORAL_CONFIG_FILE"] == "/dev/null"
    assert own.environment["TEMPORAL_WORKER_BUILD_ID"] == "b1"


def test_each_stack_signs_webhooks_with_its_own_secret() -> None:
    first, second = (plan().environment["ORCHESTRA_WEBHOOK_SECRET"] for _ in range(2))
    assert first != second
    assert len(first) >= 32


def test_no_secret_of_an_account_is_shared_or_shown() -> None:
    real = {"ORCHESTRA_API_KEY": "real-key", "ORCHESTRA_WEBHOOK_SECRET": "real-secret"}
    own = plan(ORCHESTRA_BASE_URL="https://o.example", **real)
    assert not {"real-key", "real-secret"} & set(own.shared.values())
    assert not any(value in repr(own) for value in real.values())


def test_a_command_in_another_shell_can_sign_as_the_sandbox_does() -> None:
    own = plan()
    assert own.shared["ORCHESTRA_WEBHOOK_SECRET"] == own.environment["ORCHESTRA_WEBHOOK_SECRET"]
    assert own.shared["ORCHESTRA_WEBHOOK_SECRET"] not in repr(own)


def test_home_and_ledger_do_not_depend_on_the_current_folder() -> None:
    relative = plan(home=Path(".baton"))
    assert relative.home.is_absolute()
    assert relative.environment["BATON_LEDGER_URL"] == f"sqlite:///{relative.home}/ledger.db"


def test_the_ready_file_of_another_process_is_not_passed_on() -> None:
    assert "BATON_READY_FILE" not in plan(BATON_READY_FILE="/run/other").environment


@pytest.mark.parametrize(
    ("bind", "url"),
    [("127.0.0.1", "http://127.0.0.1:8080"), ("0.0.0.0", "http://127.0.0.1:8080"), ("::1", "http://[::1]:8080")],
)
def test_the_gateway_url_has_an_address_that_clients_can_call(bind: str, url: str) -> None:
    assert make_plan(Settings(bind=bind), PORTS, {}).gateway_url == url


def test_the_order_api_has_the_token_of_the_settings_or_a_made_one() -> None:
    made = make_plan(Settings(), PORTS, {}, LocalSecrets(api_token="baton_made"))
    given = make_plan(
        Settings(api_token=SecretStr("from the settings")), PORTS, {}, LocalSecrets(api_token="baton_made")
    )
    assert made.shared["BATON_API_TOKEN"] == made.environment["BATON_API_TOKEN"] == "baton_made"
    assert given.shared["BATON_API_TOKEN"] == "from the settings"


def test_a_home_folder_keeps_its_token(tmp_path: Path) -> None:
    first = local_secrets(tmp_path / "home")
    assert local_secrets(tmp_path / "home") == first
    assert not set(first) & set(local_secrets(tmp_path / "other"))
    assert (tmp_path / "home" / "page_key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "home" / "api_token").stat().st_mode & 0o077 == 0


def test_the_commands_of_another_shell_know_the_files_of_the_stack() -> None:
    given = Settings(partners_file=Path("partners.toml"), endpoints_file=Path("endpoints.toml"))

    shared = make_plan(given, PORTS, {}).shared

    assert shared["BATON_PARTNERS_FILE"] == str(Path("partners.toml").absolute())
    assert shared["BATON_ENDPOINTS_FILE"] == str(Path("endpoints.toml").absolute())
