"""Whether a history that does not replay could be read at all: without its keys no code replays it."""

from collections.abc import Iterator

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory

from baton.encryption.codec import EncryptionCodec
from baton.encryption.keys import ENCODING, KEY_ID, PayloadKeys, unknown_key


async def check_readable(history: WorkflowHistory) -> None:
    """Check that the payloads of a history can be decrypted with the keys of the environment.

    Raises:
        UnknownKey: The key of one is not here.
        DamagedPayload: One does not fit its key.
        InvalidKeys: The keys cannot be used.
    """
    keys = PayloadKeys.from_environment()
    codec = EncryptionCodec(keys) if keys else None
    for event in history.events:
        for payload in payloads_in(event):
            if codec is not None:
                await codec.decode([payload])
            elif payload.metadata.get("encoding") == ENCODING:
                raise unknown_key(payload.metadata.get(KEY_ID, b"").decode(errors="replace"))


def payloads_in(message: Message) -> Iterator[Payload]:
    """Yield every payload anywhere in a message."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        is_map = field.message_type.GetOptions().map_entry
        parts = value.values() if is_map else [value] if isinstance(value, Message) else value
        for part in parts:
            if isinstance(part, Message):
                yield from payloads_in(part)
