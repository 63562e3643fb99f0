"""The conversion between models and Temporal's payloads, for every process."""

from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

_CONVERTERS = PydanticPayloadConverter().converters


class SharedPayloadConverter(CompositePayloadConverter):
    """Pydantic's payload converter, with one cache of type adapters for the whole process.

    The SDK makes a converter for each workflow run and each activity; pydantic's own would build the adapters of our
    models again in each of them.
    """

    def __init__(self) -> None:
        self.converters = _CONVERTERS


data_converter = DataConverter(payload_converter_class=SharedPayloadConverter)
"""Writes the same payloads as `temporalio.contrib.pydantic.pydantic_data_converter`, so clients may use either."""
