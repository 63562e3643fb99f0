"""The payload codec: Temporal stores inputs, results, memos, summaries and failure texts only as AES-256-GCM.

Workflow ids, signal and activity names and search attributes stay readable: Temporal needs them to find workflows.

Each process derives a key of its own from the installation's key and a random salt, which stands in front of each
payload. Random nonces are safe for about 2^32 payloads under one key; a busy fleet would write more than that under
the installation's key alone.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from baton.encryption.keys import ENCODING, KEY_ID, PayloadKeys, UnreadablePayload, unknown_key

CIPHER: Final = b"AES-256-GCM/HKDF-SHA256"

_SALT = 16
_NONCE = 12
_TAG = 16
_WRITES_PER_SALT = 2**31
_INFO = b"baton payload"


class DamagedPayload(UnreadablePayload):
    """A payload that cannot be decrypted: it was changed, or another key has its key's id."""


def _damaged(key_id: str) -> DamagedPayload:
    return DamagedPayload(
        "payload_damaged",
        f"a payload in Temporal does not fit the key {key_id[:32]!r}",
        "the id must stand for the same key in every process and for as long as histories are kept",
    )


class _Writer(NamedTuple):
    """The derived key with which this process encrypts, and how much it has encrypted."""

    key_id: str
    key: bytes
    salt: bytes


class EncryptionCodec(PayloadCodec):
    """Encrypts and decrypts payloads. What was written in clear, before there were keys, stays readable.

    Args:
        keys: The keys of the installation.
    """

    def __init__(self, keys: PayloadKeys) -> None:
        self._keys = keys
        self._writer: _Writer | None = None
        self._written = 0

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads encrypted, or as they are while the list of keys says so."""
        current = self._keys.current()
        if current.writing is None:
            return list(payloads)
        writer = self._writer_for(current.writing, current.keys[current.writing], len(payloads))
        return [_encrypted(writer, payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads in clear.

        Raises:
            UnknownKey: The process lacks the key of one.
            DamagedPayload: One does not fit its key.
        """
        return [self._decrypted(payload) for payload in payloads]

    def _writer_for(self, key_id: str, key: bytes, count: int) -> _Writer:
        writer = self._writer
        if writer is None or (writer.key_id, writer.key) != (key_id, key) or self._written > _WRITES_PER_SALT:
            writer = self._writer = _Writer(key_id, key, os.urandom(_SALT))
            self._written = 0
        self._written += count
        return writer

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata.get(KEY_ID, b"")
        name = key_id.decode(errors="replace")
        key = self._keys.current().keys.get(name)
        if key is None:
            raise unknown_key(name)
        salt, nonce, sealed = payload.data[:_SALT], payload.data[_SALT : _SALT + _NONCE], payload.data[_SALT + _NONCE :]
        if len(sealed) < _TAG:
            raise _damaged(name)
        try:
            return Payload.FromString(_cipher(key, salt).decrypt(nonce, sealed, _associated(key_id)))
        except InvalidTag:
            raise _damaged(name) from None


def _encrypted(writer: _Writer, payload: Payload) -> Payload:
    nonce, key_id = os.urandom(_NONCE), writer.key_id.encode()
    sealed = _cipher(writer.key, writer.salt).encrypt(nonce, payload.SerializeToString(), _associated(key_id))
    metadata = {"encoding": ENCODING, "encryption-cipher": CIPHER, KEY_ID: key_id}
    return Payload(metadata=metadata, data=writer.salt + nonce + sealed)


def _associated(key_id: bytes) -> bytes:
    return b"\0".join((ENCODING, CIPHER, key_id))


@lru_cache(maxsize=512)
def _cipher(key: bytes, salt: bytes) -> AESGCM:
    """Return the cipher of one process; each payload of it has the same salt."""
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=_INFO).derive(key))
