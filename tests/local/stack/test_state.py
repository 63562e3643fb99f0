"""The files by which commands in another shell find a running stack."""

import stat
from pathlib import Path

import pytest

from baton.local.stack.errors import HomeInUse
from baton.local.stack.state import (
    StackState,
    apply_to_environment,
    environment_file,
    home_lock,
    read_state,
    remove_state,
    write_state,
)

SHARED = {
    "BATON_HOME": "/srv/it's here",
    "BATON_LEDGER_URL": "postgresql://ledger:p%40ss@db/ledger#x",
    "TEMPORAL_ADDRESS": "127.0.0.1:7233",
    "TEMPORAL_NAMESPACE": "default",
    "ORCHESTRA_BASE_URL": "http://127.0.0.1:8090",
    "ORCHESTRA_API_KEY": "fn_sandbox",
}


def state(home: Path) -> StackState:
    return StackState(
        pid=4711,
        gateway_url="http://127.0.0.1:8080",
        temporal_address="127.0.0.1:7233",
        ui_url="http://127.0.0.1:8233",
        sandbox_url=None,
        environment_file=str(environment_file(home)),
    )


def test_a_running_stack_can_be_read_with_all_its_variables(tmp_path: Path) -> None:
    with home_lock(tmp_path):
        write_state(tmp_path, state(tmp_path), SHARED)
        running = read_state(tmp_path)
    assert running == state(tmp_path)
    assert running.variables() == SHARED


def test_the_files_of_a_killed_stack_are_ignored(tmp_path: Path) -> None:
    with home_lock(tmp_path):
        write_state(tmp_path, state(tmp_path), SHARED)
    assert read_state(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_state_that_cannot_be_read_is_ignored(tmp_path: Path, text: str) -> None:
    with home_lock(tmp_path):
        (tmp_path / "stack.json").write_text(text, encoding="utf-8")
        assert read_state(tmp_path) is None


def test_a_home_without_a_stack_has_no_state(tmp_path: Path) -> None:
    assert read_state(tmp_path / "nowhere") is None


def test_only_the_lock_file_is_left_after_the_end(tmp_path: Path) -> None:
    with home_lock(tmp_path):
        write_state(tmp_path, state(tmp_path), SHARED)
        remove_state(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"stack.lock"}


def test_only_the_owner_reads_the_variables_and_the_state_has_no_secret(tmp_path: Path) -> None:
    environment_file(tmp_path).touch(mode=0o644)
    write_state(tmp_path, state(tmp_path), SHARED)
    assert stat.S_IMODE(environment_file(tmp_path).stat().st_mode) == 0o600
    text = (tmp_path / "stack.json").read_text(encoding="utf-8")
    assert "fn_sandbox" not in text
    assert "p%40ss" not in text


def test_a_second_stack_on_one_home_is_refused_with_the_first_ones_url(tmp_path: Path) -> None:
    with home_lock(tmp_path):
        write_state(tmp_path, state(tmp_path), SHARED)
        with (
            pytest.raises(HomeInUse, match=r"at http://127.0.0.1:8080 \(process 4711\).*BATON_HOME"),
            home_lock(tmp_path),
        ):
            pass


def applied(home: Path, **environment: str) -> dict[str, str]:
    write_state(home, state(home), SHARED)
    apply_to_environment(state(home), environment)
    return environment


def test_a_shell_without_settings_uses_the_running_stack(tmp_path: Path) -> None:
    assert applied(tmp_path) == SHARED


def test_a_temporal_address_in_the_shell_keeps_all_temporal_settings(tmp_path: Path) -> None:
    environment = applied(tmp_path, TEMPORAL_ADDRESS="engine:7233", TEMPORAL_API_KEY="k")
    assert environment["TEMPORAL_ADDRESS"] == "engine:7233"
    assert environment["TEMPORAL_API_KEY"] == "k"
    assert "TEMPORAL_NAMESPACE" not in environment


def test_the_embedded_server_gets_no_credentials_of_another_server(tmp_path: Path) -> None:
    assert "TEMPORAL_API_KEY" not in applied(tmp_path, TEMPORAL_API_KEY="k")


@pytest.mark.parametrize("name", ["ORCHESTRA_BASE_URL", "BATON_PARTNERS_FILE"])
def test_an_orchestra_account_in_the_shell_keeps_all_its_settings(tmp_path: Path, name: str) -> None:
    environment = applied(tmp_path, **{name: "given", "ORCHESTRA_API_KEY": "k"})
    assert environment[name] == "given"
    assert environment["ORCHESTRA_API_KEY"] == "k"


def test_a_setting_in_the_shell_keeps_its_value(tmp_path: Path) -> None:
    environment = applied(tmp_path, BATON_LEDGER_URL="sqlite:///mine.db")
    assert environment["BATON_LEDGER_URL"] == "sqlite:///mine.db"
    assert environment["BATON_HOME"] == SHARED["BATON_HOME"]
