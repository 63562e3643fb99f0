"""Decrypts the payloads in a document that Temporal wrote as JSON, such as an exported history."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from baton.encryption.keys import ENCODING

_ENCODING = base64.b64encode(ENCODING).decode()


async def decrypt_in(document: Any, codec: PayloadCodec) -> None:
    """Put the payloads of a document in clear, in their places.

    Raises:
        UnknownKey: The key of one is not here.
        DamagedPayload: One does not fit its key.
    """
    sealed = list(_sealed(document))
    clear = await codec.decode([_payload(node) for node in sealed])
    for node, payload in zip(sealed, clear, strict=True):
        node.clear()
        node.update(json_format.MessageToDict(payload))


def _sealed(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for part in node:
            yield from _sealed(part)
    elif isinstance(node, dict):
        metadata = node.get("metadata")
        if isinstance(metadata, dict) and metadata.get("encoding") == _ENCODING:
            yield node
        else:
            for part in node.values():
                yield from _sealed(part)


def _payload(node: dict[str, Any]) -> Payload:
    try:
        return json_format.ParseDict(node, Payload())
    except (json_format.ParseError, binascii.Error):
        return Payload()
