"""The walks through workflow tasks that are left out, and the payloads for which they are made."""

from types import SimpleNamespace
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


class Walks(SimpleNamespace):
    """The SDK's walks, spared. Not those of the SDK's own module, which other workers of this process call too.

    Attributes:
        walked: What the SDK's own functions were called with.
    """

    def __init__(self) -> None:
        super().__init__(walked=[])
        self.decode_activation = self._noting(bridge.decode_activation)
        self.encode_completion = self._noting(bridge.encode_completion)
        spare_walks(self)

    def _noting(self, walk: Any) -> Any:
        own = getattr(walk, "__wrapped__", walk)

        async def walk_and_note(task: Message, *arguments: Any, **options: Any) -> Any:
            self.walked.append(task)
            return await own(task, *arguments, **options)

        return walk_and_note

    async def decode(self, task: WorkflowActivation, converter: DataConverter = data_converter) -> None:
        await self.decode_activation(task, converter, decode_headers=True, storage_concurrency_limit=1)

    async def encode(self, task: WorkflowActivationCompletion, converter: DataConverter = data_converter) -> None:
        await self.encode_completion(task, converter, encode_headers=True, storage_concurrency_limit=1)


@pytest.fixture
def walks() -> Walks:
    return Walks()


async def test_an_activation_in_clear_is_not_walked_through(walks: Walks) -> None:
    task = activation(PLAIN)
    await walks.decode(task)
    assert payload_of(task) == PLAIN
    assert walks.walked == [WorkflowActivation()]


async def test_a_completion_in_clear_is_not_walked_through(walks: Walks) -> None:
    task = completion(PLAIN)
    await walks.encode(task)
    assert task == completion(PLAIN)
    assert walks.walked == [WorkflowActivationCompletion()]


async def test_an_encrypted_payload_without_its_key_stops_the_task(walks: Walks) -> None:
    (sealed,) = await ENCRYPTED.encode(["a secret"])
    with pytest.raises(UnknownKey, match="k1"):
        await walks.decode(activation(PLAIN, sealed))


@pytest.mark.parametrize("metadata", STORED_ELSEWHERE.values(), ids=STORED_ELSEWHERE)
async def test_a_payload_stored_elsewhere_stops_the_task(walks: Walks, metadata: dict[str, bytes]) -> None:
    with pytest.raises(RuntimeError, match="external storage is not configured"):
        await walks.decode(activation(Payload(metadata=metadata, data=b"{}")))


async def test_with_encryption_activations_are_decrypted(walks: Walks) -> None:
    (sealed,) = await ENCRYPTED.encode(["a secret"])
    task = activation(sealed)
    await walks.decode(task, ENCRYPTED)
    assert payload_of(task).data == b'"a secret"'


async def test_with_encryption_completions_are_encrypted(walks: Walks) -> None:
    task = completion(PLAIN)
    await walks.encode(task, ENCRYPTED)
    assert PLAIN.data not in task.SerializeToString()


async def test_sparing_the_walks_twice_asks_the_sdk_once(walks: Walks) -> None:
    spare_walks(walks)
    await walks.decode(activation(PLAIN))
    assert len(walks.walked) == 1
