"""Settings that are wrong: one error names each variable or field, and what it may be."""

from pathlib import Path

import pytest
from temporalio.service import GrpcCompression

from baton.process.http_server import CannotListen, listen
from baton.settings import Settings, SettingsError, load_accounts, load_settings
from baton.temporal import TemporalUnavailable, connect


@pytest.mark.parametrize("port", ["-1", "65536", "99999", "http"])
@pytest.mark.parametrize("name", ["BATON_GATEWAY_PORT", "BATON_SANDBOX_PORT", "BATON_TEMPORAL_PORT"])
def test_a_port_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, port: str) -> None:
    monkeypatch.setenv(name, port)
    with pytest.raises(SettingsError, match=rf"^{name}: "):
        load_settings()


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_no_process_listens_on_the_remainder_of_a_port(port: int) -> None:
    with pytest.raises(CannotListen, match="from 0 to 65535"):
        listen("127.0.0.1", port)


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "20s"])
@pytest.mark.parametrize("name", ["BATON_SHUTDOWN_GRACE", "BATON_WEBHOOK_COALESCE"])
def test_a_time_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name}: "):
        load_settings()


def test_every_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_LOG_FORMAT", "xml")
    monkeypatch.setenv("BATON_GATEWAY_CONNECTIONS", "0")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "BATON_GATEWAY_CONNECTIONS: Input should be greater than or equal to 1" in str(error.value)
    assert "BATON_LOG_FORMAT: Input should be 'console' or 'json'" in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BATON_TRUSTED_PROXIES", "10.0.0.1/8", "'10.0.0.1/8' is no network; write one such as 10.0.0.0/8"),
        ("BATON_TRUSTED_PROXIES", "proxy", "'proxy' is no network; write one such as 127.0.0.0/8"),
        ("BATON_ALLOWED_HOSTS", "https://pay.example.com", "is no name of a host; write one such as pay.example.com"),
        ("BATON_ALLOWED_HOSTS", "*.example.com", "is no name of a host"),
        ("BATON_UI_ORIGINS", "*", "'\\*' is no origin; write scheme, host and port alone"),
        ("BATON_UI_ORIGINS", "http://localhost:8233/", "is no origin"),
        ("BATON_UI_ORIGINS", "localhost:8233", "is no origin"),
    ],
)
def test_what_would_match_nothing_or_everybody_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name}: .*{words}"):
        load_settings()


def test_a_secret_that_is_given_twice_is_named_by_both_variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("ORCHESTRA_WEBHOOK_SECRET", "ORCHESTRA_WEBHOOK_SECRET_FILE"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(SettingsError, match="give ORCHESTRA_WEBHOOK_SECRET or ORCHESTRA_WEBHOOK_SECRET_FILE, not both"):
        load_accounts(Settings())


def test_every_wrong_field_of_an_account_is_named(tmp_path: Path) -> None:
    file = tmp_path / "partners.toml"
    file.write_text("[accounts.shop]\nwebhook_tolerance = inf\nreads_per_second = nan\nbogus = 1\n")
    with pytest.raises(SettingsError) as error:
        load_accounts(Settings(partners_file=file))
    assert f"BATON_PARTNERS_FILE {file}: accounts.shop: " in str(error.value)
    for field in ("webhook_tolerance: ", "reads_per_second: ", "bogus: "):
        assert field in str(error.value)


def test_a_partners_file_that_is_missing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "partners.toml"
    with pytest.raises(SettingsError, match=f"BATON_PARTNERS_FILE {file}: cannot be read: No such file"):
        load_accounts(Settings(partners_file=file))


async def test_a_missing_certificate_of_temporal_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", "/does/not/exist")
    with pytest.raises(TemporalUnavailable, match="No such file or directory: '/does/not/exist'") as error:
        await connect(lazy=True)
    assert "TEMPORAL_" in error.value.remedy


@pytest.mark.parametrize(
    ("variable", "value", "compression"),
    [
        ("TEMPORAL_TLS", "false", GrpcCompression.NONE),
        ("TEMPORAL_TLS", "true", GrpcCompression.GZIP),
        ("TEMPORAL_API_KEY", "a-key", GrpcCompression.GZIP),
    ],
)
async def test_only_calls_over_tls_are_compressed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, compression: GrpcCompression
) -> None:
    monkeypatch.setenv(variable, value)
    client = await connect(lazy=True)
    assert client.service_client.config.grpc_compression is compression
