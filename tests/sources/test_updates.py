"""Another request under a reference that is taken: refused, with every field that differs."""

import pytest
from temporalio.exceptions import ApplicationError

from baton.orchestra.rules.zeroconf import ZeroConfPolicy
from baton.orders.models import OrderPolicy
from baton.sources.create_source import CreateSource, SourceRequest
from baton.sources.rules.updates import check_same_source, source_differences
from tests.sources.examples import accumulation, liquidation, standing


def create(request: SourceRequest, **fields: object) -> CreateSource:
    return CreateSource.model_validate({"account": "default", "reference": "r", "request": request, **fields})


def test_the_same_request_passes_whatever_its_edition_and_its_past() -> None:
    check_same_source(create(accumulation()), create(accumulation(), edition=7, again=True))


def test_every_differing_field_is_named() -> None:
    created = create(accumulation(fee_bps=5), metadata={"shop": "7"}, label="Till")
    policy = OrderPolicy(zeroconf=ZeroConfPolicy())
    other = create(accumulation(slippage_bps=9), metadata={"shop": "8"}, policy=policy)

    differing = " / ".join(source_differences(created, other))

    for part in (
        "label: Till created, nothing requested",
        "feeBps: 5 created, nothing requested",
        "slippageBps: nothing created, 9 requested",
        "metadata.shop: 7 created, 8 requested",
        "policy.zeroconf.mode: nothing created, ask requested",
    ):
        assert part in differing
    with pytest.raises(ApplicationError, match="belongs to another request"):
        check_same_source(created, other)


@pytest.mark.parametrize(("one", "other"), [(liquidation(), standing()), (accumulation(), liquidation())])
def test_another_type_is_the_only_difference_that_is_named(one: SourceRequest, other: SourceRequest) -> None:
    [phrase] = source_differences(create(one), create(other))

    assert phrase.startswith("type: ")


@pytest.mark.parametrize("request_", [accumulation(), liquidation(), standing()])
def test_a_request_survives_its_way_through_temporal(request_: SourceRequest) -> None:
    source = create(request_, metadata={"a": "b"})

    read = CreateSource.model_validate_json(source.model_dump_json())

    assert read == source
    assert type(read.request) is type(request_)
