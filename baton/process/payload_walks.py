"""Spares workflow tasks the SDK's walks in search of payloads to decode and encode.

The SDK walks through each activation three times and through each completion three times, for a codec and for payloads
that are stored elsewhere. Without encryption none of these walks changes anything, and together they are a twelfth of
what an order costs the worker. An activation that holds an encrypted payload, or one that is stored elsewhere, is found
by a search through its bytes and takes the SDK's way, which says what is missing.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

from google.protobuf.message import Message
from temporalio.bridge import worker as bridge
from temporalio.converter import DataConverter

from baton.encryption.keys import ENCODING
from baton.payloads import CodecWithoutKeys

Walk = Callable[..., Awaitable[Any]]

_MARKS: Final = (ENCODING, b"external-storage-reference", b"external_storage_reference", b"ExternalStorageReference")
"""What an encrypted payload contains, or one that is stored elsewhere, in each form that the SDK reads."""


def spare_walks(sdk: Any = bridge) -> None:
    """Let the workers of this process walk through activations and completions only where it may change something.

    Args:
        sdk: The module of the SDK that has the walks.
    """
    sdk.decode_activation = _sparing(sdk.decode_activation, lambda task: not _is_marked(task))
    sdk.encode_completion = _sparing(sdk.encode_completion, lambda _: True)


def _sparing(walk: Walk, may_spare: Callable[[Message], bool]) -> Any:
    """Return a walk that visits nothing where no payload needs it."""
    original: Walk = getattr(walk, "__wrapped__", walk)

    @wraps(original)
    async def spared(task: Message, data_converter: DataConverter, *arguments: Any, **options: Any) -> Any:
        visited = type(task)() if _changes_nothing(data_converter) and may_spare(task) else task
        return await original(visited, data_converter, *arguments, **options)

    return spared


def _changes_nothing(data_converter: DataConverter) -> bool:
    return data_converter.external_storage is None and isinstance(data_converter.payload_codec, CodecWithoutKeys)


def _is_marked(task: Message) -> bool:
    content = task.SerializeToString()
    return any(mark in content for mark in _MARKS)
