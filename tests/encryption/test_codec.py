"""The payload codec: what it hides, what it opens, and what it says when it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from baton.encryption.codec import DamagedPayload, EncryptionCodec
from baton.encryption.keys import PayloadKeys, UnknownKey, new_key
from baton.payloads import data_converter, encrypting_converter

OLD, NEW = new_key("old"), new_key("new")
SECRET = "bc1q-where-the-money-goes"


def codec(*entries: str) -> EncryptionCodec:
    return EncryptionCodec(PayloadKeys(text=",".join(entries)))


def payload(text: str = SECRET) -> Payload:
    return Payload(metadata={"encoding": b"json/plain", "messageType": b"note"}, data=text.encode())


@given(st.binary(max_size=2000), st.dictionaries(st.text(max_size=20), st.binary(max_size=50), max_size=3))
async def test_every_payload_comes_back_as_it_was(data: bytes, metadata: dict[str, bytes]) -> None:
    here = codec(NEW)
    whole = Payload(metadata=metadata, data=data)
    assert await here.decode(await here.encode([whole])) == [whole]


async def test_nothing_of_a_payload_is_readable_but_its_keys_id() -> None:
    [sealed] = await codec(NEW).encode([payload()])
    assert SECRET.encode() not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()
    assert sealed.metadata["encryption-key-id"] == b"new"


async def test_the_same_payload_looks_different_each_time() -> None:
    here = codec(NEW)
    first, second = await here.encode([payload(), payload()])
    assert first.data[16:] != second.data[16:]


async def test_another_process_reads_what_was_written_with_any_of_its_keys() -> None:
    [old], [new] = await codec(OLD).encode([payload("a")]), await codec(NEW, OLD).encode([payload("b")])
    assert await codec(NEW, OLD).decode([old, new, payload("c")]) == [payload("a"), payload("b"), payload("c")]
    assert await codec("none", OLD, NEW).decode([old, new]) == [payload("a"), payload("b")]


async def test_a_list_that_begins_with_none_writes_in_clear() -> None:
    assert await codec("none", NEW).encode([payload()]) == [payload()]


async def test_a_key_that_is_missing_is_named_with_the_remedy() -> None:
    sealed = await codec(OLD).encode([payload()])
    with pytest.raises(UnknownKey, match="the key 'old', which is not here; add that key to BATON_PAYLOAD_KEYS"):
        await codec(NEW).decode(sealed)


@pytest.mark.parametrize("place", [0, 20, -1])
async def test_a_payload_that_was_changed_is_refused(place: int) -> None:
    [sealed] = await codec(NEW).encode([payload()])
    changed = bytearray(sealed.data)
    changed[place] ^= 1
    sealed.data = bytes(changed)
    with pytest.raises(DamagedPayload, match="does not fit the key 'new'"):
        await codec(NEW).decode([sealed])


async def test_a_payload_that_was_cut_or_claims_another_key_is_refused() -> None:
    [sealed] = await codec(NEW, OLD).encode([payload()])
    cut = Payload(metadata=sealed.metadata, data=sealed.data[:30])
    sealed.metadata["encryption-key-id"] = b"old"
    for wrong in (cut, sealed):
        with pytest.raises(DamagedPayload):
            await codec(NEW, OLD).decode([wrong])


async def test_the_texts_of_failures_are_hidden_too() -> None:
    converter = encrypting_converter(PayloadKeys(text=NEW))
    failure = Failure()
    await converter.encode_failure(ApplicationError(f"no route to {SECRET}", SECRET, type="refused"), failure)
    assert SECRET.encode() not in failure.SerializeToString()
    assert failure.application_failure_info.type == "refused"
    opened = await converter.decode_failure(failure)
    assert isinstance(opened, ApplicationError)
    assert (opened.message, opened.details) == (f"no route to {SECRET}", (SECRET,))


async def test_what_was_written_before_there_were_keys_is_still_read() -> None:
    clear = await data_converter.encode([{"reference": "r1"}])
    assert await encrypting_converter(PayloadKeys(text=NEW)).decode(clear, [dict]) == [{"reference": "r1"}]


async def test_a_process_without_any_key_says_which_one_it_lacks() -> None:
    sealed = await codec(NEW).encode(await data_converter.encode([{"reference": "r1"}]))
    with pytest.raises(UnknownKey, match="the key 'new', which is not here"):
        await data_converter.decode(sealed, [dict])
