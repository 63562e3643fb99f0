"""How long the payload codec takes for all payloads of one order's history, without anything else around it."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from baton.encryption.codec import EncryptionCodec
from baton.encryption.keys import PayloadKeys, new_key

_REPEATS = 50


class CodecCost(NamedTuple):
    """What the codec takes for one order.

    Attributes:
        payloads: Payloads in the order's history.
        payload_bytes: Bytes of them in clear.
        encrypt_ms: Milliseconds of CPU to encrypt all of them once.
        decrypt_ms: Milliseconds of CPU to decrypt all of them once.
    """

    payloads: int
    payload_bytes: int
    encrypt_ms: float
    decrypt_ms: float


async def codec_cost(events: Sequence[HistoryEvent]) -> CodecCost:
    """Encrypt and decrypt the payloads of a history in clear, event by event as the SDK does."""
    groups = [group for event in events if (group := list(_payloads(event)))]
    codec = EncryptionCodec(PayloadKeys(text=new_key("bench")))
    began = time.process_time()
    for _ in range(_REPEATS):
        encrypted = [await codec.encode(group) for group in groups]
    between = time.process_time()
    for _ in range(_REPEATS):
        for group in encrypted:
            await codec.decode(group)
    ended = time.process_time()
    return CodecCost(
        payloads=sum(map(len, groups)),
        payload_bytes=sum(len(payload.data) for group in groups for payload in group),
        encrypt_ms=round(1000 * (between - began) / _REPEATS, 2),
        decrypt_ms=round(1000 * (ended - between) / _REPEATS, 2),
    )


def _payloads(message: Message) -> Iterator[Payload]:
    """Yield the payloads of a message that the codec would get: all but search attributes."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.name != "search_attributes":
            for part in _messages(value):
                yield from _payloads(part)


def _messages(value: Any) -> list[Message]:
    if isinstance(value, Message):
        return [value]
    if isinstance(value, (str, bytes, int, float)):
        return []
    parts = value.values() if hasattr(value, "values") else value  # a map or a list
    return [part for part in parts if isinstance(part, Message)]
