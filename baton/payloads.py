"""The conversion between models and Temporal's payloads, for every process."""

from typing import Any

from pydantic_core import to_json
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter, PydanticPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    EncodingPayloadConverter,
    PayloadConverter,
)

from baton.encryption.keys import ENCODING, KEY_ID, PayloadKeys, unknown_key
from baton.redaction import redacted, redacted_bytes


class _JsonWithoutNulls(PydanticJSONPlainPayloadConverter):
    """Leaves out the fields of models that are None: of an order's record these are most, in every event."""

    def to_payload(self, value: Any) -> Payload | None:
        """Return the value as JSON."""
        return Payload(metadata={"encoding": self.encoding.encode()}, data=to_json(value, exclude_none=True))


class _Unreadable(EncodingPayloadConverter):
    """Names the key of an encrypted payload, in a process that has no keys at all."""

    @property
    def encoding(self) -> str:
        return ENCODING.decode()

    def to_payload(self, value: Any) -> Payload | None:
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        raise unknown_key(payload.metadata.get(KEY_ID, b"").decode(errors="replace"))


_JSON = _JsonWithoutNulls()
_CONVERTERS = {**PydanticPayloadConverter().converters, _JSON.encoding.encode(): _JSON, ENCODING: _Unreadable()}


class SharedPayloadConverter(CompositePayloadConverter):
    """Pydantic's payload converter, with one cache of type adapters for the whole process.

    The SDK makes a converter for each workflow run and each activity; pydantic's own would build the adapters of our
    models again in each of them.
    """

    def __init__(self) -> None:
        self.converters = _CONVERTERS


class RedactedFailures(DefaultFailureConverter):
    """Keeps secrets out of the failures that Temporal stores, also those of errors that nobody expected."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Write an exception and its causes into a failure."""
        super().to_failure(exception, payload_converter, failure)
        _redact(failure)


class EncodedRedactedFailures(DefaultFailureConverterWithEncodedAttributes):
    """The same, with texts and stack traces where a codec encrypts them."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Write an exception and its causes into a failure."""
        super().to_failure(exception, payload_converter, failure)
        _redact(failure)


def _redact(failure: Failure) -> None:
    failure.message, failure.stack_trace = redacted(failure.message), redacted(failure.stack_trace)
    if failure.HasField("encoded_attributes"):
        failure.encoded_attributes.data = redacted_bytes(failure.encoded_attributes.data)


data_converter = DataConverter(payload_converter_class=SharedPayloadConverter, failure_converter_class=RedactedFailures)
"""Clients may use `temporalio.contrib.pydantic.pydantic_data_converter` as well: each reads what the other writes."""


def encrypting_converter(keys: PayloadKeys) -> DataConverter:
    """Return the data converter of a Temporal client whose payloads are encrypted, failure texts included.

    A business app that opens its own Temporal client passes it there, with the keys of Baton's processes.
    """
    # Without encryption a business app does not need the cryptography library.
    from baton.encryption.codec import EncryptionCodec

    return DataConverter(
        payload_converter_class=SharedPayloadConverter,
        failure_converter_class=EncodedRedactedFailures,
        payload_codec=EncryptionCodec(keys),
    )
