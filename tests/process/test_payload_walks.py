"""The walks through workflow tasks that are left out, and the payloads for which they are made."""

from typing import Any

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import ExternalStorageReference
from temporalio.bridge import worker as bridge
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import DataConverter

from baton.encryption.keys import PayloadKeys, UnknownKey, new_key
from baton.payloads import data_converter, encrypting_converter
from baton.process.payload_walks import spare_walks

ENCRYPTED = encrypting_converter(PayloadKeys(text=new_key("k1")))
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"amount": 5}')
STORED_ELSEWHERE = {
    "an older reference": {"encoding": b"json/external-storage-reference"},
    "a reference": {
        "encoding": b"json/protobuf",
        "messageType": ExternalStorageReference.DESCRIPTOR.full_name.encode(),
    },
    "an encoded reference": {"encoding": b"other", "__temporal_external_storage_reference": b"true"},
}


def activation(*payloads: Payload) -> WorkflowActivation:
    task = WorkflowActivation(run_id="run")
    task.jobs.add().signal_workflow.input.extend(payloads)
    return task


def completion(payload: Payload) -> WorkflowActivationCompletion:
    task = WorkflowActivationCompletion(run_id="run")
    task.successful.commands.add().complete_workflow_execution.result.CopyFrom(payload)
    return task


def payload_of(task: WorkflowActivation) -> Payload:
    return task.jobs[0].signal_workflow.input[0]


async def decode(task: WorkflowActivation, converter: DataConverter = data_converter) -> None:
    await bridge.decode_activation(task, converter, decode_headers=True, storage_concurrency_limit=1)


async def encode(task: WorkflowActivationCompletion, converter: DataConverter = data_converter) -> None:
    await bridge.encode_completion(task, converter, encode_headers=True, storage_concurrency_limit=1)


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Return what the SDK's own functions were called with."""
    seen: list[Message] = []

    def noting(walk: Any) -> Any:
        async def walk_and_note(task: Message, *arguments: Any, **options: Any) -> Any:
            seen.append(task)
            return await walk(task, *arguments, **options)

        return walk_and_note

    for name in ("decode_activation", "encode_completion"):
        own = getattr(bridge, name)
        monkeypatch.setattr(bridge, name, noting(getattr(own, "__wrapped__", own)))
    spare_walks()
    return seen


async def test_an_activation_in_clear_is_not_walked_through(walked: list[Message]) -> None:
    task = activation(PLAIN)
    await decode(task)
    assert payload_of(task) == PLAIN
    assert walked == [WorkflowActivation()]


async def test_a_completion_in_clear_is_not_walked_through(walked: list[Message]) -> None:
    task = completion(PLAIN)
    await encode(task)
    assert task == completion(PLAIN)
    assert walked == [WorkflowActivationCompletion()]


async def test_an_encrypted_payload_without_its_key_stops_the_task(walked: list[Message]) -> None:
    (sealed,) = await ENCRYPTED.encode(["a secret"])
    with pytest.raises(UnknownKey, match="k1"):
        await decode(activation(PLAIN, sealed))


@pytest.mark.parametrize("metadata", STORED_ELSEWHERE.values(), ids=STORED_ELSEWHERE)
async def test_a_payload_stored_elsewhere_stops_the_task(walked: list[Message], metadata: dict[str, bytes]) -> None:
    with pytest.raises(RuntimeError, match="external storage is not configured"):
        await decode(activation(Payload(metadata=metadata, data=b"{}")))


async def test_with_encryption_activations_are_decrypted(walked: list[Message]) -> None:
    (sealed,) = await ENCRYPTED.encode(["a secret"])
    task = activation(sealed)
    await decode(task, ENCRYPTED)
    assert payload_of(task).data == b'"a secret"'


async def test_with_encryption_completions_are_encrypted(walked: list[Message]) -> None:
    task = completion(PLAIN)
    await encode(task, ENCRYPTED)
    assert PLAIN.data not in task.SerializeToString()


async def test_sparing_the_walks_twice_asks_the_sdk_once(walked: list[Message]) -> None:
    spare_walks()
    await decode(activation(PLAIN))
    assert len(walked) == 1
