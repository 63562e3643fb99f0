"""Payloads leave out what is None, so None must be what a model takes where a field is missing."""

import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from baton.encryption.keys import PayloadKeys, new_key
from baton.orders.place_order import PlaceOrder
from baton.payloads import data_converter, encrypting_converter
from baton.redaction import remember
from tests.end_to_end.world import USDC_TO_BTC

ROOMS = ("baton.orders", "baton.sources", "baton.affiliates", "baton.nexus", "baton.orchestra")
"""Where the models are that travel through Temporal."""

STAYS = {"RepriceVerdict", "EstimateDocument", "EstimateAmounts", "RouteLine", "OnrampPolicy"}
"""Models of these rooms that do not travel."""

EQUAL = {"OnrampPaused.status"}
"""Fields whose default says what None would say."""


def models() -> Iterator[type[BaseModel]]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            importlib.import_module(module.name)
    yield from {model for model in _below(BaseModel) if model.__module__.startswith(ROOMS)}


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for below in model.__subclasses__():
        yield below
        yield from _below(below)


def may_be_none(kind: Any) -> bool:
    if kind is None or kind is type(None):
        return True
    if typing.get_origin(kind) is Annotated:
        return may_be_none(typing.get_args(kind)[0])
    return typing.get_origin(kind) in (typing.Union, types.UnionType) and any(map(may_be_none, typing.get_args(kind)))


def test_a_field_that_may_be_none_is_none_where_it_is_missing() -> None:
    others = {
        f"{model.__name__}.{name}"
        for model in models()
        if model.__name__ not in STAYS
        for name, field in model.model_fields.items()
        if may_be_none(field.annotation) and field.default is not None
    }
    assert others - EQUAL == set()


@pytest.mark.parametrize(("writer", "reader"), [(0, 1), (1, 0), (0, 0)])
async def test_each_converter_reads_what_the_other_writes(writer: int, reader: int) -> None:
    converters = (data_converter, pydantic_data_converter)
    order = PlaceOrder.model_validate({"account": "default", "reference": "a", "request": USDC_TO_BTC})
    payloads = await converters[writer].encode([order])
    (read,) = await converters[reader].decode(payloads, [PlaceOrder])
    assert read == order
    assert (b"null" in payloads[0].data) is (writer == 1)


@pytest.mark.parametrize("keys", [None, PayloadKeys(text=new_key("k1"))], ids=["clear", "encrypted"])
async def test_the_failure_of_an_unexpected_error_holds_no_secret(keys: PayloadKeys | None) -> None:
    secret = "Hq7wE2rT9yU4iO6pA1sD"
    remember(secret)
    converter = encrypting_converter(keys) if keys else data_converter
    failure = Failure()
    try:
        try:
            raise ValueError(f"inner {secret}")
        except ValueError as inner:
            raise RuntimeError(f"outer {secret}") from inner
    except RuntimeError as error:
        await converter.encode_failure(error, failure)
    assert secret.encode() not in failure.SerializeToString()
    decoded = await converter.decode_failure(failure)
    assert "outer [secret]" in str(decoded)
    assert "inner [secret]" in str(decoded.__cause__)


@pytest.mark.parametrize("keys", [None, PayloadKeys(text=new_key("k1"))], ids=["clear", "encrypted"])
@pytest.mark.parametrize("category", ApplicationErrorCategory)
async def test_only_a_failure_that_nobody_expects_has_a_stack_trace(
    category: ApplicationErrorCategory, keys: PayloadKeys | None
) -> None:
    converter = encrypting_converter(keys) if keys else data_converter
    failure = Failure()
    try:
        raise ApplicationError("nothing new yet", category=category)
    except ApplicationError as error:
        await converter.encode_failure(error, failure)
    decoded = await converter.decode_failure(failure)
    assert "nothing new yet" in str(decoded)
    shown = decoded.failure.stack_trace if isinstance(decoded, ApplicationError) and decoded.failure else ""
    assert (__name__.rpartition(".")[2] in shown) is (category is not ApplicationErrorCategory.BENIGN)
