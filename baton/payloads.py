"""The conversion between models and Temporal's payloads, for every process."""

from collections.abc import Sequence
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
    PayloadCodec,
    PayloadConverter,
)
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from baton.encryption.keys import ENCODING, KEY_ID, PayloadKeys, UnreadablePayload, unknown_key
from baton.redaction import redacted, redacted_bytes


class _JsonWithoutNulls(PydanticJSONPlainPayloadConverter):
    """Leaves out the fields of models that are None: of an order's record these are most, in every event."""

    def to_payload(self, value: Any) -> Payload | None:
        """Return the value as JSON."""
        return Payload(metadata={"encoding": self.encoding.encode()}, data=to_json(value, exclude_none=True))


class CodecWithoutKeys(PayloadCodec):
    """Names the key of an encrypted payload, in a process that has no keys at all.

    A converter could name it too, but only a codec keeps the whole task waiting: a workflow drops a signal that its
    converter cannot read, and Nexus fails an operation for good.
    """

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they are."""
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they are.

        Raises:
            UnknownKey: One is encrypted.
        """
        for payload in payloads:
            if payload.metadata.get("encoding") == ENCODING:
                raise unknown_key(payload.metadata.get(KEY_ID, b"").decode(errors="replace"))
        return list(payloads)


_JSON = _JsonWithoutNulls()
_CONVERTERS = {**PydanticPayloadConverter().converters, _JSON.encoding.encode(): _JSON}


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
        super().to_failure(_brief(exception), payload_converter, failure)
        _complete(exception, failure)


class EncodedRedactedFailures(DefaultFailureConverterWithEncodedAttributes):
    """The same, with texts and stack traces where a codec encrypts them."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Write an exception and its causes into a failure."""
        super().to_failure(_brief(exception), payload_converter, failure)
        _complete(exception, failure)


def _brief(exception: BaseException) -> BaseException:
    """Take the stack trace from what was to be expected, as each read without news is: its words say all."""
    expected = isinstance(exception, ApplicationError) and exception.category is ApplicationErrorCategory.BENIGN
    return exception.with_traceback(None) if expected else exception


def _complete(exception: BaseException, failure: Failure) -> None:
    """Blank out secrets, and have Temporal repeat what only needs a key.

    The SDK fails an activity for good if it cannot read the progress that the attempt before left.
    """
    if isinstance(exception, ApplicationError) and isinstance(exception.__cause__, UnreadablePayload):
        failure.application_failure_info.non_retryable = False
    failure.message, failure.stack_trace = redacted(failure.message), redacted(failure.stack_trace)
    if failure.HasField("encoded_attributes"):
        failure.encoded_attributes.data = redacted_bytes(failure.encoded_attributes.data)


data_converter = DataConverter(
    payload_converter_class=SharedPayloadConverter,
    failure_converter_class=RedactedFailures,
    payload_codec=CodecWithoutKeys(),
)
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
