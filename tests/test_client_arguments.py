"""What the client says about wrong arguments, and about a Temporal server that is gone; no server runs here."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from baton import BatonClient, DepositProof, DocumentError, InvalidArgument, Unreachable
from baton.orders.document import read_document
from baton.temporal_reasons import reason_of
from tests.end_to_end.world import USDC_TO_BTC
from tests.temporal_server import temporal_server

REFUSED = (
    "Failed client connect: Server connection error: tonic::transport::Error(Transport, ConnectError(ConnectError("
    '"tcp connect error", 127.0.0.1:1, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })))'
)
CERTIFICATE = (
    "Failed client connect: Server connection error: tonic::transport::Error(Transport, ConnectError(Custom { kind: "
    "InvalidData, error: InvalidCertificate(UnknownIssuer) }))"
)
UNQUOTED = (
    "Failed client connect: `get_system_info` call error: Status { code: Unauthenticated, metadata: MetadataMap {} }"
)


@pytest.fixture
async def baton() -> BatonClient:
    client = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    return BatonClient(client, patience=timedelta(seconds=0.5))


async def test_an_empty_note_is_named_as_the_wrong_argument(baton: BatonClient) -> None:
    with pytest.raises(InvalidArgument, match="note: String should have at least 1 character; correct it"):
        await baton.resolve("r", note="")


async def test_every_wrong_argument_of_a_resolution_is_named(baton: BatonClient) -> None:
    bogus: Any = "bogus"
    with pytest.raises(InvalidArgument, match=r"note and close_as: .*'completed'"):
        await baton.resolve("r", note="", close_as=bogus)


@pytest.mark.parametrize("proof", ["0xabc", {"txHash": "0xabc"}, None, 7])
async def test_a_proof_of_another_type_is_refused_with_an_example(baton: BatonClient, proof: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"proof: is a \w+; pass a DepositProof, such as DepositProof\(tx_hash="):
        await baton.report_deposit("r", proof)


async def test_a_wrong_quote_id_of_a_report_is_refused(baton: BatonClient) -> None:
    quote_id: Any = 7
    with pytest.raises(InvalidArgument, match="quote_id: "):
        await baton.report_deposit("r", DepositProof(tx_hash="0xabc"), quote_id=quote_id)


async def test_a_repricing_answered_by_a_word_is_refused(baton: BatonClient) -> None:
    decision: Any = "approve"
    with pytest.raises(InvalidArgument, match="decision: is a str; pass a RepriceDecision"):
        await baton.decide_reprice("r", decision)


@pytest.mark.parametrize(
    ("filters", "complaint"),
    [
        ({"phase": "bogus"}, "phase: there is no 'bogus'; use one of: quoting, awaiting_deposit"),
        ({"outcome": "done"}, "outcome: there is no 'done'; use one of: completed, refunded"),
        ({"limit": 0}, "limit: is 0; pass 1 or more"),
    ],
)
async def test_a_list_by_an_unknown_value_names_the_values(
    baton: BatonClient, filters: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidArgument, match=complaint) as refused:
        await baton.list_orders(**filters)
    assert refused.value.code == "invalid_argument"


def calls(baton: BatonClient) -> list[Callable[[], Awaitable[object]]]:
    return [
        lambda: baton.place({**USDC_TO_BTC, "reference": "r"}),
        lambda: baton.snapshot("r"),
        lambda: baton.refresh("r"),
        baton.list_orders,
    ]


async def test_calls_of_a_client_that_cannot_connect_say_so(baton: BatonClient) -> None:
    for call in calls(baton):
        with pytest.raises(Unreachable, match=r"Temporal cannot be reached at 127\.0\.0\.1:1: nothing listens there"):
            await call()


async def test_calls_after_temporal_has_gone_say_so() -> None:
    async with temporal_server() as environment:
        baton = BatonClient(environment.client, patience=timedelta(seconds=0.5))
        assert await baton.list_orders() == []

    for call in calls(baton):
        with pytest.raises(Unreachable, match="Temporal does not answer; check TEMPORAL_ADDRESS") as gone:
            await call()
        assert gone.value.code == "temporal_unavailable"


async def test_calls_without_a_worker_name_the_worker() -> None:
    async with temporal_server() as environment:
        baton = BatonClient(environment.client, patience=timedelta(seconds=0.5))
        with pytest.raises(Unreachable, match=r"no answer within 0\.5 s") as silent:
            await baton.place({**USDC_TO_BTC, "reference": "r"})

    assert silent.value.code == "no_worker"
    assert "Baton's worker" in silent.value.remedy


def test_a_document_names_every_wrong_field() -> None:
    with pytest.raises(DocumentError) as refused:
        read_document({**USDC_TO_BTC, "amount": "0", "recipientAdress": "x", "slippageBps": 5000})

    assert refused.value.message.startswith("3 fields are wrong: ")
    for field in ("amount: ", "recipientAdress is not a field", "slippageBps: "):
        assert field in refused.value.message
    assert refused.value.remedy == "correct them and place the order again"


def test_a_single_wrong_field_always_has_a_remedy() -> None:
    for wrong in ({"amount": "1.5"}, {"slippageBps": 1001}, {"recipientAdress": "x"}, {"reference": "a b"}):
        with pytest.raises(DocumentError) as refused:
            read_document({**USDC_TO_BTC, **wrong})
        assert refused.value.remedy


@pytest.mark.parametrize(
    ("dump", "reason"),
    [
        (REFUSED, "Connection refused"),
        (CERTIFICATE, "InvalidCertificate(UnknownIssuer)"),
        (UNQUOTED, "Failed client connect: `get_system_info` call error"),
        ("invalid target URL: no host", "invalid target URL: no host"),
    ],
)
def test_a_connect_error_has_the_reason_without_the_dump(dump: str, reason: str) -> None:
    assert reason_of(RuntimeError(dump)) == reason
