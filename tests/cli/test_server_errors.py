"""What the Temporal server refuses is one sentence with its remedy, and never a dump of the SDK's native part."""

import re
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.cli.command import Baton
from tests.cli.denying_server import denying_server, silent_server

START = (
    "start", "--source-chain", "base", "--source-asset", "USDC", "--destination-chain", "spark",
    "--destination-asset", "BTC", "--recipient-address", "spark1recipient", "--amount", "5",
)  # fmt: skip
DUMP = re.compile(r"Error\(|Status \{|\w+::\w+|Custom \{|\bkind:|tonic|hyper|Traceback|Invalid\w+\(|RPCError")


async def sentence(baton: Baton, *arguments: str, code: int = 3, **environment: str) -> str:
    """Return the error of a command, which is one line of words."""
    answer = await baton(*(arguments or ("list", "--patience", "2")), **environment)
    assert (answer.code, answer.out) == (code, "")
    assert len(answer.err.splitlines()) == 1
    assert not DUMP.search(answer.err)
    assert answer.err.startswith("error: ")
    return answer.err.removeprefix("error: ").strip()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1:1", "Temporal cannot be reached at 127.0.0.1:1: nothing listens there; start the server or set"),
        ("nowhere.invalid:7233", "there is no host of this name; correct TEMPORAL_ADDRESS"),
        ("not an address", "TEMPORAL_ADDRESS not an address is not an address; write HOST:PORT"),
        ("127.0.0.1", "is not an address; write HOST:PORT, such as localhost:7233"),
        ("ada:Tr8xQ2vLp9wK@temporal:7233", "TEMPORAL_ADDRESS has a user before temporal:7233; write HOST:PORT"),
        ("https://ada:Tr8xQ2vLp9wK@temporal:7233", "TEMPORAL_ADDRESS https://temporal:7233 has a scheme"),
        ("https://temporal:7233", "has a scheme; write HOST:PORT, and set TEMPORAL_TLS=true for TLS"),
    ],
)
async def test_a_wrong_address_is_named_with_its_remedy(alone: Baton, address: str, words: str) -> None:
    said = await sentence(alone, TEMPORAL_ADDRESS=address)
    assert words in said
    assert "Tr8xQ2vLp9wK" not in said


async def test_a_local_stack_is_only_offered_where_a_server_is_missing(alone: Baton) -> None:
    assert "`baton up` starts one" in await sentence(alone, TEMPORAL_ADDRESS="127.0.0.1:1")
    assert "`baton up`" not in await sentence(alone, TEMPORAL_ADDRESS="nowhere.invalid:7233")


async def test_a_silent_server_and_a_web_server_are_told_apart(alone: Baton) -> None:
    async with silent_server() as silent, silent_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as web:
        assert "did not answer within 2 seconds" in await sentence(alone, TEMPORAL_ADDRESS=silent)
        assert "what answers there is not Temporal" in await sentence(alone, TEMPORAL_ADDRESS=web)


@pytest.mark.parametrize(("setting", "value"), [("TEMPORAL_TLS", "true"), ("TEMPORAL_API_KEY", "a-key-nobody-has")])
async def test_tls_to_a_server_without_it_names_what_turned_it_on(
    alone: Baton, temporal: WorkflowEnvironment, setting: str, value: str
) -> None:
    address = temporal.client.service_client.config.target_host

    said = await sentence(alone, TEMPORAL_ADDRESS=address, **{setting: value})

    assert "the server does not speak TLS there; unset TEMPORAL_TLS and TEMPORAL_API_KEY" in said
    assert "a-key-nobody-has" not in said


async def test_a_certificate_that_is_none_is_named(alone: Baton, tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("garbage")
    tls = {"TEMPORAL_ADDRESS": "127.0.0.1:1", "TEMPORAL_TLS": "true"}
    own = {f"TEMPORAL_TLS_CLIENT_{name}_PATH": str(tmp_path / "bad.pem") for name in ("CERT", "KEY")}
    missing = {f"TEMPORAL_TLS_CLIENT_{name}_PATH": "/nowhere.pem" for name in ("CERT", "KEY")}

    assert "the TLS certificate or key cannot be used; check that the files" in await sentence(alone, **tls, **own)
    assert "No such file or directory: '/nowhere.pem'; correct" in await sentence(alone, **tls, **missing)


@pytest.mark.parametrize(("status", "name"), [(7, "PermissionDenied"), (16, "Unauthenticated")])
async def test_a_refused_key_says_where_to_look(alone: Baton, status: int, name: str) -> None:
    async with denying_server(status, "Request unauthorized.") as address:
        said = await sentence(alone, TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE="shop")

    assert said == (
        f"Temporal at {address} refuses access to namespace 'shop'; "
        "check TEMPORAL_API_KEY, or the certificate of TEMPORAL_TLS_CLIENT_CERT_PATH"
    )


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "x"), START, ("address", "list"), ("ledger", "rebuild"), ("cancel", "x")]
)
async def test_a_missing_namespace_is_named_by_every_command(
    alone: Baton, temporal: WorkflowEnvironment, arguments: tuple[str, ...]
) -> None:
    address = temporal.client.service_client.config.target_host

    said = await sentence(alone, *arguments, TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE="nope")

    assert said.startswith(
        "Temporal has no namespace 'nope'; create it (`temporal operator namespace create -n nope`), or set "
    )


async def test_a_name_that_the_server_does_not_take_is_answered_in_words(
    alone: Baton, temporal: WorkflowEnvironment
) -> None:
    address = temporal.client.service_client.config.target_host

    said = await sentence(alone, TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE="n" * 3000)

    assert "Temporal answered: Namespace length exceeds limit; check the settings TEMPORAL_*" in said


async def test_a_configuration_file_that_cannot_be_read_is_named(alone: Baton, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[profile\n")

    assert "TOML parse error at line 1" in await sentence(alone, TEMPORAL_CONFIG_FILE=str(tmp_path / "bad.toml"))
    assert "Profile 'nope' not found" in await sentence(alone, TEMPORAL_PROFILE="nope")
